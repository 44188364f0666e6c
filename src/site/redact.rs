//! What a public site withholds: `--redact sql,values,paths`.
//!
//! Takes artifacts, gives them without what is withheld; pages are then made as ever. Sentences are those of the
//! causes that are left, in the one wording. Messages of failures hold anything, so any redaction takes them.

use crate::artifact::freshness::SourceAges;
use crate::artifact::history::Record;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::{Attribution, Cause, Fingerprint, Root, Side, TestResult, Word, reasons, title};
use crate::fingerprint::{Component, InputKind, Kind};
use crate::plan::{Code, RootKind};
use crate::test::TestAction;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands in the place of a path.
pub const PATH: &str = "path withheld";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Compiled text, and diffs of texts.
    pub sql: bool,
    /// Values of settings, vars, variables and source data, and addresses of HTTP requests.
    pub values: bool,
    /// Where files are in the project.
    pub paths: bool,
}

impl Redaction {
    pub fn is_none(self) -> bool {
        self == Redaction::default()
    }

    /// `SQL and Python text, values`; empty when nothing is withheld.
    pub fn words(self) -> String {
        let parts = [(self.sql, "SQL and Python text"), (self.values, "values"), (self.paths, "paths of files")];
        let mut words: Vec<&str> = parts.iter().filter(|(withheld, _)| *withheld).map(|(_, words)| *words).collect();
        if !words.is_empty() {
            words.push("messages of failures");
        }
        words.join(", ")
    }

    pub fn manifest(self, mut manifest: Manifest) -> Manifest {
        if self.is_none() {
            return manifest;
        }
        for node in manifest.nodes.values_mut() {
            self.fingerprint(&mut node.fingerprint);
            if self.sql {
                node.compiled = None;
                // A reason may quote the text.
                for column in &mut node.columns {
                    column.lineage.reason = column.lineage.reason.take().map(|_| "the reason is withheld".into());
                }
            }
            if self.values {
                node.meta = None;
            }
            if self.paths {
                node.path = PATH.into();
            }
        }
        for test in manifest.tests.values_mut() {
            if self.sql {
                test.query = None;
            }
            if self.paths {
                test.at = PATH.into();
            }
        }
        for exposure in manifest.exposures.values_mut() {
            if self.values {
                exposure.meta = None;
            }
            if self.paths {
                exposure.at = PATH.into();
            }
        }
        for source in manifest.sources.values_mut() {
            if self.values {
                source.meta = None;
            }
            if self.paths {
                source.location = source.location.iter().map(|_| PATH.into()).collect();
            }
            if let Some(watch) = source.watch.as_mut().filter(|_| self.paths || self.values) {
                watch.why = watch.why.take().map(|_| "the reason is withheld".into());
            }
        }
        if self.paths {
            let files = std::mem::take(&mut manifest.macros).into_values().enumerate();
            manifest.macros = files
                .map(|(number, file)| {
                    let path = format!("{PATH} ({})", number + 1);
                    (path.clone(), crate::artifact::manifest::MacroFile { path, ..file })
                })
                .collect();
        }
        manifest
    }

    /// Why an age can't be told may quote anything.
    pub fn ages(self, mut ages: SourceAges) -> SourceAges {
        for age in ages.sources.values_mut().filter(|age| !self.is_none() && age.age_seconds.is_none()) {
            age.sentence = "its age can't be told".into();
        }
        ages
    }

    pub fn record(self, mut record: Record) -> Record {
        record.results = self.results(record.results);
        if self.is_none() {
            return record;
        }
        for recorded in record.fingerprints.values_mut() {
            if let Some(full) = &mut recorded.full {
                self.fingerprint(full);
            }
        }
        record
    }

    pub fn results(self, mut results: RunResults) -> RunResults {
        if self.is_none() {
            return results.completed();
        }
        let mut worded: BTreeMap<String, Cause> = BTreeMap::new();
        for row in &mut results.results {
            self.row(row, &mut worded);
        }
        for root in &mut results.roots {
            self.root(root, &worded);
        }
        for hook in &mut results.hooks {
            hook.error = hook.error.take().map(|_| "the message is withheld".into());
            hook.details.clear();
            hook.at = hook.at.take().filter(|_| !self.paths);
        }
        results.tests.iter_mut().for_each(|test| self.test(test));
        // What was edited is told with values and places, and the sentence of the run is made of it.
        results.groups.clear();
        results.sentence.clear();
        // Selectors may name files, and what a project lets records tell are values.
        if self.paths || self.values {
            results.metadata.command = None;
        }
        if self.values {
            results.metadata.provenance.clear();
        }
        if self.paths {
            results.metadata.git.folder = None;
        }
        let sentences: BTreeMap<&str, &str> =
            results.roots.iter().map(|root| (root.name.as_str(), root.sentence.as_str())).collect();
        for row in &mut results.results {
            let known = row.decision.roots.iter().filter(|_| !row.decision.root_sentences.is_empty());
            row.decision.root_sentences =
                known.filter_map(|root| sentences.get(root.as_str()).map(ToString::to_string)).collect();
        }
        results.completed()
    }

    fn test(self, test: &mut TestResult) {
        let mut worded: BTreeMap<String, Cause> = BTreeMap::new();
        let decision = &mut test.decision;
        for cause in &mut decision.causes {
            let old = cause.sentence.clone();
            self.cause(cause);
            worded.insert(old, cause.clone());
        }
        if decision.action != Word::Known(TestAction::Skip) {
            decision.summary = reasons(&decision.causes);
        }
        for check in &mut decision.checks {
            if let Some(cause) = worded.get(&check.evidence) {
                check.evidence.clone_from(&cause.sentence);
            } else if self.values && !check.ok {
                check.evidence = "the evidence is withheld".into();
            }
        }
        if test.message.is_some() {
            test.message = Some("the message is withheld".into());
            test.sentence = "the message is withheld".into();
        }
        test.details.clear();
        if self.sql {
            test.statement = None;
        }
        if self.values {
            test.sample = None;
        }
        if self.paths {
            test.at = PATH.into();
        }
    }

    fn row(self, row: &mut ResultRow, worded: &mut BTreeMap<String, Cause>) {
        let whole = row.decision.summary == reasons(&row.decision.causes);
        let before = row.decision.causes.first().map(|cause| cause.sentence.clone()).unwrap_or_default();
        for cause in &mut row.decision.causes {
            let old = cause.sentence.clone();
            self.cause(cause);
            worded.insert(old, cause.clone());
        }
        let rest = row.decision.summary.strip_prefix(&before).filter(|_| !before.is_empty());
        if let (Some(rest), Some(first)) = (rest, row.decision.causes.first()) {
            row.decision.summary = format!("{}{rest}", first.sentence);
        }
        if whole {
            row.decision.summary = reasons(&row.decision.causes);
        }
        if row.message.is_some() {
            row.message = Some("the message is withheld".into());
        }
        row.details.clear();
        row.at = row.at.take().filter(|_| !self.paths);
        if self.paths {
            row.notes.clear();
        }
        if self.paths || self.values {
            // What a query reads by itself goes by its path or address.
            row.decision.unwatched.clear();
            let sources = row.decision.checks.iter_mut().filter(|check| check.name == "source");
            sources.for_each(|check| check.evidence = "some data isn't watched".into());
        }
        for check in &mut row.decision.checks {
            if let Some(cause) = worded.get(&check.evidence) {
                check.evidence.clone_from(&cause.sentence);
            }
        }
        if let Some(http) = row.http.as_mut().filter(|_| self.values) {
            http.entries.clear();
            http.keys.clear();
            http.notes.clear();
        }
    }

    /// Takes out of a reason what is withheld, and words it anew.
    pub fn cause(self, cause: &mut Cause) {
        if self.is_none() {
            return;
        }
        let kind = cause.kind.as_ref().and_then(Word::known);
        let text = kind.is_some_and(Kind::is_text);
        // Of what isn't known, nothing may be shown that could be withheld.
        let unknown =
            cause.code.unknown().is_some() || cause.kind.as_ref().is_some_and(|kind| kind.unknown().is_some());
        for side in [&mut cause.before, &mut cause.after].into_iter().flatten() {
            let files = self.paths && kind.is_some_and(of_files);
            if unknown || (self.values && !text) || (self.sql && text) || files {
                withhold(side);
            }
        }
        if unknown || if text { self.sql } else { self.values } {
            cause.diff = None;
        }
        if self.sql {
            // A part of a Python text is called by what stands in it.
            cause.attributed_to.retain(|found| !is_part(found));
        }
        for found in &mut cause.attributed_to {
            self.attribution(found);
        }
        if self.paths {
            let of_file = unknown || kind.is_some_and(|kind| kind.is_text() || matches!(kind, Kind::Seed | Kind::File));
            cause.name = cause.name.take().filter(|_| !of_file);
            cause.detail = None;
        }
        if self.values || unknown {
            cause.detail = None;
        }
        if cause.code == Code::SourceUnwatched && (self.paths || self.values) {
            // The path or address of what a query reads by itself.
            cause.name = cause.name.take().filter(|name| !name.contains(['/', '(']));
        }
        *cause = cause.clone().worded();
    }

    fn attribution(self, found: &mut Attribution) {
        let is_value = matches!(found.kind.known(), Some(InputKind::Var | InputKind::Env));
        if found.kind.unknown().is_some() || if is_value { self.values } else { self.sql } {
            found.diff = None;
            (found.before_value, found.after_value) = (None, None);
        }
        if self.paths {
            if found.name == found.path {
                found.name = PATH.into();
            }
            found.path = PATH.into();
            found.line = 0;
        }
    }

    /// A root's sentence is that of a cause; one that no row has may hold what is withheld, so its code speaks.
    fn root(self, root: &mut Root, worded: &BTreeMap<String, Cause>) {
        root.edited = None;
        let node = (root.kind != RootKind::Global).then_some(root.name.as_str());
        let cause = worded.get(&root.sentence);
        // One that an older fft wrote none for, and this one none, gets one when all is complete.
        root.clause = cause.map(|cause| cause.clause(node)).unwrap_or_default();
        root.sentence = cause.map_or_else(|| title(&root.code), |cause| cause.sentence.clone());
    }

    fn fingerprint(self, fingerprint: &mut Fingerprint) {
        let fingerprint = match fingerprint {
            Fingerprint::Known(known) => known,
            Fingerprint::Newer(newer) => return newer.withhold(PATH),
        };
        for component in &mut fingerprint.components {
            let component = Arc::make_mut(component);
            self.component(component);
        }
        for input in Arc::make_mut(&mut fingerprint.inputs) {
            input.value = input.value.take().filter(|_| !self.values);
            if self.paths {
                if input.name == input.path {
                    input.name = PATH.into();
                }
                input.path = PATH.into();
                input.line = 0;
            }
        }
    }

    /// Takes out of a component what is withheld.
    pub fn component(self, component: &mut Component) {
        let text = component.kind.is_text();
        let upstream = component.kind == Kind::Upstream;
        if component.value.is_some() && !upstream && if text { self.sql } else { self.values } {
            component.value = None;
            component.withheld = true;
        }
        if self.paths && of_files(component.kind) && component.value.take().is_some() {
            component.withheld = true;
        }
        if self.paths && (text || matches!(component.kind, Kind::Seed | Kind::File)) {
            component.name = PATH.into();
        }
    }
}

fn is_part(found: &Attribution) -> bool {
    use InputKind::{Class, Constant, Function, Import, Statement};
    match found.kind.known() {
        Some(Function | Class | Import | Statement) => true,
        Some(Constant) => found.path.ends_with(".py"),
        _ => false,
    }
}

/// Whether values of this kind tell where files are.
fn of_files(kind: Kind) -> bool {
    matches!(kind, Kind::File | Kind::Source | Kind::SourceData)
}

fn withhold(side: &mut Side) {
    if side.value.take().is_some() {
        side.withheld = true;
    }
}

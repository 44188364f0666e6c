//! Records each node as it ends, and the run's artifacts when it is over.

use super::Failure;
use super::prepare::{Loaded, Prepared};
use super::terminal::Terminal;
use crate::artifact::cache::Cache;
use crate::artifact::catalog::{Catalog, CatalogMetadata};
use crate::artifact::described::unknown_columns;
use crate::artifact::evidence::Evidence;
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::lineage;
use crate::artifact::manifest::{Facts, Git, Manifest, Metadata, SCHEMA_VERSION};
use crate::artifact::prune::prune_after_run;
use crate::artifact::results::RunResults;
use crate::artifact::{sums, write_changed};
use crate::diagnostic::{Diagnostic, grouped};
use crate::digest::Digest;
use crate::engine::{CatalogRelation, EngineError, ErrorKind, Relations, SchemaName};
use crate::execute::{Execution, Outcome, Status};
use crate::plan::{Action, CacheMode, Entry, Failure as FailedBuild, Known, Plan, upstream_outputs};
use crate::project::redact;
use crate::secret::Secrets;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Warnings about lineage that are told one by one.
const SHOWN: usize = 20;

/// What is recorded while a run goes on.
pub struct Recorder {
    run_id: String,
    git: Git,
    mode: CacheMode,
    /// Whether this run built anything.
    changed: bool,
    /// With early cutoff: what each node gives.
    outputs: Vec<Option<Digest>>,
    /// Entries that this run made.
    entries: Vec<Entry>,
    failures: Vec<FailedBuild>,
    /// What could not be written, each with why; the rest is written all the same.
    problems: Vec<(&'static str, String)>,
}

impl Recorder {
    pub fn new(run_id: &str, git: Git, mode: CacheMode, nodes: usize) -> Recorder {
        Recorder {
            run_id: run_id.into(),
            git,
            mode,
            changed: false,
            outputs: vec![None; nodes],
            entries: Vec::new(),
            failures: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Saves what a node left: its entry and evidence after a build, the failure after one that failed.
    pub fn ended(
        &mut self,
        execution: &Execution<'_>,
        known: Known<'_>,
        cache: &mut Cache,
        evidence: &mut Evidence,
        outcome: &Outcome,
    ) {
        let decision = outcome.decision(execution.plan);
        let built = outcome.status == Status::Success;
        let skipped = outcome.status == Status::Skipped;
        let takes = skipped && decision.takes_fingerprint;
        self.changed |= built;
        self.outputs[outcome.node] = outcome.output;
        match outcome.status {
            _ if !self.mode.writes() => {}
            _ if built || takes => {
                let entry = self.entry(execution, known, outcome);
                self.note("the evidence of a build", evidence.keep(&decision.fingerprint));
                self.note("the record of a build", cache.built(&entry));
                self.entries.push(entry);
            }
            _ if skipped && decision.taken.is_some() => {
                let entry = decision.taken.as_deref().cloned().expect("invariant: just seen");
                self.note("the evidence of a build", evidence.keep(&decision.fingerprint));
                self.note("the record of a build", cache.built(&entry));
                self.entries.push(entry);
            }
            // What the node's own entry vouches for is there, or is kept again.
            Status::Skipped => {
                let own = known.state.entries.get(&execution.graph.nodes[outcome.node].name);
                if own.is_some_and(|own| own.fingerprint.value == decision.fingerprint.value) {
                    self.note("the evidence of a build", evidence.mend(&decision.fingerprint));
                }
            }
            Status::Error => {
                let node = execution.graph.nodes[outcome.node].name.clone();
                let message = outcome.message.clone().unwrap_or_default();
                let failure = FailedBuild { node, run_id: self.run_id.clone(), message };
                self.note("the record of a failure", cache.failed(&failure));
                self.failures.push(failure);
            }
            _ => {}
        }
    }

    /// Takes note of a write that failed; of several alike, once.
    fn note(&mut self, what: &'static str, written: io::Result<()>) {
        if let Err(error) = written {
            let problem = (what, error.to_string());
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    fn entry(&self, execution: &Execution<'_>, known: Known<'_>, outcome: &Outcome) -> Entry {
        let decision = outcome.decision(execution.plan);
        let node = &execution.graph.nodes[outcome.node];
        let took = decision.action == Action::Skip;
        // What was not built is what it was.
        let before = known.state.entries.get(&node.name).filter(|_| took);
        let hermetic = before.map_or(outcome.http.is_none(), |before| before.hermetic);
        let entry = execution.entry(outcome.node, &outcome.upstream_builds, hermetic);
        Entry {
            fingerprint: decision.fingerprint.clone(),
            outline: before.map_or(outcome.outline.clone(), |before| before.outline.clone()),
            output: before.map_or(outcome.output, |before| before.output),
            upstream_outputs: upstream_outputs(execution.graph, outcome.node, |up| self.outputs[up]),
            identity: before.map_or(outcome.identity, |before| before.identity),
            folder: before.map_or(entry.folder, |before| before.folder),
            rows: before.map_or(outcome.rows, |before| before.rows),
            note: took.then(|| decision.primary().code.as_str().to_string()),
            ..entry
        }
    }

    /// Writes the artifacts of a run that is over, each of them whatever becomes of the others, and gives those that say
    /// what the project is. What is wrong with lineage that YAML declares is told, and what could not be written.
    pub fn finish(
        mut self,
        prepared: &mut Prepared,
        plan: &Plan,
        results: &RunResults,
        terminal: &Terminal,
    ) -> (Manifest, Catalog, Result<(), Failure>) {
        self.apply(prepared);
        let catalog = self.catalog(prepared, results, terminal);
        let metadata = self.metadata(prepared, results);
        let loaded = &prepared.loaded;
        let (world, layout) = (&*loaded.world, &loaded.layout);
        let fingerprints = plan.decisions.iter().map(|decision| &decision.fingerprint);
        let dialect = &loaded.dialect;
        let (lineage, kept) = lineage::trace(world, layout, &loaded.project, &loaded.graph, &**dialect, &catalog);
        self.note("lineage.cache", kept);
        let (manifest, written) = Manifest::new(
            &loaded.project,
            &loaded.graph,
            fingerprints,
            &Facts { catalog: &catalog, lineage: &lineage, observed: &prepared.observed },
            |relation| dialect.relation(relation),
            metadata,
        )
        .write(world, &layout.manifest());
        self.note("manifest.json", written);
        for (what, written) in write_results(loaded, plan, results) {
            self.note(what, written);
        }
        let cache = layout.cache(&prepared.engine.target());
        let keep = loaded.project.settings.history_keep;
        let pruned = prune_after_run(&loaded.world, layout, keep, (&cache, &prepared.state));
        self.note("the history", pruned.map(drop));
        self.note("digests.sha256", sums::write(world, layout));
        self.note("the cache", prepared.cache.compact(&prepared.state));
        unknown_columns(&loaded.project, &loaded.graph, &catalog).iter().for_each(|problem| terminal.warn(problem));
        let problems: Vec<&Diagnostic> = lineage.iter().flat_map(|traced| &traced.problems).collect();
        problems.iter().take(SHOWN).for_each(|problem| terminal.warn(problem));
        if problems.len() > SHOWN {
            let more = grouped(problems.len() - SHOWN);
            let message = format!("and {more} more columns of declared lineage aren't there");
            terminal.warn(&Diagnostic::warning("unknown-column", message));
        }
        if let Some(words) = prepared.evidence.mended() {
            terminal.warning(&words);
        }
        let told = if self.problems.is_empty() { Ok(()) } else { Err(Failure::Records(self.problems)) };
        (manifest, catalog, told)
    }

    /// Brings the state in memory to what the cache file says now.
    fn apply(&self, prepared: &mut Prepared) {
        for entry in &self.entries {
            prepared.state.failures.remove(&entry.node);
            prepared.state.entries.insert(entry.node.clone(), entry.clone());
        }
        for failure in &self.failures {
            prepared.state.failures.insert(failure.node.clone(), failure.clone());
        }
    }

    fn metadata(&self, prepared: &Prepared, results: &RunResults) -> Metadata {
        Metadata {
            engine: results.engine.clone(),
            generated_at: results.run_finished_at.clone(),
            git: self.git.clone(),
            profile: results.profile.clone(),
            project: results.metadata.project.clone(),
            project_version: prepared.loaded.project.settings.version.clone(),
            run_id: self.run_id.clone(),
            schema_version: SCHEMA_VERSION.into(),
            tool_version: results.metadata.tool_version.clone(),
        }
    }

    /// The engine is asked for columns only when something was built, or the last run was on another profile or
    /// database. A run whose database is gone keeps what it knew: its results are written all the same.
    fn catalog(&mut self, prepared: &mut Prepared, results: &RunResults, terminal: &Terminal) -> Catalog {
        let path = prepared.loaded.layout.catalog();
        let database = prepared.loaded.layout.cache(&prepared.engine.target());
        let database = database.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
        if !self.changed && prepared.loaded.world.exists(&path) {
            let kept = Catalog::read(&*prepared.loaded.world, &path);
            if (&kept.metadata.database, &kept.metadata.profile) == (&database, &results.profile) {
                return kept;
            }
        }
        let found = described(prepared).or_else(|error| match error.kind {
            // Lost in the course of the run, perhaps: a new session tells.
            ErrorKind::Connection => prepared.engine.session().and_then(|session| {
                prepared.session = session;
                described(prepared)
            }),
            _ => Err(error),
        });
        let loaded = &prepared.loaded;
        let (relations, found) = match found {
            Ok(found) => found,
            Err(error) => {
                let words = redact(&error.message, &loaded.secrets);
                terminal.warning(&format!("catalog.json could not be brought up to date: {words}"));
                return Catalog::read(&*loaded.world, &path);
            }
        };
        let metadata = CatalogMetadata {
            database,
            engine: results.engine.clone(),
            generated_at: results.run_finished_at.clone(),
            profile: results.profile.clone(),
            run_id: self.run_id.clone(),
            schema_version: SCHEMA_VERSION.into(),
        };
        let catalog = Catalog::new(&loaded.graph, &relations, found, metadata);
        match write_changed(&*loaded.world, &path, &crate::artifact::json(&catalog)) {
            Ok(_) => catalog,
            // What couldn't be written here can't be in the manifest either.
            Err(error) => {
                self.note("catalog.json", Err(error));
                Catalog::read(&*loaded.world, &path)
            }
        }
    }
}

/// Writes what a run came to: run_results.json, and its record behind the one before. A text of it that holds a secret
/// all the same, though messages are free of them, loses it: a run never goes without a record.
pub fn write_results(loaded: &Loaded, plan: &Plan, results: &RunResults) -> [(&'static str, io::Result<()>); 2] {
    let (world, layout) = (&*loaded.world, &loaded.layout);
    let write = |results: &RunResults| world.write(&layout.run_results(), &crate::artifact::json(results));
    let mut written = write(results);
    let clean = written.as_ref().err().and_then(|_| without_secrets(results, &loaded.secrets));
    if let Some(clean) = &clean {
        written = write(clean);
    }
    let record = clean.as_ref().unwrap_or(results).clone();
    let added = History::new(world, layout.runs()).add(record, recorded(loaded, plan));
    [("run_results.json", written), ("the run's record", added)]
}

fn without_secrets(results: &RunResults, secrets: &Secrets) -> Option<RunResults> {
    let text = serde_json::to_string(results).expect("invariant: results are JSON");
    match secrets.hide(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => serde_json::from_str(&text).ok(),
    }
}

/// What the engine has in the schemas of the project.
fn described(prepared: &mut Prepared) -> Result<(Relations, Vec<CatalogRelation>), EngineError> {
    let relations = prepared.session.relations()?;
    let nodes = prepared.loaded.graph.nodes.iter();
    let schemas: BTreeSet<SchemaName> = nodes.map(|node| SchemaName::of(&node.relation)).collect();
    Ok((relations, prepared.session.catalog(&schemas)?))
}

/// Each node's fingerprint as the run's record keeps it: whole where the run its baseline names hasn't the same.
fn recorded(loaded: &Loaded, plan: &Plan) -> BTreeMap<String, RecordedFingerprint> {
    let one = |decision: &crate::plan::Decision| {
        let value = decision.fingerprint.value;
        let baseline = decision.baseline.as_ref().filter(|_| decision.taken.is_none());
        let known = baseline.is_some_and(|baseline| baseline.fingerprint == value);
        let full = (decision.action == Action::Build || !known).then(|| (&decision.fingerprint).into());
        let name = loaded.graph.nodes[decision.node].name.to_string();
        (name, RecordedFingerprint { full, value })
    };
    plan.decisions.iter().map(one).collect()
}

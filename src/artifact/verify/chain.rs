//! Runs, the oldest first: each names the one before with its digest, and what it says of a node must agree with the
//! fingerprints that it and the node's baseline recorded.

use super::{Place, Verification};
use crate::artifact::history::Pruned;
use crate::artifact::wire::{self, Cause, Record, ResultRow, RunResults, Word};
use crate::digest::Digest;
use crate::execute::Status;
use crate::fingerprint::Kind;
use crate::plan::{Code, Reads};
use std::collections::{BTreeMap, BTreeSet};

/// What is remembered of the runs so far.
#[derive(Default)]
pub(super) struct Chain {
    /// Runs that were pruned, with the digests that their files had.
    pruned: Pruned,
    /// Id and digest of the run before.
    last: Option<(String, Digest)>,
    /// By run, then by node.
    values: BTreeMap<String, BTreeMap<String, Digest>>,
    /// What each node read of each upstream node, by run, node and upstream node.
    reads: BTreeMap<String, BTreeMap<String, BTreeMap<String, Digest>>>,
    /// Kinds and digests of the components that a run recorded for a node.
    components: BTreeMap<(String, String), BTreeSet<(Kind, Digest)>>,
    newest: Option<RunResults>,
}

impl Verification<'_> {
    /// The file that tells which runs were pruned; called before the first run.
    pub fn pruned(&mut self, file: &str, bytes: &[u8]) {
        match serde_json::from_slice(bytes) {
            Ok(pruned) => self.chain.pruned = pruned,
            Err(error) => self.find(Place { file, node: None }, None, &format!("can't be read: {error}")),
        }
    }

    /// The file of the run `id`.
    pub fn run(&mut self, id: &str, bytes: &[u8]) {
        self.report.counts.runs += 1;
        let file = format!("runs/{id}.json");
        let place = Place { file: &file, node: None };
        match wire::read::<Record>(bytes) {
            Ok(record) => self.record(place, id, record),
            Err(error) => {
                self.unreadable(place, &error);
                self.chain.newest = None;
            }
        }
        self.chain.last = Some((id.to_string(), Digest::of(bytes)));
    }

    fn record(&mut self, place: Place<'_>, id: &str, record: Record) {
        if record.results.metadata.run_id != id {
            let problem = format!("it is the record of run {}", record.results.metadata.run_id);
            self.find(place, None, &problem);
        }
        self.version(place, &record.results.metadata.schema_version);
        self.link(place, id, &record);
        // The evidence of what was built and recorded is kept.
        let writes = matches!(record.results.cache_mode.as_str(), "rw" | "wo");
        let built = record.results.results.iter().filter(|row| writes && row.status == Status::Success);
        let kept: BTreeSet<&str> = built.map(|row| row.name.as_str()).collect();
        for (node, recorded) in &record.fingerprints {
            let place = Place { node: Some(node), ..place };
            let Some(full) = &recorded.full else { continue };
            if full.value() != recorded.value {
                let problem = format!("it has two fingerprints, {} and {}", recorded.value, full.value());
                self.find(place, None, &problem);
            }
            self.recorded(place, full, kept.contains(node.as_str()));
            let Some(full) = full.known() else { continue };
            let parts = full.components.iter().map(|component| (component.kind, component.digest)).collect();
            self.chain.components.insert((id.into(), node.clone()), parts);
        }
        for row in &record.results.results {
            self.decision(Place { node: Some(&row.name), ..place }, id, row, &record);
        }
        let values = record.fingerprints.into_iter().map(|(node, recorded)| (node, recorded.value));
        self.chain.values.insert(id.into(), values.collect());
        let reads = |row: &ResultRow| {
            let reads = &row.by_column.as_ref()?.reads;
            let all = reads.iter().map(|(up, reads)| (up.clone(), reads.digest)).collect();
            Some((row.name.clone(), all))
        };
        self.chain.reads.insert(id.into(), record.results.results.iter().filter_map(reads).collect());
        self.chain.newest = Some(record.results);
    }

    /// The run before: the file that stands there, or one that was pruned.
    fn link(&mut self, place: Place<'_>, id: &str, record: &Record) {
        let changed = |run: &str| format!("{run}, the run before it, was changed before it was pruned");
        let found = match (&record.previous, &self.chain.last) {
            // What came before the oldest run that is kept was pruned, or nothing tells of it.
            (previous, None) => {
                let pruned = previous.as_ref().and_then(|one| Some((one, self.chain.pruned.get(&one.run_id)?)));
                pruned.filter(|(one, digest)| one.digest != **digest).map(|(one, _)| changed(&one.run_id))
            }
            (None, Some((last, _))) => Some(format!("it names no run before it, where {last} is kept")),
            (Some(previous), Some((last, digest))) if previous.run_id == *last => (previous.digest != *digest)
                .then(|| format!("runs/{last}.json, the run before it, was changed after this run was recorded")),
            (Some(previous), Some((last, _))) => match self.chain.pruned.get(&previous.run_id) {
                _ if previous.run_id.as_str() <= last.as_str() || previous.run_id.as_str() >= id => {
                    Some(format!("it names {} as the run before it, where {last} is", previous.run_id))
                }
                None => Some(format!("{}, the run before it, is missing and was not pruned", previous.run_id)),
                Some(digest) => (*digest != previous.digest).then(|| changed(&previous.run_id)),
            },
        };
        if let Some(problem) = found {
            self.find(place, None, &problem);
        }
    }

    /// What the run says of one node against the fingerprints recorded.
    fn decision(&mut self, place: Place<'_>, run: &str, row: &ResultRow, record: &Record) {
        let decision = &row.decision;
        let now = record.fingerprints.get(&row.name).map(|recorded| recorded.value);
        let Some(now) = now else { return self.find(place, None, "its fingerprint isn't recorded") };
        let Some(baseline) = &decision.baseline else { return };
        if decision.primary_code == Code::AllInputsEqual && now != baseline.fingerprint {
            let problem = format!("it was skipped as equal to run {}, whose fingerprint is another", baseline.run_id);
            self.find(place, None, &problem);
        }
        let then = self.chain.values.get(&baseline.run_id).and_then(|values| values.get(&row.name));
        if then.is_some_and(|then| *then != baseline.fingerprint) {
            let problem = format!("its baseline isn't what run {} recorded", baseline.run_id);
            self.find(place, None, &problem);
        }
        for cause in &decision.causes {
            self.cause(place, run, &baseline.run_id, cause);
            self.output(place, cause, record);
            self.unread(place, &baseline.run_id, cause, row, record);
        }
        self.reads(place, row, record);
    }

    /// What a node reads of each upstream node, by what the upstream node's own row says that it gives.
    fn reads(&mut self, place: Place<'_>, row: &ResultRow, record: &Record) {
        // What was left out of the run is what it was, over what was there then.
        if row.status == Status::NotSelected {
            return;
        }
        for (name, reads) in row.by_column.iter().flat_map(|found| &found.reads) {
            let upstream = record.results.results.iter().find(|row| row.name == *name);
            let Some(given) = upstream.and_then(|row| row.by_column.as_ref()) else { continue };
            if reads.over(&given.gives) != Some(reads.digest) {
                self.find(place, None, &format!("what it is said to read of {name} isn't what that gives"));
            }
        }
    }

    /// An upstream node of which nothing is said to have changed that a node reads: by what that gives now, and by what
    /// the build that the node rests on is recorded to have read.
    fn unread(&mut self, place: Place<'_>, baseline: &str, cause: &Cause, row: &ResultRow, record: &Record) {
        let (Some(told), Some(name)) = (&cause.unread, &cause.name) else { return };
        let upstream = record.results.results.iter().find(|row| row.name == *name);
        if told.left {
            if upstream.is_none_or(|row| row.decision.primary_code != Code::ColumnsUnread) {
                self.find(place, None, &format!("{name} is said to be left as it is, and its row says otherwise"));
            }
            return;
        }
        let given = upstream.and_then(|row| row.by_column.as_ref());
        let reads = Reads { columns: told.columns.clone(), digest: told.digest };
        if given.is_none_or(|given| reads.over(&given.gives) != Some(told.digest)) {
            self.find(
                place,
                None,
                &format!("what it reads of {name} is said not to have changed, and {name} gives another"),
            );
        }
        let then = self.chain.reads.get(baseline).and_then(|nodes| nodes.get(&row.name)?.get(name));
        if then.is_some_and(|then| *then != told.digest) {
            let problem =
                format!("what it reads of {name} is said not to have changed, and run {baseline} read another");
            self.find(place, None, &problem);
        }
    }

    /// An upstream node that is said to give what it gave is the one whose digest this run recorded.
    fn output(&mut self, place: Place<'_>, cause: &Cause, record: &Record) {
        let (Some(told), Some(name)) = (cause.output, &cause.name) else { return };
        let upstream = record.results.results.iter().find(|row| row.name == *name);
        let given = upstream.and_then(|row| row.output);
        if given != Some(told) {
            let given = given.map_or("none".to_string(), |given| given.short());
            let problem = format!(
                "cause {} gives {name} the output {}, whose row has {given}",
                cause.code.as_str(),
                told.short()
            );
            self.find(place, None, &problem);
        }
    }

    /// The two sides of a cause are components of this run and of the baseline's.
    fn cause(&mut self, place: Place<'_>, run: &str, baseline: &str, cause: &Cause) {
        let kind = cause.kind.as_ref().and_then(Word::known);
        let (Some(kind), Some(name), Some(node)) = (kind, &cause.name, place.node) else { return };
        let sides = [(run, &cause.after), (baseline, &cause.before)];
        for (run, side) in sides {
            let Some(side) = side else { continue };
            let recorded = self.chain.components.get(&(run.to_string(), node.to_string()));
            if recorded.is_some_and(|recorded| !recorded.contains(&(kind, side.digest))) {
                let problem = format!(
                    "cause {} gives it the digest {}, which run {run} didn't record",
                    cause.code.as_str(),
                    side.digest.short()
                );
                self.find(place, Some((kind.as_str(), name)), &problem);
            }
        }
    }

    /// No later run vouches for the newest one; run_results.json and the manifest tell the same.
    pub(super) fn compare_newest(&mut self, place: Place<'_>, results: &RunResults) {
        let run = &results.metadata.run_id;
        let Some((last, _)) = self.chain.last.clone() else {
            return self.find(place, None, &format!("run {run} has no record"));
        };
        if *run != last {
            return self.find(place, None, &format!("it tells of run {run}, where {last} is the newest that is kept"));
        }
        if self.chain.newest.as_ref().is_some_and(|newest| newest != results) {
            self.find(place, None, &format!("it tells something else than runs/{last}.json"));
        }
        let file = format!("runs/{last}.json");
        let (Some(manifest), Some(values)) = (self.manifest.take(), self.chain.values.remove(&last)) else { return };
        for (node, value) in values {
            if manifest.get(&node) != Some(&value) {
                self.find(Place { file: &file, node: Some(&node) }, None, "the manifest has another fingerprint");
            }
        }
    }
}

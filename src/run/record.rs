//! Records each node as it ends.

use crate::artifact::cache::Cache;
use crate::artifact::evidence::Evidence;
use crate::digest::Digest;
use crate::execute::{Execution, Outcome, Run, Status, TestOutcome, Testing};
use crate::plan::{Action, CacheMode, Entry, Failure as FailedBuild, Known, State, upstream_outputs};
use crate::test::Record;
use crate::world::instant;
use std::collections::BTreeMap;
use std::io;

/// What is recorded while a run goes on.
pub struct Recorder {
    run_id: String,
    mode: CacheMode,
    /// Whether this run built anything.
    pub changed: bool,
    /// With early cutoff: what each node gives.
    outputs: Vec<Option<Digest>>,
    /// Entries that this run made.
    entries: Vec<Entry>,
    failures: Vec<FailedBuild>,
    /// What could not be written, each with why; the rest is written all the same.
    pub problems: Vec<(&'static str, String)>,
}

impl Recorder {
    pub fn new(run_id: &str, mode: CacheMode, nodes: usize) -> Recorder {
        Recorder {
            run_id: run_id.into(),
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
    pub fn note(&mut self, what: &'static str, written: io::Result<()>) {
        if let Err(error) = written {
            let problem = (what, error.to_string());
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }

    /// The same of one that gives something where it succeeds.
    pub fn noted<T>(&mut self, what: &'static str, written: io::Result<T>) -> Option<T> {
        match written {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(what, Err(error));
                None
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
            by_column: decision.by_column.as_deref().cloned(),
            // Of a relation that something was set at, what tells it apart may be another.
            identity: outcome.identity.or(before.and_then(|before| before.identity)),
            folder: before.map_or(entry.folder, |before| before.folder),
            rows_under: before.map_or(Vec::new(), Entry::rows_under_before),
            rows: before.map_or(outcome.measures.rows(), |before| before.rows),
            note: took.then(|| decision.primary().code.as_str().to_string()),
            ..entry
        }
    }

    /// The last results of tests with those of this run; `None` where there is nothing to record.
    pub fn tests(&self, testing: &Testing, run: &Run) -> Option<BTreeMap<String, Record>> {
        let ran = |outcome: &&TestOutcome| outcome.status.is_result() && !run.interrupted;
        if !self.mode.writes() || !run.tests.iter().any(|outcome| ran(&outcome)) {
            return None;
        }
        let known = |name: &str| testing.suite.tests.iter().any(|test| test.name == name);
        let mut records = testing.records.clone();
        records.retain(|name, _| known(name));
        for outcome in run.tests.iter().filter(ran) {
            let test = &testing.suite.tests[outcome.test];
            let record = Record {
                failures: outcome.failures,
                fingerprint: outcome.decision.fingerprint.clone(),
                read: outcome.read.clone(),
                run_id: run.run_id.clone(),
                status: outcome.status,
                test: test.name.clone(),
                tested_at: instant(outcome.finished_at.unwrap_or(run.finished_at)),
                text: test.query.logical.to_string(),
            };
            records.insert(test.name.clone(), record);
        }
        Some(records)
    }

    /// Brings the state in memory to what the cache file says now.
    pub fn apply(&mut self, state: &mut State) {
        for entry in self.entries.drain(..) {
            state.failures.remove(&entry.node);
            state.entries.insert(entry.node.clone(), entry);
        }
        for failure in self.failures.drain(..) {
            state.failures.insert(failure.node.clone(), failure);
        }
    }
}

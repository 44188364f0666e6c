//! The tests of a run: data that the scheduler, its workers and records share.

use super::{Execution, TestOutcome};
use crate::fingerprint::Data;
use crate::graph::NodeId;
use crate::plan::{Cause, Decision, Unsettled, Unsteady};
use crate::test::{
    Queue, ReadNode, Reads, Record, Request, SourceKey, Suite, TestDecision, TestStatus, decide, fingerprint,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tests of a run; none by default.
#[derive(Debug, Default)]
pub struct Testing {
    pub suite: Arc<Suite>,
    /// Whether each is part of the run.
    pub wanted: Vec<bool>,
    /// The last result of each, by name.
    pub records: BTreeMap<String, Record>,
    /// The data of the sources that they read.
    pub data: BTreeMap<SourceKey, Data>,
    pub request: Request,
    /// Failing rows are kept in a table for each test.
    pub store: bool,
}

impl Testing {
    /// How many tests are part of the run.
    pub fn count(&self) -> usize {
        self.wanted.iter().filter(|wanted| **wanted).count()
    }
}

/// What a node holds when a test looks at it: what this run has built, or what stood before.
pub struct Holds<'a> {
    /// The decision that the node ended with.
    pub decision: &'a Decision,
    /// The outcome of a step of this run that has left its mark.
    pub done: Option<&'a super::Outcome>,
}

impl Execution<'_> {
    /// A test's queue for this run.
    pub fn tests(&self) -> Queue {
        Queue::new(self.graph, &self.testing.suite, &self.testing.wanted)
    }

    /// What a test reads, as `holds` tells of each node.
    pub fn reads<'a>(&self, test: usize, holds: &dyn Fn(NodeId) -> Holds<'a>) -> Vec<Reads> {
        self.testing.suite.tests[test].nodes.iter().map(|id| self.read(*id, &holds(*id))).collect()
    }

    fn read(&self, id: NodeId, Holds { decision, done }: &Holds<'_>) -> Reads {
        let (node, found) = (&self.graph.nodes[id], &self.found[id]);
        let entry = self.state.entries.get(&node.name);
        let has_relation = self.graph.has_relation(id);
        let stores = node.materialization.stores_rows();
        let built = done.filter(|outcome| outcome.status == super::Status::Success);
        let now = decision.fingerprint.value;
        let rows = match built {
            Some(outcome) => {
                ReadNode { identity: outcome.identity, output: outcome.output, run_id: Some(self.run_id.into()) }
            }
            None => {
                let run_id = found.meta.as_ref().map(|meta| meta.run_id.clone());
                let output =
                    entry.filter(|entry| Some(&entry.run_id) == run_id.as_ref()).and_then(|entry| entry.output);
                ReadNode { identity: found.identity, output, run_id }
            }
        };
        let held = if done.is_some() || !has_relation { Some(now) } else { found.held() };
        let volatile = node.volatile.then_some(Unsettled::Volatile);
        Reads {
            name: node.name.to_string(),
            held,
            now,
            stores,
            missing: has_relation && done.is_none() && found.kind.is_none(),
            replaced: done.is_none() && entry.is_some_and(|entry| found.is_replaced(entry)),
            built_now: built.is_some(),
            hermetic: decision.hermetic,
            unsteady: volatile.filter(|_| !stores).map(|why| Unsteady { over: None, why }),
            unwatched: if stores { Vec::new() } else { decision.unwatched.clone() },
            rows,
        }
    }

    /// The decision for a test over what it reads.
    pub fn decide_test(&self, test: usize, reads: &[Reads]) -> TestDecision {
        let testing = self.testing;
        let one = &testing.suite.tests[test];
        let sources = &self.project.sources;
        let made = fingerprint(one, reads, sources, &testing.data, self.graph.layout());
        decide(one, made, reads, &testing.data, testing.records.get(&one.name), testing.request)
    }

    /// A test that isn't run, by the reason for that.
    pub fn blocked_test(&self, test: usize, cause: Cause) -> TestOutcome {
        let one = &self.testing.suite.tests[test];
        let made = fingerprint(one, &[], &self.project.sources, &self.testing.data, self.graph.layout());
        TestOutcome::instant(test, TestStatus::Blocked, TestDecision::blocked(cause, made))
    }
}

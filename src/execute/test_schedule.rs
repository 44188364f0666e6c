//! Tests between nodes: each is decided and handed out once what it reads has ended, and lets what is below it go on, or
//! blocks it.

use super::ask::TestTask;
use super::schedule::{Schedule, Work};
use super::worker::Task;
use super::{Event, Holds, Outcome, Status, TestOutcome};
use crate::graph::NodeId;
use crate::plan::{Cause, Code, Detail};
use crate::project::TestSeverity;
use crate::test::{Reads, TestAction, TestStatus};
use std::collections::BTreeSet;

impl Schedule<'_, '_> {
    /// Decides for the tests that are ready and hands out those that run, as long as there are workers. Whether one came
    /// to its end by that.
    pub fn start_tests(&mut self) -> bool {
        let mut ended = false;
        let mut waiting = Vec::new();
        while let Some(test) = self.queue.pop() {
            // A stopped run leaves what isn't begun, and without a worker nothing can be.
            if self.stopping || self.idle.is_empty() {
                waiting.push(test);
                continue;
            }
            let reads = self.reads(test);
            let decision = self.execution.decide_test(test, &reads);
            match decision.action {
                TestAction::Run => self.hand_out_test(TestTask {
                    test,
                    decision,
                    read: reads.into_iter().map(|read| (read.name, read.rows)).collect(),
                }),
                TestAction::Skip => {
                    self.end_test(TestOutcome::instant(test, TestStatus::Skipped, decision));
                    ended = true;
                }
                TestAction::Block => {
                    self.end_test(TestOutcome::instant(test, TestStatus::Blocked, decision));
                    ended = true;
                }
            }
        }
        waiting.into_iter().for_each(|test| self.queue.push(test));
        ended
    }

    fn hand_out_test(&mut self, task: TestTask) {
        let Some(worker) = self.idle.pop() else { return };
        let work = TestOutcome::instant(task.test, TestStatus::Error, task.decision.clone());
        if self.workers[worker].send(Task::Test(Box::new(task))) {
            self.busy[worker] = Some(Work::Test(Box::new(work)));
        } else {
            self.cut_test(work, "its worker thread is gone");
        }
    }

    fn reads(&self, test: usize) -> Vec<Reads> {
        let holds = |id: NodeId| Holds {
            decision: self.decision(id),
            done: self.outcomes[id].as_ref().filter(|outcome| outcome.is_done()),
        };
        self.execution.reads(test, &holds)
    }

    /// A test has come to its end: what is below goes on, or is blocked.
    pub fn end_test(&mut self, outcome: TestOutcome) {
        let test = &self.execution.testing.suite.tests[outcome.test];
        let failed = matches!(outcome.status, TestStatus::Fail | TestStatus::Error);
        (self.tell)(Event::Tested(Box::new(outcome.clone())));
        if failed && test.terms.severity == TestSeverity::Error {
            let first: BTreeSet<NodeId> = self.queue.below(outcome.test).iter().copied().collect();
            let below = &self.execution.graph.descendants(&first) | &first;
            let blocked =
                |id| Outcome { blocked_by_test: Some(test.name.clone()), ..Outcome::instant(id, Status::Blocked) };
            self.block_all(below, blocked);
        }
        for node in self.queue.end(outcome.test) {
            if self.open[node] == 0 && self.outcomes[node].is_none() {
                self.ready.insert(node);
            }
        }
        self.tests.push(outcome);
    }

    /// A node failed, or wasn't reached: what reads it can't be tested.
    pub fn lose_tests(&mut self, node: NodeId) {
        for test in self.queue.lost(node) {
            let name = self.execution.graph.nodes[node].name.as_str();
            let outcome = self.execution.blocked_test(test, Cause::named(Code::UpstreamFailed, name));
            self.end_test(outcome);
        }
    }

    /// A test that was under way when the run ended.
    pub fn cut_test(&mut self, outcome: TestOutcome, gone: &str) {
        let outcome = if self.left || self.interrupted {
            TestOutcome { message: Some("interrupted".into()), ..outcome }
        } else {
            TestOutcome::panicked(outcome.test, outcome.decision, gone)
        };
        self.end_test(outcome);
    }

    /// What a stopped run leaves.
    pub fn block_tests(&mut self) {
        for test in self.queue.rest() {
            let cause = if self.interrupted {
                Cause::new(Code::UpstreamFailed).detail(Detail::Interrupted)
            } else {
                Cause::new(Code::UpstreamFailed).detail(Detail::RunStopped)
            };
            let outcome = self.execution.blocked_test(test, cause);
            self.end_test(outcome);
        }
    }
}

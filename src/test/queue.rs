//! Which test is next, and which nodes wait for it.
//!
//! A test is ready when every node that it reads has come to its end. A node that lies below one that the test guards
//! waits for the test, where it lies below all that the test reads as well: so nothing waits in a circle, since whatever
//! waits stands on a higher level than what it waits for.

use super::{DataTest, Suite};
use crate::graph::{Graph, NodeId};
use crate::project::TestSeverity;
use std::collections::BTreeSet;

/// The tests of a run on their way.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    /// Nodes that each test reads and that haven't ended.
    open: Vec<usize>,
    /// Tests that read each node.
    readers: Vec<Vec<usize>>,
    /// Tests that each node waits for.
    waits: Vec<usize>,
    /// The first nodes below each test that wait for it.
    held: Vec<Vec<NodeId>>,
    ready: BTreeSet<usize>,
    ended: Vec<bool>,
}

impl Queue {
    /// Of the tests that are `wanted`, in the order of the suite.
    pub fn new(graph: &Graph, suite: &Suite, wanted: &[bool]) -> Queue {
        let count = graph.nodes.len();
        let mut queue = Queue {
            open: Vec::with_capacity(suite.tests.len()),
            readers: vec![Vec::new(); count],
            waits: vec![0; count],
            held: Vec::with_capacity(suite.tests.len()),
            ready: BTreeSet::new(),
            ended: wanted.iter().map(|wanted| !wanted).collect(),
        };
        for (at, test) in suite.tests.iter().enumerate() {
            let wanted = !queue.ended[at];
            let held = if wanted { held(graph, test) } else { Vec::new() };
            held.iter().for_each(|node| queue.waits[*node] += 1);
            queue.held.push(held);
            queue.open.push(test.nodes.len());
            if wanted {
                test.nodes.iter().for_each(|node| queue.readers[*node].push(at));
                if test.nodes.is_empty() {
                    queue.ready.insert(at);
                }
            }
        }
        queue
    }

    /// Tests that are to be run, as far as that is known.
    pub fn count(&self) -> usize {
        self.ended.iter().filter(|ended| !**ended).count()
    }

    /// Takes the next one that is ready.
    pub fn pop(&mut self) -> Option<usize> {
        self.ready.pop_first()
    }

    /// Puts one back that nobody could take.
    pub fn push(&mut self, test: usize) {
        self.ready.insert(test);
    }

    /// A node has come to its end, and its relation stands.
    pub fn came(&mut self, node: NodeId) {
        for test in self.readers.get(node).into_iter().flatten() {
            self.open[*test] -= 1;
            if self.open[*test] == 0 && !self.ended[*test] {
                self.ready.insert(*test);
            }
        }
    }

    /// A node failed or wasn't reached: the tests that can't be run for it, which have not come to an end yet.
    pub fn lost(&self, node: NodeId) -> Vec<usize> {
        self.readers.get(node).into_iter().flatten().copied().filter(|test| !self.ended[*test]).collect()
    }

    /// Whether a node waits for a test.
    pub fn holds(&self, node: NodeId) -> bool {
        self.waits.get(node).is_some_and(|waits| *waits > 0)
    }

    /// A test has come to its end: nodes that wait for no test any longer.
    pub fn end(&mut self, test: usize) -> Vec<NodeId> {
        if std::mem::replace(&mut self.ended[test], true) {
            return Vec::new();
        }
        self.ready.remove(&test);
        let mut free = Vec::new();
        for node in &self.held[test] {
            self.waits[*node] -= 1;
            free.extend((self.waits[*node] == 0).then_some(*node));
        }
        free
    }

    /// The first nodes below a test.
    pub fn below(&self, test: usize) -> &[NodeId] {
        &self.held[test]
    }

    /// Tests that haven't come to an end.
    pub fn rest(&self) -> Vec<usize> {
        (0..self.ended.len()).filter(|test| !self.ended[*test]).collect()
    }
}

/// Of each way down from what a test guards, the first node that lies below all that it reads.
fn held(graph: &Graph, test: &DataTest) -> Vec<NodeId> {
    if test.terms.severity == TestSeverity::Warn {
        return Vec::new();
    }
    let level = test.nodes.iter().map(|node| graph.nodes[*node].level).max().unwrap_or(0);
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<NodeId> = test.guards.iter().copied().collect();
    let mut open: Vec<NodeId> = test.guards.clone();
    while let Some(id) = open.pop() {
        for down in &graph.nodes[id].downstream {
            if graph.nodes[*down].level > level {
                found.insert(*down);
            } else if seen.insert(*down) {
                open.push(*down);
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::graph::tests::graph;
    use crate::project::TestTerms;
    use crate::project::testing::empty;
    use crate::test::TestQuery;

    /// `a ← b ← d`, `c ← d`.
    fn small() -> Graph {
        let project = empty().sql("a", "select 1").sql("c", "select 1");
        graph(project.sql("b", "select * from {{ ref('a') }}").sql("d", "select * from {{ ref('b') }}, {{ ref('c') }}"))
    }

    fn test(graph: &Graph, guards: &[&str], reads: &[&str]) -> DataTest {
        let ids = |names: &[&str]| names.iter().map(|name| graph.find(name).unwrap()).collect::<Vec<_>>();
        DataTest {
            name: "t".into(),
            kind: "query".into(),
            tables: Vec::new(),
            columns: Vec::new(),
            terms: TestTerms::default(),
            tags: Vec::new(),
            at: Location::file("project.yml"),
            query: TestQuery::default(),
            guards: ids(guards),
            nodes: ids(reads),
            sources: Vec::new(),
            unwatched: Vec::new(),
            clock: None,
        }
    }

    #[test]
    fn nodes_wait_for_the_tests_above_them() {
        let graph = small();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| graph.find(name).unwrap());
        let tests = vec![test(&graph, &["a"], &["a"]), test(&graph, &["a"], &["a", "b"])];
        let mut queue = Queue::new(&graph, &Suite { tests }, &[true, true]);
        assert!(queue.holds(b) && queue.holds(d) && !queue.holds(a) && !queue.holds(c));
        assert_eq!(queue.pop(), None);
        queue.came(a);
        assert_eq!((queue.pop(), queue.pop()), (Some(0), None));
        assert_eq!(queue.end(0), [b]);
        queue.came(b);
        assert_eq!(queue.pop(), Some(1));
        assert_eq!((queue.end(1), queue.end(1)), (vec![d], vec![]));
        assert!(!queue.holds(d) && queue.rest().is_empty());
    }

    #[test]
    fn what_a_test_reads_and_is_lost_ends_it() {
        let graph = small();
        let [a, c] = ["a", "c"].map(|name| graph.find(name).unwrap());
        let tests = vec![test(&graph, &["a"], &["a", "c"]), test(&graph, &["c"], &["c"])];
        let queue = Queue::new(&graph, &Suite { tests }, &[true, false]);
        assert_eq!((queue.lost(a), queue.lost(c), queue.count()), (vec![0], vec![0], 1));
        assert_eq!(queue.below(0).len(), 1, "b, and d behind it");
    }

    #[test]
    fn a_test_that_only_warns_holds_nothing() {
        let graph = small();
        let mut warns = test(&graph, &["a"], &["a"]);
        warns.terms.severity = TestSeverity::Warn;
        let queue = Queue::new(&graph, &Suite { tests: vec![warns] }, &[true]);
        assert!((0..4).all(|node| !queue.holds(node)));
    }
}

//! The shortest path from a root to each cascade, ties by the name of the nearest node.
//!
//! A chain of a thousand levels doesn't cost a thousand names a node: each keeps its parent and the first names alone.

use super::PATH_LIMIT;
use crate::graph::{Graph, NodeId};
use std::sync::Arc;

/// Where each node that is rebuilt stands below its nearest root.
pub(super) struct Paths<'a> {
    graph: &'a Graph,
    steps: Vec<Option<Step>>,
}

struct Step {
    distance: usize,
    parent: Option<NodeId>,
    /// The path's first nodes, at most half of [`PATH_LIMIT`].
    head: Arc<[NodeId]>,
}

impl<'a> Paths<'a> {
    pub fn new(graph: &'a Graph) -> Paths<'a> {
        Paths { graph, steps: graph.nodes.iter().map(|_| None).collect() }
    }

    /// Begins a path at a root.
    pub fn start(&mut self, id: NodeId) {
        self.steps[id] = Some(Step { distance: 0, parent: None, head: Arc::from([id]) });
    }

    /// Goes on from the nearest of `upstream`; one that no path leads to was rebuilt by an earlier run, and is a root.
    pub fn extend(&mut self, id: NodeId, upstream: &[NodeId]) {
        for up in upstream {
            if self.steps[*up].is_none() {
                self.start(*up);
            }
        }
        let rank = |up: &&NodeId| (self.steps[**up].as_ref().map(|step| step.distance), &self.graph.nodes[**up].name);
        let Some(parent) = upstream.iter().min_by_key(rank).copied() else { return self.start(id) };
        let above = self.steps[parent].as_ref().expect("invariant: every upstream node has a step");
        let head = if above.head.len() < PATH_LIMIT / 2 {
            above.head.iter().copied().chain([id]).collect()
        } else {
            above.head.clone()
        };
        self.steps[id] = Some(Step { distance: above.distance + 1, parent: Some(parent), head });
    }

    /// The path's names from root to `id`, and how many are left out behind the first half.
    pub fn names(&self, id: NodeId) -> (Vec<String>, usize) {
        let Some(step) = &self.steps[id] else { return (Vec::new(), 0) };
        let length = step.distance + 1;
        let (head, tail) = if length <= PATH_LIMIT { (0, length) } else { (PATH_LIMIT / 2, PATH_LIMIT / 2) };
        let parent = |id: &NodeId| self.steps[*id].as_ref().and_then(|step| step.parent);
        let mut last: Vec<NodeId> = std::iter::successors(Some(id), parent).take(tail).collect();
        last.reverse();
        let path = step.head[..head].iter().chain(&last);
        (path.map(|id| self.graph.nodes[*id].name.to_string()).collect(), length - head - tail)
    }
}

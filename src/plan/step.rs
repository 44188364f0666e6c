//! What is done: the steps that a plan comes to, each with its reasons in the decision of its node.

use super::{Action, Cause, Decision, Plan};
use crate::dialect::RelationKind;
use crate::graph::{Graph, NodeId};
use crate::name::RelationName;

/// One piece of work on the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Build {
        node: NodeId,
        how: How,
    },
    /// Record the new fingerprint of a node that is skipped.
    Record(NodeId),
    /// Set what differs at the relation of a node that is skipped, beside its rows, and record the fingerprint.
    Apply(NodeId),
}

/// How a node is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A relation of that kind is made, whole, in the place of what stands.
    Full(RelationKind),
    /// What stands, a table, is extended by what is new.
    Extend,
    /// Versions of rows are added to those that stand; `anew`: those are given up, and the history begins again.
    Versions { anew: bool },
}

impl How {
    /// What then stands.
    pub fn kind(self) -> RelationKind {
        match self {
            How::Full(kind) => kind,
            How::Extend | How::Versions { .. } => RelationKind::Table,
        }
    }
}

impl Step {
    pub fn node(self) -> NodeId {
        let (Step::Build { node, .. } | Step::Record(node) | Step::Apply(node)) = self;
        node
    }
}

impl Decision {
    /// Whether something that is set at the relation, beside its rows, is to be another.
    pub fn applies(&self) -> bool {
        self.takes_fingerprint && self.causes().iter().any(Cause::applies)
    }

    /// What is done for it; none where the node has no relation, or nothing of it changes.
    pub fn step(&self) -> Option<Step> {
        let (node, how) = (self.node, self.how?);
        match self.action {
            Action::Build => Some(Step::Build { node, how }),
            Action::Skip if self.applies() => Some(Step::Apply(node)),
            Action::Skip => self.takes_fingerprint.then_some(Step::Record(node)),
            Action::NotSelected => None,
        }
    }
}

impl Plan {
    /// The step of a node, if any.
    pub fn step(&self, node: NodeId) -> Option<Step> {
        self.decisions[node].step()
    }

    /// Every step, in the graph's order.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.decisions.iter().filter_map(Decision::step)
    }

    /// Whether a node's relation is built.
    pub fn builds(&self, node: NodeId) -> bool {
        matches!(self.step(node), Some(Step::Build { .. }))
    }

    /// Whether a node's relation is extended, where it is built.
    pub fn extends(&self, node: NodeId) -> bool {
        matches!(self.step(node), Some(Step::Build { how: How::Extend, .. }))
    }

    /// The relations that are built, in the graph's order.
    pub fn built_relations<'g>(&self, graph: &'g Graph) -> impl Iterator<Item = &'g RelationName> {
        let builds = self.steps().filter(|step| matches!(step, Step::Build { .. }));
        builds.map(|step| &graph.nodes[step.node()].relation)
    }
}

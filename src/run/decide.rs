//! The third stage: the decisions for what was asked, explained.

use super::observe::Claimed;
use super::{Caching, Checkout, Failure, Selection, Standing, Tell};
use crate::artifact::literal::literals;
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::Grammar;
use crate::engine::Bound;
use crate::execute::{Hooks, Testing};
use crate::graph::{self, Body, Graph, Node, NodeId};
use crate::lineage::shape::{self, Shape};
use crate::plan::{self, Action, Entry, Plan, Request};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stands, and what is to be done about it.
pub struct Decided {
    pub(super) standing: Standing,
    pub(super) plan: Plan,
    pub(super) caching: Caching,
    pub(super) hooks: Hooks,
    pub(super) testing: Testing,
}

impl Standing {
    /// The decisions for a run of `selection`. Where they say that the database is to be changed, and by the command, it is
    /// claimed before they are given, and they are made again for what another run has built until then.
    pub fn decide(self, tell: &dyn Tell, selection: &Selection, caching: Caching) -> Result<Decided, Failure> {
        let hooks = self.hooks(tell, selection)?;
        let (standing, plan) = self.plan(selection, &caching)?;
        // What hooks do isn't known: they may write.
        if plan.writes_nothing() && hooks.is_empty() {
            return Ok(Decided { standing, plan, caching, hooks, testing: Testing::default() });
        }
        let (standing, plan) = match standing.claim(tell)? {
            Claimed::AsSeen(standing) => (*standing, plan),
            Claimed::Anew(standing) => standing.plan(selection, &caching)?,
        };
        Ok(Decided { standing, plan, caching, hooks, testing: Testing::default() })
    }

    /// The decisions by what stands. A secret in a file of the project is told instead: no diff shows it.
    fn plan(mut self, selection: &Selection, caching: &Caching) -> Result<(Standing, Plan), Failure> {
        let asked = self.selection(selection)?;
        let left = self.left(selection, &asked);
        let selected: BTreeSet<NodeId> = asked.difference(&left).copied().collect();
        self.check_files(&selected)?;
        let project = &self.checkout.project;
        let request = Request {
            mode: caching.mode,
            forced: self.forced(caching, &selected)?,
            selected,
            left,
            anew: caching.full_refresh,
            keep_last: caching.keep_last,
            cosmetic_skip: project.settings.fingerprint.cosmetic_skip,
            folder: Some(plan::folder_digest(&project.root)),
            build_unwatched: !project.settings.skip_unwatched,
            adopt: caching.adopt,
            bound_views: self.database.engine().traits().views == Bound::ByIdentity,
            shapes: project.settings.run_columns.then(|| shapes(&self.graph, self.checkout.dialect.grammar())),
        };
        let mut plan = plan::plan(&self.graph, &self.components, &self.state, &self.found, &request);
        let Checkout { world, secrets, .. } = &self.checkout;
        let found = literals(project, (&self.graph, &self.suite), &plan, secrets, &**world);
        if !found.is_empty() {
            return Err(Failure::Secret(found));
        }
        self.attribute(&mut plan);
        for decision in &plan.decisions {
            if let Some(entry) = self.state.entries.get_mut(&self.graph.nodes[decision.node].name) {
                entry.fingerprint.share(&decision.fingerprint);
            }
        }
        Ok((self, plan))
    }

    /// What a run would fail on is told before anything is built: files of sources that aren't there, tables that can't be
    /// stored or extended as is declared.
    fn check_files(&self, selected: &BTreeSet<NodeId>) -> Result<(), Failure> {
        let (project, graph) = (&self.checkout.project, &self.graph);
        let dialect = self.database.engine().dialect();
        let mut problems: Vec<_> = selected.iter().flat_map(|id| self.observed.problems(project, graph, *id)).collect();
        problems.extend(selected.iter().filter_map(|id| graph::storage_problem(&graph.nodes[*id], dialect)));
        let engine = self.database.engine();
        let lacking = engine.traits().increments.lacking();
        problems.extend(lacking.iter().flat_map(|words| {
            let extended = selected.iter().map(|id| &graph.nodes[*id]).filter(|node| node.may_be_extended());
            extended.map(move |node| not_extended(node, engine.name(), words))
        }));
        problems.sort_by(|left, right| left.at.cmp(&right.at));
        problems.dedup();
        if problems.is_empty() { Ok(()) } else { Err(Failure::Project(problems)) }
    }
}

/// Of an incremental model, on an engine whose tables fft doesn't extend.
fn not_extended(node: &Node, engine: &str, words: &str) -> Diagnostic {
    let message = format!("`{}` is incremental, and a table of {engine} {words}", node.name);
    let hint = "write `materialized='table'` for this engine, or `incremental={'strategy': 'full_refresh'}`";
    Diagnostic::new("bad-config", message).at(Location::file(&node.path)).hint(hint)
}

/// What each query's text says of columns, in the graph's order.
fn shapes(graph: &Graph, grammar: &Grammar) -> Arc<[Option<Shape>]> {
    let one = |node: &Node| match &node.body {
        Body::Sql(body) => Some(shape::of(body.rendered.shown(), grammar)),
        Body::Seed(_) | Body::Python(_) => None,
    };
    graph.nodes.par_iter().map(one).collect::<Vec<_>>().into()
}

impl Decided {
    pub fn checkout(&self) -> &Checkout {
        &self.standing.checkout
    }

    pub fn graph(&self) -> &Graph {
        &self.standing.graph
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is to be said of the Python that runs models, where Python models are.
    pub fn python_notes(&self) -> &[String] {
        &self.standing.python_notes
    }

    /// Whether a node would be built.
    pub fn builds(&self) -> bool {
        self.plan.decisions.iter().any(|decision| decision.action == Action::Build)
    }

    /// What is recorded of a node's last build.
    pub fn last_build(&self, id: NodeId) -> Option<&Entry> {
        self.standing.state.entries.get(&self.standing.graph.nodes[id].name)
    }
}

//! Which nodes a command is about: selectors, and what git says has changed.

use super::{Checkout, Failure, Standing, git};
use crate::artifact::freshness;
use crate::artifact::results::RunResults;
use crate::artifact::wire::{self, Word};
use crate::diagnostic::Diagnostic;
use crate::execute::{Asked, Status};
use crate::graph::{Facts, NodeId, NodeKind, affected, exclude, select};
use crate::plan::{self, CacheMode, Request};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Which nodes are meant.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Selectors; all nodes where there is none.
    pub select: Vec<String>,
    /// Selectors of nodes to leave out, with everything downstream of them.
    pub exclude: Vec<String>,
    /// Only nodes that differ from this git commit, branch or tag, with everything downstream of them.
    pub changed_since: Option<String>,
    /// The selected nodes alone, without what they are built over.
    pub no_upstream: bool,
    pub only: Only,
}

/// Which kinds of nodes a command is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    /// All that are built anew; what keeps a history is left out, with a reason.
    #[default]
    Rebuilt,
    Seeds,
    Snapshots,
    All,
    /// No node.
    None,
}

/// How records of earlier builds are used.
#[derive(Clone, Debug, Default)]
pub struct Caching {
    pub mode: CacheMode,
    /// Selectors of nodes that are built whatever is recorded.
    pub rebuild: Vec<String>,
    /// Every selected node is.
    pub full_refresh: bool,
    /// Relations are replaced that no record says fft built.
    pub adopt: bool,
    /// The histories of snapshots that are to be replaced are given up: who asked for that has said so twice.
    pub discards: bool,
    /// Versions of each row of a snapshot that are kept, where older ones are to go.
    pub keep_last: Option<usize>,
}

impl Caching {
    /// What a run that began then may do to what stands.
    pub(super) fn asked(&self, began: Timestamp) -> Asked {
        let Caching { adopt, discards, keep_last, .. } = *self;
        Asked { adopt, discards, keep_last, began }
    }
}

impl Selection {
    /// Whether all nodes are meant.
    pub fn is_all(&self) -> bool {
        let Selection { select, exclude, changed_since, no_upstream: _, only } = self;
        let of_some = matches!(only, Only::Seeds | Only::Snapshots | Only::None);
        select.is_empty() && exclude.is_empty() && changed_since.is_none() && !of_some
    }
}

impl Standing {
    /// The nodes that are asked for, with their upstream nodes unless those are left out.
    pub fn selection(&self, asked: &Selection) -> Result<BTreeSet<NodeId>, Failure> {
        let graph = &self.graph;
        let all: BTreeSet<NodeId> = (0..graph.nodes.len()).collect();
        if asked.is_all() {
            return Ok(all);
        }
        if asked.only == Only::None {
            return Ok(BTreeSet::new());
        }
        let known = self.known();
        let facts = known.facts();
        let mut selected = if asked.select.is_empty() { all } else { self.select(&asked.select, &facts)? };
        let (of_kind, kind): (&dyn Fn(&NodeId) -> bool, &str) = match asked.only {
            Only::Rebuilt | Only::All | Only::None => (&|_| true, "node"),
            Only::Seeds => (&|id| graph.nodes[*id].kind == NodeKind::Seed, "seed"),
            Only::Snapshots => (&|id| graph.nodes[*id].materialization.keeps_history(), "snapshot"),
        };
        let named = !selected.is_empty() && !asked.select.is_empty();
        selected.retain(of_kind);
        if named && selected.is_empty() {
            let message = format!("`{}` selects no {kind}", asked.select.join(" "));
            return Err(Failure::Usage(message, vec!["`fft run --select` builds the other nodes".into()]));
        }
        if let Some(reference) = &asked.changed_since {
            let changed = git::changed_since(&self.checkout.project.root, reference)?;
            let affected = affected(graph, &changed, self.checkout.project.settings.python.requirements.as_deref());
            selected.retain(|id| affected.contains(id));
        }
        if !asked.no_upstream {
            selected.extend(graph.ancestors(&selected));
        }
        if !asked.exclude.is_empty() {
            let excluded = self.select(&asked.exclude, &facts)?;
            selected = exclude(graph, &selected, &excluded);
        }
        Ok(selected)
    }

    /// Those of the selected nodes that another verb is for: they keep a history.
    pub(super) fn left(&self, asked: &Selection, selected: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        let keeps_history = |id: &&NodeId| self.graph.nodes[**id].materialization.keeps_history();
        match asked.only {
            Only::Rebuilt => selected.iter().filter(keeps_history).copied().collect(),
            Only::Seeds | Only::Snapshots | Only::All | Only::None => BTreeSet::new(),
        }
    }

    /// What selectors ask that the graph doesn't know.
    pub(super) fn known(&self) -> Known {
        let (new, modified) = self.new_and_modified(&(0..self.graph.nodes.len()).collect());
        Known { new, modified, results: self.last_results(), fresh: self.fresh() }
    }

    /// Nodes never built, and nodes whose fingerprint isn't that of their last build, by the computation of every run.
    fn new_and_modified(&self, all: &BTreeSet<NodeId>) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
        let request = Request { selected: all.clone(), ..Request::default() };
        let plan = plan::plan(&self.graph, &self.components, &self.state, &self.found, &request);
        let other = |decision: &plan::Decision| {
            decision.baseline.as_ref().is_some_and(|baseline| baseline.fingerprint != decision.fingerprint.value)
        };
        let ids = |test: &dyn Fn(&plan::Decision) -> bool| {
            plan.decisions.iter().filter(|decision| test(decision)).map(|decision| decision.node).collect()
        };
        (ids(&|decision| decision.baseline.is_none()), ids(&other))
    }

    fn last_results(&self) -> BTreeMap<NodeId, String> {
        let bytes = self.checkout.world.read(&self.checkout.layout.run_results()).unwrap_or_default();
        let Ok(results) = wire::read::<RunResults>(&bytes) else { return BTreeMap::new() };
        let status = |status: &Word<Status>| {
            serde_json::to_value(status).ok().and_then(|value| value.as_str().map(String::from))
        };
        let row = |row: &crate::artifact::results::ResultRow| Some((self.graph.id(&row.name)?, status(&row.status)?));
        results.results.iter().filter_map(row).collect()
    }

    /// How fresh sources of this profile were when they were looked at.
    fn fresh(&self) -> BTreeMap<(String, String), String> {
        let Checkout { world, project, layout, .. } = &self.checkout;
        let ages = freshness::read(&**world, &layout.sources());
        let own = ages.metadata.profile == project.profile.name;
        let status = |key: &(String, String)| {
            let age = ages.sources.get(&format!("{}.{}", key.0, key.1))?;
            Some((key.clone(), age.status.known()?.word().to_string()))
        };
        project.sources.keys().filter(|_| own).filter_map(status).collect()
    }

    /// Nodes that are built whatever is recorded.
    pub(super) fn forced(&self, caching: &Caching, selected: &BTreeSet<NodeId>) -> Result<BTreeSet<NodeId>, Failure> {
        if caching.full_refresh {
            return Ok(selected.clone());
        }
        if caching.rebuild.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.select(&caching.rebuild, &self.known().facts())
    }

    /// What selectors stand for. Where they name nothing it is said without what might be a secret's value.
    pub(super) fn select(&self, texts: &[String], facts: &Facts<'_>) -> Result<BTreeSet<NodeId>, Failure> {
        let redact = |text: String| self.checkout.project.env.redact(&text);
        select(&self.graph, &texts.join(" "), facts).map_err(|problem| {
            let (message, excerpt) = (redact(problem.message), problem.excerpt.map(redact));
            Failure::Project(vec![Diagnostic { message, excerpt, ..problem }])
        })
    }
}

/// What is known of nodes from records and the database.
pub(super) struct Known {
    new: BTreeSet<NodeId>,
    modified: BTreeSet<NodeId>,
    results: BTreeMap<NodeId, String>,
    fresh: BTreeMap<(String, String), String>,
}

impl Known {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts { new: &self.new, modified: &self.modified, results: &self.results, fresh: &self.fresh }
    }
}

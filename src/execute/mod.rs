//! Carries a plan out: a scheduler over worker threads, one node's build, and what came of each.
//!
//! [`execute`] takes an [`Execution`] and tells each [`Event`] as it happens, one after the other, from the thread that
//! called it; it gives one [`Outcome`] a node. A failing model is an outcome: it blocks what is downstream of it and
//! nothing else.

mod ask;
mod event;
mod failure;
mod history;
mod hook;
mod hooked;
mod interpreter;
pub mod ledger;
mod locate;
mod look;
mod message;
mod node;
mod outcome;
mod schedule;
mod script;
mod sent;
mod settings;
mod test_outcome;
mod test_schedule;
mod tested;
#[cfg(test)]
mod tests;
pub mod trial;
mod worker;

pub use ask::STORE;
pub use event::Event;
pub use history::{Asked, preview};
pub use hooked::{HookOutcome, HookStatus, Hooks, RunEnd};
pub use interpreter::PythonChoice;
pub use look::{estimate, header, is_outlined, outline};
pub use outcome::{Origin, Outcome, Run, Status};
pub use schedule::{Executed, execute};
pub use test_outcome::{Sample, TestOutcome};
pub use tested::{Holds, Testing};

use crate::engine::{self, Engine, Relations, Row};
use crate::graph::{Graph, NodeId};
use crate::http;
use crate::name::RelationName;
use crate::plan::{Found, Known, MetaFact, Plan, Progress, RecordedRoot, State};
use crate::project::{Project, QueryLimit};
use crate::secret::Secrets;
use crate::watch::Observed;
use crate::world::World;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Everything that building nodes needs.
pub struct Execution<'a> {
    pub world: Arc<dyn World>,
    pub project: &'a Project,
    /// The values that no message may hold.
    pub secrets: &'a Secrets,
    pub graph: &'a Graph,
    pub plan: &'a Plan,
    pub engine: &'a Engine,
    /// What was known of data from outside when the plan was made.
    pub observed: &'a Observed,
    /// What the engine had when the plan was made.
    pub relations: &'a Relations,
    /// The same for each node, in the graph's order.
    pub found: &'a [Found],
    /// What was recorded of earlier builds when the plan was made.
    pub state: &'a State,
    /// Each root of the plan, in its order, as records keep it.
    pub recorded_roots: &'a [RecordedRoot],
    /// The commit that is checked out, and whether files of the project differ from it.
    pub git_commit: Option<&'a str>,
    pub git_dirty: Option<bool>,
    pub http: http::Client,
    pub run_id: &'a str,
    /// When the run began, by the clock and by the one that never runs backwards.
    pub started_at: Timestamp,
    pub began: Duration,
    /// What it does beside building.
    pub hooks: &'a Hooks,
    pub testing: &'a Testing,
    /// What early cutoff compares with; none where it is off.
    pub cutoff: Option<Known<'a>>,
    /// The most that one query may scan, where there is a limit.
    pub query_limit: Option<QueryLimit>,
    /// Nodes built at one time, at least 1.
    pub jobs: usize,
    /// Builds are recorded: other checkouts may take them over.
    pub records: bool,
    /// What may be done to what stands.
    pub asked: Asked,
    /// Go on with what a failure doesn't block.
    pub keep_going: bool,
    /// Set from outside to end the run: running statements are interrupted, finished nodes kept.
    pub cancelled: Arc<AtomicBool>,
    /// Set from outside to end the run at once: what runs is waited for no longer.
    pub abandoned: Arc<AtomicBool>,
    /// The interpreter of this run, once a Python model asked for it.
    pub python: PythonChoice,
}

impl Execution<'_> {
    /// Whether this run builds a node downstream of `id` whose relation has that full name.
    fn builds_below(&self, id: NodeId, relation: &RelationName) -> bool {
        let below = self.graph.descendants(&BTreeSet::from([id]));
        let mut built = below.into_iter().filter(|down| self.plan.builds(*down));
        built.any(|down| self.relations.resolve(&self.graph.nodes[down].relation) == *relation)
    }
}

/// What the engine has for each node, in the graph's order.
pub fn found(graph: &Graph, relations: &Relations, ledger: &[Row], project: &str) -> Vec<Found> {
    let mut rows: BTreeMap<RelationName, Vec<&Row>> = BTreeMap::new();
    ledger.iter().for_each(|row| rows.entry(relations.resolve(&row.relation)).or_default().push(row));
    let fact = |row: &Row| MetaFact {
        node: row.node.clone(),
        fingerprint: row.fingerprint,
        run_id: row.run_id.clone(),
        built_at: row.built_at.clone(),
        upstream_builds: row.upstream_builds.clone(),
        other_project: row.project.clone().filter(|of| of != project),
        progress: match row.state {
            engine::State::Building => Progress::Begun,
            engine::State::Extending => Progress::Extending,
            engine::State::Built => Progress::Built,
        },
    };
    let one = |id: usize| {
        if !graph.has_relation(id) {
            return Found::default();
        }
        let relation = &graph.nodes[id].relation;
        let name = relations.resolve(relation);
        let kind = relations.kind(relation);
        let found = Found { kind, identity: relations.identity.get(&name).copied(), ..Found::default() };
        match rows.get(&name).map_or(&[][..], Vec::as_slice) {
            [] => found,
            [row] => Found { meta: Some(fact(row)), ..found },
            rows => Found { contested: rows.iter().map(|row| row.node.clone()).collect(), ..found },
        }
    };
    (0..graph.nodes.len()).map(one).collect()
}

//! What the build of a snapshot is told beside its query, and what a run of it would do.

use super::Execution;
use super::sent::sent;
use crate::check::guard::Refusal;
use crate::dialect::Dialect;
use crate::engine::{self, Build, BuildHooks, Content, EngineError, History, Row, Session, Versions};
use crate::graph::{self, Graph, NodeId, Snapshot};
use crate::name::RelationName;
use crate::plan::{Decision, How};
use crate::project::Project;
use crate::world::instant;
use jiff::Timestamp;

/// What a run was asked to do to what stands.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Replace relations that fft never made.
    pub adopt: bool,
    /// Give up the histories of snapshots that are to be replaced.
    pub discards: bool,
    /// Versions of each row of a snapshot that are kept, where older ones are to go.
    pub keep_last: Option<usize>,
    /// When the run began: one moment for all the versions that it adds.
    pub began: Timestamp,
}

/// How a snapshot's versions are kept in this run; none where it isn't built as one.
pub(super) fn of<'a>(execution: &Execution<'_>, snapshot: &'a Snapshot, how: How) -> Option<History<'a>> {
    match how {
        How::Versions { anew } => {
            let Asked { keep_last, began: moment, .. } = execution.asked;
            Some(History { snapshot, moment, anew, keep_last })
        }
        How::Full(_) | How::Extend => None,
    }
}

/// Why a history isn't given up.
pub fn refusal(relation: &RelationName) -> Refusal {
    Refusal {
        message: format!(
            "{relation} holds the history of a snapshot, which nothing can compute again: it is left as it is"
        ),
        details: vec![
            "hint: `--full-refresh --yes` gives the history up; else give the node another `alias` or `schema`".into(),
        ],
    }
}

/// What a run that begins at `moment` would do with a snapshot; nothing of it is kept.
pub fn preview(
    session: &mut Session,
    (project, graph, dialect): (&Project, &Graph, &dyn Dialect),
    relations: &engine::Relations,
    decision: &Decision,
    (moment, keep_last): (Timestamp, Option<usize>),
) -> Result<Option<Versions>, EngineError> {
    let node = &graph.nodes[decision.node];
    let (Some(snapshot), Some(How::Versions { anew })) = (graph::snapshot(&node.config), decision.how) else {
        return Ok(None);
    };
    let text = sent(graph, project, dialect, decision.node);
    let row = Row {
        node: node.name.clone(),
        relation: relations.resolve(&node.relation),
        fingerprint: decision.fingerprint.value,
        engine: dialect.name().into(),
        built_at: instant(moment),
        run_id: String::new(),
        state: engine::State::Built,
        git_commit: None,
        upstream_builds: None,
        project: None,
        record: None,
        identity: None,
    };
    let build = Build {
        relation: &node.relation,
        kind: How::Versions { anew }.kind(),
        content: Content::Query(&text),
        growth: None,
        layout: None,
        lasting: false,
        settings: None,
        history: Some(History { snapshot: &snapshot, moment, anew, keep_last }),
        discards: true,
        existing: relations.kind(&node.relation),
        // What a hook does outside of the database isn't taken back.
        hooks: BuildHooks::default(),
        row,
        pending: &|_| false,
        confirm: &|_| Ok(()),
    };
    Ok(session.preview(&build)?.versions)
}

/// Of what reads a snapshot: that no run has made it yet.
pub(super) fn unmade(execution: &Execution<'_>, id: NodeId) -> Option<String> {
    let graph = execution.graph;
    let mut upstream = crate::plan::relations_upstream(graph, id).into_iter();
    let up =
        upstream.find(|up| graph.nodes[*up].materialization.keeps_history() && execution.found[*up].kind.is_none())?;
    let name = &graph.nodes[up].name;
    Some(format!("hint: it reads the snapshot {name}, which `fft snapshot run` is yet to make"))
}

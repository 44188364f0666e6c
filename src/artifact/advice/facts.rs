//! What a run tells that advice rests on: made once from its record, and small.

use crate::artifact::history::Record;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::timing::Timeline;
use crate::artifact::wire::{Cause, Timed};
use crate::execute::Status;
use crate::plan::{Code, RootKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A run as far as advice is concerned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Nodes that it built.
    pub built: BTreeMap<String, Built>,
    /// Edits of comments alone.
    pub comments: Option<Edited>,
    /// It compared what nodes give.
    pub cutoff: bool,
    pub profile: String,
    pub run_id: String,
    pub times: Option<Times>,
    /// Variables whose change hit every node, by name.
    pub variables: BTreeMap<String, Edited>,
}

/// A build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Built {
    /// The upstream node that is the only reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    pub ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// What was rebuilt for an edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    /// Rebuilt for nothing else.
    pub alone: usize,
    pub alone_ms: u64,
    /// The nodes where it was.
    pub nodes: Vec<String>,
    pub rebuilt: usize,
}

/// Where its time went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Times {
    pub chain_ms: u64,
    /// What a chain twice as fast would save, where that is much.
    pub faster_chain_ms: Option<u64>,
    /// The last node of the chain.
    pub last: String,
    /// More workers, and what they would save.
    pub more_workers: Option<(usize, u64)>,
    /// Of the chain.
    pub slowest: Timed,
    pub workers: usize,
}

impl Facts {
    pub fn of(record: &Record) -> Facts {
        let results = &record.results;
        let built = || results.results.iter().filter(|row| row.status == Status::Success);
        let comments: BTreeSet<&str> = built().filter(|row| is_comment(row)).map(|row| row.name.as_str()).collect();
        Facts {
            built: built().map(|row| (row.name.clone(), Built::of(row))).collect(),
            comments: (!comments.is_empty()).then(|| Edited::of(results, &comments)),
            cutoff: results.results.iter().any(|row| row.output.is_some()),
            profile: results.profile.clone(),
            run_id: results.metadata.run_id.clone(),
            times: times(record),
            variables: variables(results),
        }
    }
}

impl Built {
    fn of(row: &ResultRow) -> Built {
        let causes = &row.decision.causes;
        let follows = match causes.as_slice() {
            [cause] if cause.is_upstream() => cause.name.clone(),
            _ => None,
        };
        Built { follows, ms: row.duration_ms.unwrap_or(0), rows: row.rows }
    }
}

/// Whether comments and white space are all that changed in the node itself.
fn is_comment(row: &ResultRow) -> bool {
    let own: Vec<&Cause> = row.decision.causes.iter().filter(|cause| !cause.is_upstream()).collect();
    !own.is_empty() && own.iter().all(|cause| cause.cosmetic == Some(true))
}

impl Edited {
    /// What was built for any of these roots.
    fn of(results: &RunResults, roots: &BTreeSet<&str>) -> Edited {
        let mut edited = Edited { nodes: roots.iter().map(|root| root.to_string()).collect(), ..Edited::default() };
        for row in results.results.iter().filter(|row| row.status == Status::Success) {
            let all = &row.decision.roots;
            edited.rebuilt += usize::from(all.iter().any(|root| roots.contains(root.as_str())));
            if !all.is_empty() && all.iter().all(|root| roots.contains(root.as_str())) {
                edited.alone += 1;
                edited.alone_ms += row.duration_ms.unwrap_or(0);
            }
        }
        edited
    }
}

/// Variables that were set, unset or changed, and hit every node.
fn variables(results: &RunResults) -> BTreeMap<String, Edited> {
    let global = results.roots.iter().filter(|root| root.kind == RootKind::Global && root.code == Code::EnvChanged);
    let edited = |root: &str| Edited { nodes: Vec::new(), ..Edited::of(results, &BTreeSet::from([root])) };
    let variable = |name: &str| name.strip_prefix("env ").unwrap_or(name).to_string();
    global.map(|root| (variable(&root.name), edited(&root.name))).collect()
}

fn times(record: &Record) -> Option<Times> {
    let timing = Timeline::of(record)?.timing;
    let slowest = timing.chain.iter().max_by_key(|one| one.ms)?.clone();
    Some(Times {
        chain_ms: timing.chain_ms,
        faster_chain_ms: Some(timing.faster_chain_ms).filter(|ms| timing.nodes > 1 && timing.is_much(*ms)),
        last: timing.chain.last()?.name.clone(),
        more_workers: timing.more_workers.map(|more| (more.workers, more.saved_ms)),
        slowest,
        workers: timing.workers,
    })
}

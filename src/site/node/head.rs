//! What stands first on a node's page: of a failure its message and place, of a node that wasn't reached the failure and
//! the way to it, and what its relation holds in spite of both.

use super::RunRef;
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use crate::execute::Status;
use crate::plan::Code;
use crate::site::failure::{self, Failure};
use crate::site::told::Names;
use crate::site::{Site, word};
use std::collections::{BTreeMap, VecDeque};

/// A node that wasn't reached: what failed, and the names from there to the node.
pub struct Blocked<'a> {
    pub failure: Failure<'a>,
    pub way: Vec<&'a str>,
}

/// The failure of the last run, with its message first.
pub fn failed<'a>(site: &Site<'_>, row: Option<&'a ResultRow>) -> Option<Failure<'a>> {
    let row = row.filter(|row| row.status == Status::Error)?;
    let results = site.input.results;
    Some(failure::failure(site, results, &Names::of(site, results), row, failure::waiting(results, &row.name)))
}

/// Why the last run didn't reach the node; none where it was interrupted.
pub fn blocked<'a>(site: &Site<'a>, row: Option<&'a ResultRow>) -> Option<Blocked<'a>> {
    let row = row.filter(|row| row.status == Status::Blocked)?;
    let cause = row.decision.causes.iter().find(|cause| cause.code == Code::UpstreamFailed)?;
    let failed = site.row(cause.name.as_deref()?)?;
    let results = site.input.results;
    let names = Names::of(site, results);
    let failure = failure::failure(site, results, &names, failed, failure::waiting(results, &failed.name));
    Some(Blocked { failure, way: way(site, &failed.name, &row.name) })
}

/// The shortest way downstream over nodes that weren't reached, ends included.
fn way<'a>(site: &Site<'a>, from: &'a str, to: &'a str) -> Vec<&'a str> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(name) = open.pop_front().filter(|_| !before.contains_key(to)) {
        let below = site.input.manifest.children.get(name).into_iter().flatten();
        let reached = |child: &&String| site.row(child).is_some_and(|row| row.status == Status::Blocked);
        for child in below.filter(reached) {
            if child.as_str() != from && !before.contains_key(child.as_str()) {
                before.insert(child, name);
                open.push_back(child);
            }
        }
    }
    let mut way: Vec<&str> = std::iter::successors(Some(to), |name| before.get(name).copied()).collect();
    way.reverse();
    if way.first() == Some(&from) { way } else { vec![from, to] }
}

/// What the relation of a node that failed or wasn't reached still holds: `100 rows of run …`.
pub fn holds<'a>(
    site: &Site<'_>,
    node: &ManifestNode,
    baseline: Option<&RunRef<'a>>,
    row: Option<&ResultRow>,
) -> Option<String> {
    let left = row.is_some_and(|row| matches!(row.status.known(), Some(Status::Error | Status::Blocked)));
    let relation = site.input.catalog.nodes.get(&node.name).filter(|_| left)?;
    let rows = relation.rows.map_or("the rows".to_string(), |rows| word::count(rows as usize, "row"));
    let run = baseline.map_or(String::new(), |run| format!(" of run {}", run.name()));
    Some(format!("Its relation still holds {rows}{run}."))
}

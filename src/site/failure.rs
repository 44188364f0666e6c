//! Nodes that failed: the message, its place, which edit they are downstream of, and what waits for them.

use super::name::node_page;
use super::told::{Names, Piece, capital};
use super::word::Thousands;
use super::{Site, node::code, repository};
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::Root;
use crate::execute::Status;
use crate::plan::Code;

/// Roots that a failure names as what it is downstream of.
const CULPRITS: usize = 2;
/// Lines of a message and of what follows it.
const LINES: usize = 8;

pub struct Failure<'a> {
    pub name: &'a str,
    pub page: Option<String>,
    pub message: &'a str,
    pub details: Vec<&'a str>,
    pub place: Option<Place<'a>>,
    /// What it was to be built for, as the sentence of a run says it.
    pub culprits: Vec<Vec<Piece>>,
    pub more_culprits: usize,
    /// Whether its own edit is among them.
    pub own: bool,
    /// Nodes that wait for it.
    pub waiting: usize,
}

/// `models/a.sql:5:5`.
pub struct Place<'a> {
    pub text: &'a str,
    path: &'a str,
    line: Option<usize>,
    /// Where it can be looked at.
    pub address: Option<String>,
    /// The line on the node's page, below the site's folder.
    pub own: Option<String>,
}

impl<'a> Place<'a> {
    /// Of a node, with its address where the project says where its repository is and the run's files were those of the
    /// commit. Of the last run it leads to the line on the node's own page besides, where that has the file's text.
    pub fn of_node(name: &str, at: &'a str, site: &Site<'_>, results: &RunResults) -> Place<'a> {
        let place = Place::of(at);
        let repository = site.frame.repository.as_deref();
        let address = repository.and_then(|one| repository::file(one, &results.metadata.git, place.path, place.line));
        let node = site.input.manifest.nodes.get(name).filter(|node| node.path == place.path);
        let last = results.metadata.run_id == site.input.results.metadata.run_id;
        let node = node.filter(|node| last && code::source(site, node).is_some());
        let own = node.zip(place.line).map(|(_, line)| format!("{}#S{line}", node_page(name)));
        Place { address, own, ..place }
    }

    fn of(at: &'a str) -> Place<'a> {
        let parts: Vec<&str> = at.rsplitn(3, ':').collect();
        let numbers = parts.iter().take(2).filter(|part| part.parse::<usize>().is_ok()).count();
        match (numbers, parts.as_slice()) {
            (2, [_, line, path]) => Place { text: at, path, line: line.parse().ok(), address: None, own: None },
            (1.., [line, ..]) => Place {
                text: at,
                path: &at[..at.len() - line.len() - 1],
                line: line.parse().ok(),
                address: None,
                own: None,
            },
            _ => Place { text: at, path: at, line: None, address: None, own: None },
        }
    }
}

/// The failures of a run, those with most waiting first, and what tells of them together.
pub struct Failures<'a> {
    pub shown: Vec<Failure<'a>>,
    pub more: usize,
    pub culprit: Option<Vec<Piece>>,
}

impl Failure<'_> {
    /// `12 nodes wait for it`.
    pub fn waits(&self) -> String {
        match self.waiting {
            1 => "1 node waits for it".into(),
            many => format!("{} wait for it", super::word::count(many, "node")),
        }
    }
}

impl<'a> Failures<'a> {
    pub fn of(site: &Site<'_>, results: &'a RunResults, names: &Names, most: usize) -> Failures<'a> {
        let rows = || results.results.iter();
        let waiting = |name: &str| waiting(results, name);
        let failed = rows().filter(|row| row.status == Status::Error);
        let mut all: Vec<(usize, &ResultRow)> = failed.map(|row| (waiting(&row.name), row)).collect();
        all.sort_by_key(|(waiting, _)| std::cmp::Reverse(*waiting));
        let culprit = common(site, results, names, &all);
        let more = all.len().saturating_sub(most);
        let one = |(waiting, row): &(usize, &'a ResultRow)| failure(site, results, names, row, *waiting);
        Failures { shown: all.iter().take(most).map(one).collect(), more, culprit }
    }
}

/// Nodes that weren't reached because this one failed.
pub fn waiting(results: &RunResults, name: &str) -> usize {
    results.results.iter().filter(|row| waits_for(row, name)).count()
}

/// Whether a node wasn't reached because this one failed.
fn waits_for(row: &ResultRow, name: &str) -> bool {
    let cause = row.decision.causes.iter().find(|cause| cause.code == Code::UpstreamFailed);
    row.status == Status::Blocked && cause.is_some_and(|cause| cause.name.as_deref() == Some(name))
}

pub fn failure<'a>(
    site: &Site<'_>,
    results: &RunResults,
    names: &Names,
    row: &'a ResultRow,
    waiting: usize,
) -> Failure<'a> {
    let roots = results.roots.iter().filter(|root| row.decision.roots.contains(&root.name));
    let roots: Vec<&Root> = roots.collect();
    let told = |root: &&Root| names.pieces(&root.told(|name| site.is_node(name)));
    Failure {
        name: &row.name,
        page: site.is_node(&row.name).then(|| node_page(&row.name)),
        message: row.message.as_deref().unwrap_or("it failed without a message"),
        details: row.details.iter().flat_map(|text| text.lines()).take(LINES).collect(),
        place: row.at.as_deref().map(|at| Place::of_node(&row.name, at, site, results)),
        culprits: roots.iter().take(CULPRITS).map(told).collect(),
        more_culprits: roots.len().saturating_sub(CULPRITS),
        own: row.decision.roots.contains(&row.name),
        waiting,
    }
}

/// The edit that most of several failures are downstream of: `4 of 5 failures are downstream of …`.
fn common(site: &Site<'_>, results: &RunResults, names: &Names, failed: &[(usize, &ResultRow)]) -> Option<Vec<Piece>> {
    let below = |root: &Root| failed.iter().filter(|(_, row)| row.decision.roots.contains(&root.name)).count();
    let (count, root) = results.roots.iter().map(|root| (below(root), root)).rev().max_by_key(|(count, _)| *count)?;
    let many = count > 1 && failed.len() > 1;
    many.then(|| {
        let clause = root.told(|name| site.is_node(name));
        let which = match failed.len() {
            all if all == count => format!("All {}", all.thousands()),
            all => format!("{} of {}", count.thousands(), all.thousands()),
        };
        capital(names.pieces(&format!("{which} failures are downstream of one cause: {clause}.")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_path_and_perhaps_a_line() {
        let read = |at| {
            let place = Place::of(at);
            (place.path, place.line)
        };
        assert_eq!(read("models/a.sql:5:7"), ("models/a.sql", Some(5)));
        assert_eq!(read("models/a.sql:5"), ("models/a.sql", Some(5)));
        assert_eq!(read("models/a.sql"), ("models/a.sql", None));
        assert_eq!(read("models/a:b.sql"), ("models/a:b.sql", None));
    }
}

//! What a run did as Markdown: its sentence, what failed with its message, and of the nodes that it took up what a comparison
//! tells of nodes that differ.

use super::told::Told;
use super::{body, escape, fence, link_words};
use crate::artifact::wire::{ResultRow, RunResults};
use crate::diagnostic::grouped;
use crate::diagnostic::visible::clean;
use crate::execute::Status;

/// Failures that are told with their message, and lines of each.
const FAILURES: usize = 5;
const LINES: usize = 12;

/// The whole page, ending in a newline. `link` is where the run's page is, if anywhere.
pub fn run(results: &RunResults, link: Option<&str>) -> String {
    let mut nodes: Vec<Told<'_>> = results.results.iter().filter_map(Told::of_row).collect();
    nodes.sort_by_key(Told::order);
    let sentence = format!("**{}**", escape(&results.sentence));
    format!("{sentence}\n\n{}\n{}{}", about(results, link), failures(results), body(&nodes))
}

/// Which run it was, and what it came to.
fn about(results: &RunResults, link: Option<&str>) -> String {
    let meta = &results.metadata;
    let commit = meta.git.words().map_or(String::new(), |commit| format!(" (commit {commit})"));
    let which = escape(&format!("run {}{commit}, profile {}", meta.run_id, results.profile));
    let stopped = if results.interrupted { " · interrupted" } else { "" };
    format!("{which}: {}{stopped}{}", results.totals.words(), link_words(link))
}

fn failures(results: &RunResults) -> String {
    let failed: Vec<&ResultRow> = results.results.iter().filter(|row| row.status == Status::Error).collect();
    let mut page: String = failed.iter().take(FAILURES).map(|row| failure(row)).collect();
    if failed.len() > FAILURES {
        page.push_str(&format!("\n… and {} more failures\n", grouped(failed.len() - FAILURES)));
    }
    page
}

fn failure(row: &ResultRow) -> String {
    let place = row.at.as_ref().map_or(String::new(), |at| format!(" ({at})"));
    let title = escape(&format!("{}{place} failed:", row.name));
    let message = row.message.as_deref().unwrap_or("it failed without a message");
    let lines = message.lines().chain(row.details.iter().flat_map(|text| text.lines())).take(LINES);
    format!("\n{title}\n{}", fence("text", &clean(&lines.collect::<Vec<_>>().join("\n"))))
}

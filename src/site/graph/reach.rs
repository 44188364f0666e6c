//! The causes of the run by number, and what each reached: the nodes that were rebuilt, failed or were held up for it.
//!
//! A cause is an edit with all roots that it made; causes are numbered as the first page's cards are.

use super::Dag;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::Root;
use crate::execute::Status;
use crate::site::card::{consequence, edits};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Of a node's causes, how many are told beside it.
const TOLD: usize = 4;

/// The number of each root's cause, by the root's name.
pub(super) fn numbers(results: &RunResults) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for (number, edit) in edits(&results.roots).into_iter().enumerate() {
        for root in edit {
            found.entry(root.name.as_str()).or_insert(number);
        }
    }
    found
}

/// The first causes of a node that was taken up, in order; one more than is told where there are more.
pub(super) fn causes(numbers: &BTreeMap<&str, usize>, row: &ResultRow) -> Vec<usize> {
    let mut found = of(numbers, row);
    found.truncate(TOLD + 1);
    found
}

fn of(numbers: &BTreeMap<&str, usize>, row: &ResultRow) -> Vec<usize> {
    if !matches!(row.status.known(), Some(Status::Success | Status::Error | Status::Blocked)) {
        return Vec::new();
    }
    let mut found: Vec<usize> =
        row.decision.roots.iter().filter_map(|name| numbers.get(name.as_str()).copied()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Causes as people tell them apart: `①②`, `①②③④…`; behind the twentieth numbers in brackets.
pub(super) fn marks(causes: &[usize]) -> String {
    let mark = |number: &usize| match u32::try_from(*number) {
        Ok(number @ 0..20) => char::from_u32('①' as u32 + number).map(String::from).unwrap_or_default(),
        _ => format!("({})", number + 1),
    };
    let more = if causes.len() > TOLD { "…" } else { "" };
    causes.iter().take(TOLD).map(mark).collect::<String>() + more
}

/// The causes for scripts, in the order of their numbers: what each is, and the nodes where it began.
pub(super) fn listed(dag: &Dag<'_>) -> Vec<Value> {
    let one = |edit: Vec<&Root>| {
        let first = edit[0];
        let names: Vec<&str> = edit.iter().map(|root| root.name.as_str()).collect();
        let nodes: Vec<u32> = names.iter().filter_map(|name| dag.find(name)).collect();
        let sentence = first.edited.as_ref().filter(|_| edit.len() > 1).unwrap_or(&first.sentence);
        json!({
            "name": first.name, "names": names, "nodes": nodes, "sentence": sentence,
            "consequence": consequence(dag.results, &edit),
        })
    };
    edits(&dag.results.roots).into_iter().map(one).collect()
}

/// For each cause the nodes that were taken up because of it, as distances.
pub(super) fn members(dag: &Dag<'_>) -> Value {
    let numbers = numbers(dag.results);
    let causes = numbers.values().max().map_or(0, |last| last + 1);
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); causes];
    let mut last = vec![0; causes];
    for (item, at) in dag.items.iter().zip(0u32..) {
        for cause in item.row().map(|row| of(&numbers, row)).unwrap_or_default() {
            members[cause].push(at - last[cause]);
            last[cause] = at;
        }
    }
    json!(members)
}

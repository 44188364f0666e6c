//! What a run came to, written: its results, and its record behind those of the runs before.

use super::{Checkout, Tell};
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::results::RunResults;
use crate::artifact::{json, sums};
use crate::graph::Graph;
use crate::plan::{Action, Decision, Plan};
use crate::secret::Secrets;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

/// A run's plan beside what it is about.
pub(super) type Planned<'a> = (&'a Checkout, &'a Graph, &'a Plan);

/// Writes what came of a run that doesn't come to its end: its results and its record, nothing that is derived.
pub(super) fn cut_off(planned: Planned<'_>, results: &RunResults, tell: &dyn Tell) {
    for (what, written) in write_results(planned, results) {
        if let Err(error) = written {
            tell.error(&format!("error: {what} could not be written: {error}"));
        }
    }
    let Checkout { world, layout, .. } = planned.0;
    drop(sums::write(&**world, layout));
}

/// Writes what a run came to: run_results.json, and its record behind the one before. A text of it that holds a secret
/// all the same, though messages are free of them, loses it: a run never goes without a record.
pub(super) fn write_results(
    (checkout, graph, plan): Planned<'_>,
    results: &RunResults,
) -> [(&'static str, io::Result<()>); 2] {
    let Checkout { world, layout, secrets, .. } = checkout;
    let write = |results: &RunResults| world.write(&layout.run_results(), &json(results));
    let mut written = write(results);
    let clean = written.as_ref().err().and_then(|_| without_secrets(results, secrets));
    if let Some(clean) = &clean {
        written = write(clean);
    }
    let record = clean.as_ref().unwrap_or(results);
    let added = History::new(&**world, layout.runs()).add(record, fingerprints(graph, plan));
    [("run_results.json", written), ("the run's record", added)]
}

fn without_secrets(results: &RunResults, secrets: &Secrets) -> Option<RunResults> {
    let text = serde_json::to_string(results).expect("invariant: results are JSON");
    match secrets.hide(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => serde_json::from_str(&text).ok(),
    }
}

/// Each node's fingerprint as the run's record keeps it: whole where the run its baseline names hasn't the same.
fn fingerprints(graph: &Graph, plan: &Plan) -> BTreeMap<String, RecordedFingerprint> {
    let one = |decision: &Decision| {
        let value = decision.fingerprint.value;
        let baseline = decision.baseline.as_ref().filter(|_| decision.taken.is_none());
        let known = baseline.is_some_and(|baseline| baseline.fingerprint == value);
        let full = (decision.action == Action::Build || !known).then(|| (&decision.fingerprint).into());
        let name = graph.nodes[decision.node].name.to_string();
        (name, RecordedFingerprint { full, value })
    };
    plan.decisions.iter().map(one).collect()
}

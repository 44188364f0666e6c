//! What a run came to, written: its results, and its record behind those of the runs before.

use super::{Checkout, Tell};
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::results::{Rows, RunResults, Summary};
use crate::artifact::{sums, write_json};
use crate::digest::Digest;
use crate::execute::Run;
use crate::fingerprint::Fingerprint;
use crate::graph::Graph;
use crate::plan::{Action, Decision, Plan};
use crate::secret::Secrets;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::io;

/// A run's plan beside what it is about.
pub(super) type Planned<'a> = (&'a Checkout, &'a Graph, &'a Plan);

/// Writes what came of a run that doesn't come to its end: its results and its record, nothing that is derived.
pub(super) fn cut_off(planned: Planned<'_>, run: &Run, tell: &dyn Tell) {
    let (checkout, graph, plan) = planned;
    let summary = Summary::of(&checkout.project, graph, plan, run);
    end_cut_off(checkout, write_results(planned, &summary, run), tell);
}

/// The same once results and record were to be written.
pub(super) fn end_cut_off(checkout: &Checkout, results: [Written; 2], tell: &dyn Tell) {
    for (what, written) in results {
        if let Err(error) = written {
            tell.error(&format!("error: {what} could not be written: {error}"));
        }
    }
    drop(sums::write(&*checkout.world, &checkout.layout, &sums::Known::new()));
}

/// A file in words, with its digest or why it couldn't be written.
pub(super) type Written = (&'static str, io::Result<Digest>);

/// Writes what a run came to: run_results.json, and its record behind the one before; gives the digest of each. A text
/// of it that holds a secret all the same, though messages are free of them, loses it: a run never goes without a record.
pub(super) fn write_results((checkout, graph, plan): Planned<'_>, summary: &Summary, run: &Run) -> [Written; 2] {
    let Checkout { world, layout, secrets, .. } = checkout;
    let rows = Rows::of(graph, plan, &run.outcomes, summary);
    let (results, fingerprints) = (summary.with(&rows), Fingerprints { graph, plan });
    let history = History::new(&**world, layout.runs());
    let (mut written, mut added) =
        rayon::join(|| write_json(&**world, &layout.run_results(), &results), || history.add(&results, &fingerprints));
    let clean = written.as_ref().err().and_then(|_| without_secrets(&summary.with(rows.all().collect()), secrets));
    if let Some(clean) = clean {
        written = write_json(&**world, &layout.run_results(), &clean);
        added = history.add(&clean, &fingerprints);
    }
    [("run_results.json", written), ("the run's record", added)]
}

fn without_secrets(results: &RunResults, secrets: &Secrets) -> Option<RunResults> {
    let text = serde_json::to_string(results).expect("invariant: results are JSON");
    match secrets.hide(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => serde_json::from_str(&text).ok(),
    }
}

/// Each node's fingerprint as the run's record keeps it, by name: whole where the run its baseline names hasn't the same.
struct Fingerprints<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
}

impl Serialize for Fingerprints<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Fingerprints { graph, plan } = self;
        serializer.collect_map(graph.by_name().map(|id| (&graph.nodes[id].name, recorded(&plan.decisions[id]))))
    }
}

fn recorded(decision: &Decision) -> RecordedFingerprint<&Fingerprint> {
    let value = decision.fingerprint.value;
    let baseline = decision.baseline.as_ref().filter(|_| decision.taken.is_none());
    let known = baseline.is_some_and(|baseline| baseline.fingerprint == value);
    let full = (decision.action == Action::Build || !known).then_some(&decision.fingerprint);
    RecordedFingerprint { full, value }
}

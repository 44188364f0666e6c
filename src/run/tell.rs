//! Whom a command tells what it has to say: it never prints by itself.

use crate::artifact::wire::newer;
use crate::diagnostic::Diagnostic;
use crate::execute::Event;
use crate::graph::Graph;
use crate::plan::Plan;
use crate::secret::Secrets;
use crate::test::Suite;
use std::sync::Arc;

/// Takes what is said while a command works, from any thread.
pub trait Tell: Sync {
    /// From now on, nothing is told with one of these in it.
    fn hide(&self, secrets: Arc<Secrets>);

    /// A warning of the project, with its place and how to mend it.
    fn warn(&self, problem: &Diagnostic);

    /// Something that may not be meant so.
    fn warning(&self, text: &str);

    /// What keeps the command waiting.
    fn waiting(&self, text: &str);

    /// A line of progress.
    fn note(&self, text: &str);

    /// A problem in a sentence.
    fn error(&self, text: &str);
}

/// The same for a run.
pub trait Listener: Tell {
    /// Whoever takes the run's events, one after the other; dropped when the last node has ended.
    fn follow<'a>(&'a self, graph: &'a Graph, plan: &'a Plan, suite: &'a Suite) -> Box<dyn FnMut(&Event) + 'a>;

    /// Ends the process: the run was asked twice to end, and what had come of it is recorded.
    fn leave(&self) -> !;
}

/// Says so where a newer fft wrote what is shown.
pub fn tell_newer(tell: &dyn Tell, what: &str, version: &str) {
    if let Some(words) = newer(version) {
        tell.warning(&format!("{what}: {words}"));
    }
}

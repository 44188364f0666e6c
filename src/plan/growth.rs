//! Whether an incremental model that is built is extended, or built in full.
//!
//! It is extended where nothing but data has changed since its last build: its own meaning and that of all that is
//! upstream are what they were, which a digest tells, its *logic*: over the components of a node that aren't data, with
//! the meaning of its text in the place of the text, and over the logic of the nodes that it reads. Pure. Invariant: two
//! logics are equal only where the nodes would make the same rows of the same data.

use super::decide::{Compared, Pass};
use super::logic::own;
use super::{Action, Cause, Code, Decision, How};
use crate::digest::{Digest, Tagged};
use crate::fingerprint::{Fingerprint, Kind};
use crate::graph::{Incremental, NodeId, OnCodeChange, Strategy};
use serde::{Deserialize, Serialize};

/// How an incremental model is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Full,
    /// What stands is extended.
    Incremental,
}

/// Why it is built in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyFull {
    /// Its reasons say so.
    Reasons,
    /// More than data changed upstream, or it isn't known what did.
    UpstreamCode,
    /// It always is.
    Strategy,
}

/// Kinds of components that are data, or that stand for other nodes, or are no part of the rows.
const DATA: [Kind; 5] = [Kind::Seed, Kind::SourceData, Kind::File, Kind::Upstream, Kind::Setting];
/// Those whose text may have the same meaning when it is another one.
const TEXTS: [Kind; 2] = [Kind::Sql, Kind::Python];

impl Pass<'_> {
    /// The logic of what a node's relation holds once this run is over; `None` where it isn't known, or counts for no node.
    pub(super) fn logic(&self, id: NodeId, fingerprint: &Fingerprint) -> Option<Digest> {
        if !self.with_logic.contains(&id) {
            return None;
        }
        // What this run leaves alone is what its record tells, if that is what stands.
        if !self.is_in_run(id) {
            let entry = self.state.entries.get(&self.graph.nodes[id].name)?;
            return entry.logic.filter(|_| self.found[id].held() == Some(entry.fingerprint.value));
        }
        let skipped: Vec<Kind> = match fingerprint.semantic {
            Some(_) => DATA.into_iter().chain(TEXTS).collect(),
            None => DATA.into(),
        };
        let mut hash = Tagged::new("fft-logic-v1").fixed(&own(fingerprint, &skipped).0);
        if let Some(semantic) = fingerprint.semantic {
            hash = hash.fixed(&semantic.0);
        }
        for up in &self.graph.nodes[id].upstream {
            hash = hash.part(self.graph.nodes[*up].name.as_str().as_bytes()).fixed(&self.logics[*up]?.0);
        }
        Some(hash.finish())
    }

    /// How a node is built, where it is; of an incremental model, in which mode and why.
    pub(super) fn grow(&self, id: NodeId, compared: &Compared<'_>, decision: &mut Decision) {
        let node = &self.graph.nodes[id];
        decision.how = self.how(id);
        let Some(how) = node.incremental.as_ref().filter(|_| decision.action == Action::Build) else { return };
        match self.extends(id, how, compared, decision) {
            Ok(()) => (decision.how, decision.mode) = (Some(How::Extend), Some(Mode::Incremental)),
            Err(why) => (decision.mode, decision.why_full) = (Some(Mode::Full), Some(why)),
        }
    }

    fn extends(
        &self,
        id: NodeId,
        how: &Incremental,
        compared: &Compared<'_>,
        decision: &Decision,
    ) -> Result<(), WhyFull> {
        if how.strategy == Strategy::FullRefresh {
            return Err(WhyFull::Strategy);
        }
        let entry = compared.entry.as_deref().ok_or(WhyFull::Reasons)?;
        // One that was to be extended when a run ended holds all of that, or nothing: it is extended again.
        let again = |code: Code| code == Code::BuildInterrupted && self.found[id].is_extending();
        let other = self.relation_cause(id, entry).filter(|cause| !again(cause.code));
        if decision.replaces.is_some() || other.is_some() {
            return Err(WhyFull::Reasons);
        }
        let by_code = how.on_code_change == OnCodeChange::Incremental;
        let stops = |cause: &&Cause| {
            let same_meaning = cause.cosmetic == Some(true);
            !(is_data(cause.code) || again(cause.code) || same_meaning || (by_code && is_code(cause.code)))
        };
        let mut driving = decision.causes().iter().filter(|cause| cause.drives(self.request.cosmetic_skip));
        if driving.any(|cause| stops(&cause)) {
            return Err(WhyFull::Reasons);
        }
        let same = entry.logic.is_some() && entry.logic == decision.logic;
        if same || by_code { Ok(()) } else { Err(WhyFull::UpstreamCode) }
    }
}

/// Reasons that lie in data, the node's own or upstream.
fn is_data(code: Code) -> bool {
    code.is_upstream() || matches!(code, Code::SourceDataChanged | Code::FileChanged | Code::SourceUnwatched)
}

/// Reasons that lie in what the node makes of data.
fn is_code(code: Code) -> bool {
    matches!(
        code,
        Code::SqlChanged
            | Code::PythonChanged
            | Code::PythonModuleChanged
            | Code::PythonEnvChanged
            | Code::VarChanged
            | Code::EnvChanged
            | Code::SourceChanged
            | Code::DependencyAdded
            | Code::DependencyRemoved
    )
}

//! What a run of snapshots would do: tried on the database, and taken back.

use super::{Checkout, Decided, Standing};
use crate::artifact::wire::{Versions, summary};
use crate::execute;
use crate::plan::{Action, Decision};
use crate::project::redact;
use serde::Serialize;

/// What would become of one snapshot.
#[derive(Debug, Serialize)]
pub struct Previewed {
    pub action: Action,
    /// Why it would fail.
    pub error: Option<String>,
    pub name: String,
    /// Why it would be run, or left as it is.
    pub summary: String,
    /// Of one that would be run.
    pub versions: Option<Versions>,
}

impl Decided {
    /// Tries each snapshot that would be run, one after the other. Nothing of it is kept.
    pub fn preview(&mut self) -> Vec<Previewed> {
        let Decided { standing, plan, caching, .. } = self;
        let Standing { checkout, graph, database, relations, began, .. } = standing;
        let Checkout { project, dialect, secrets, .. } = checkout;
        let mut one = |decision: &Decision| {
            let tried = if decision.action == Action::Build {
                let about = (&*project, &*graph, &**dialect);
                let moment = (began.at, caching.keep_last);
                execute::preview(database.session(), about, relations, decision, moment)
            } else {
                Ok(None)
            };
            let (versions, error) = match tried {
                Ok(versions) => (versions.as_ref().map(Versions::from), None),
                Err(error) => (None, Some(redact(&error.message, secrets))),
            };
            let name = graph.nodes[decision.node].name.to_string();
            Previewed { action: decision.action, error, name, summary: summary(decision), versions }
        };
        let selected = plan.decisions.iter().filter(|decision| decision.action != Action::NotSelected);
        selected.map(&mut one).collect()
    }

    /// The histories that a run of the plan would give up, by relation.
    pub fn discards(&self) -> Vec<String> {
        self.plan.decisions.iter().filter_map(|one| one.discards.as_ref()).map(ToString::to_string).collect()
    }

    /// The same where it was asked for twice that they be given up.
    pub fn discarding(mut self) -> Decided {
        self.caching.discards = true;
        self
    }
}

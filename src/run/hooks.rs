//! Which models the hooks of a project are for, and which of them the next run would run.

use super::{Decided, Failure, Only, Selection, Standing, Tell};
use crate::artifact::wire::PlannedHook;
use crate::diagnostic::Diagnostic;
use crate::execute::Hooks;
use crate::graph::{NodeId, NodeKind};
use crate::project::Hook;
use crate::render::HookTemplates;
use std::collections::BTreeSet;

/// What is said of a selector that names nothing.
const EMPTY: &str = "empty-selection";

impl Standing {
    /// The hooks of a run with the models that each is for. A run of seeds, or of tests, alone has none.
    pub(super) fn hooks(&self, tell: &dyn Tell, selection: &Selection) -> Result<Hooks, Failure> {
        let project = &self.checkout.project;
        if project.hooks.is_empty() || matches!(selection.only, Only::Seeds | Only::None) {
            return Ok(Hooks::default());
        }
        let (templates, _) = HookTemplates::read(project)?;
        let all: BTreeSet<NodeId> = (0..self.graph.nodes.len()).collect();
        let known = project.hooks.iter().any(|hook| !hook.select.is_empty()).then(|| self.known());
        let one = |hook: &Hook| -> Result<BTreeSet<NodeId>, Failure> {
            let Some(known) = known.as_ref().filter(|_| !hook.select.is_empty()) else { return Ok(all.clone()) };
            self.select(&hook.select, &known.facts()).or_else(|failure| nothing(hook, failure, tell))
        };
        let selected = project.hooks.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Hooks { templates, selected })
    }
}

/// A hook whose selector names nothing that this engine has runs for no model, and that is told; what is no selector is
/// an error.
fn nothing(hook: &Hook, failure: Failure, tell: &dyn Tell) -> Result<BTreeSet<NodeId>, Failure> {
    let Failure::Project(problems) = failure else { return Err(failure) };
    let placed = |problem: Diagnostic| Diagnostic { excerpt: None, ..problem }.at(hook.select_at.clone());
    if problems.iter().any(|problem| problem.code != EMPTY) {
        return Err(Failure::Project(problems.into_iter().map(placed).collect()));
    }
    for problem in problems {
        let message = format!("the hook `{}` runs for no model: {}", hook.name, problem.message);
        let warning = Diagnostic { hints: problem.hints, ..Diagnostic::warning(EMPTY, message) };
        tell.warn(&warning.at(hook.select_at.clone()));
    }
    Ok(BTreeSet::new())
}

impl Decided {
    /// The hooks that would run, with the models that would be built each time.
    pub fn hooks(&self) -> Vec<PlannedHook> {
        let graph = &self.standing.graph;
        let hooks = self.standing.checkout.project.hooks.iter().zip(&self.hooks.selected);
        let one = |(hook, nodes): (&Hook, &BTreeSet<NodeId>)| {
            let built = |id: &&NodeId| self.plan.builds(**id) && graph.nodes[**id].kind != NodeKind::Seed;
            let names = nodes.iter().filter(built).filter(|id| graph.has_relation(**id));
            let nodes: Vec<String> = names.map(|id| graph.nodes[*id].name.to_string()).collect();
            let of_models = hook.when.is_of_models();
            (!of_models || !nodes.is_empty()).then(|| PlannedHook {
                name: hook.name.clone(),
                nodes: if of_models { nodes } else { Vec::new() },
                when: hook.when.into(),
            })
        };
        hooks.filter_map(one).collect()
    }
}

//! From a project's files to its graph, or to every problem of them.

use super::modules::ProjectModules;
use super::python_macros::Caller;
use super::{Checkout, Failure};
use crate::check;
use crate::diagnostic::Diagnostic;
use crate::graph::{self, Graph, Spelling};
use crate::project::{Language, ModelFile};
use crate::render::{HookTemplates, PythonMacros, render_with};
use crate::syntax::audience::Audience;
use crate::syntax::python::{PythonModel, analyse_for};
use crate::test::{self, Suite};
use std::sync::Arc;

/// A project's nodes and tests.
pub struct Wired {
    pub graph: Graph,
    pub suite: Arc<Suite>,
    /// What is to be said of the tests.
    pub warnings: Vec<Diagnostic>,
}

/// The project rendered and wired, with relations named in the texts as `spelling` says.
pub fn wire(checkout: &Checkout, spelling: Spelling<'_>) -> Result<Wired, Failure> {
    let Checkout { project, dialect, .. } = checkout;
    let caller = Caller::new(checkout)?;
    let python = caller.clone().map(|caller| caller as Arc<dyn PythonMacros>);
    let (rendered, mut problems) = render_with(project, dialect.clone(), python);
    caller.iter().for_each(|caller| caller.keep());
    let (scripts, more) = scripts(checkout);
    problems.extend(more);
    if !problems.is_empty() {
        problems.extend(graph::problems(project, rendered, scripts));
        return Err(Failure::Project(problems));
    }
    let mut graph = graph::build_spelled(project, rendered, scripts, &**dialect, spelling)?;
    let mut problems = check::budget::unknown_models(project, &graph);
    match graph::exposures(project, &graph) {
        Ok(exposures) => graph.exposures = exposures,
        Err(more) => problems.extend(more),
    }
    match HookTemplates::read(project) {
        Ok((_, named)) => problems.extend(graph::hook_problems(&graph, &named)),
        Err(more) => problems.extend(more),
    }
    let tests = test::read(project, &graph, dialect).map_err(|more| problems.extend(more));
    match tests {
        Ok((suite, warnings)) if problems.is_empty() => Ok(Wired { graph, suite: suite.into(), warnings }),
        _ => Err(Failure::Project(problems)),
    }
}

/// Every Python model with its file, and the problems of files that can't be read.
fn scripts(checkout: &Checkout) -> (Vec<(&ModelFile, PythonModel)>, Vec<Diagnostic>) {
    let Checkout { world, project, .. } = checkout;
    let sees = |audience: &Audience| project.sees(audience);
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for file in project.models.iter().filter(|model| model.language == Language::Python) {
        let modules = ProjectModules { world: &**world, root: project.folder_of(&file.path) };
        match analyse_for(&file.path, &file.text, &modules, &sees) {
            Ok(models) => found.extend(models.into_iter().map(|model| (file, model))),
            Err(more) => problems.extend(more),
        }
    }
    problems.dedup();
    (found, problems)
}

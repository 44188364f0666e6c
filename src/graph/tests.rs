//! Graphs built from whole projects.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::dialect::DuckDb;
use crate::project::{Language, Project};

/// Renders and analyses every model of a project and builds its graph.
pub fn build(project: &Project) -> Result<Graph, Vec<Diagnostic>> {
    let rendered = crate::render::render(project, Arc::new(DuckDb))?;
    let mut python = Vec::new();
    for file in project.models.iter().filter(|file| file.language == Language::Python) {
        let models = crate::syntax::python::analyse(&file.path, &file.text, &|_| None)?;
        python.extend(models.into_iter().map(|model| (file, model)));
    }
    super::build(project, rendered, python, &DuckDb)
}

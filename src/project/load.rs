//! Loading: from a folder to a [`Project`], or to every problem of it at once.
//!
//! Takes a [`World`], a root and [`LoadOptions`]. Each file is read even where another one is wrong.

use super::files::Files;
use super::yaml::YamlFile;
use super::{Budgets, Project, Settings, budget, document, model, profile, properties, redact, seed, settings, source};
use crate::diagnostic::{Diagnostic, Location};
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PROJECT: &str = "project.yml";
const SOURCES: &str = "sources.yml";
const BUDGETS: &str = "budgets.yml";

/// What the command line says of loading.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// `--env`.
    pub profile: Option<String>,
    /// `--vars`.
    pub vars: BTreeMap<String, Value>,
}

/// The nearest folder upward from `start`, itself included, that holds a project.yml.
pub fn find_root(world: &dyn World, start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| world.exists(&folder.join(PROJECT))).map(Path::to_path_buf)
}

/// Reads the project in `root`, an absolute folder.
///
/// # Errors
/// Every problem of the project's files, in the order of reading: project.yml, `.env` layers and profiles.yml,
/// sources.yml, budgets.yml, models with their properties, seeds.
pub fn load(world: &dyn World, root: &Path, options: &LoadOptions) -> Result<Project, Vec<Diagnostic>> {
    let mut files = Files::new(world, root);
    let (settings, project_vars) = read_settings(&mut files)?;
    let loaded = profile::load(&mut files, options.profile.as_deref(), &settings.fingerprint);
    let engine = loaded.profile.as_ref().map(|profile| profile.engine.as_str());
    let sources = with_yaml(&mut files, SOURCES, |file| source::read(file, engine)).unwrap_or_default();
    let budgets: Budgets = with_yaml(&mut files, BUDGETS, budget::read).unwrap_or_default();
    let found = model::read(&mut files, &settings.models_dir);
    let mut described = BTreeMap::new();
    for (path, text) in found.properties {
        let file = YamlFile::new(path, text);
        properties::read(&file, &mut described);
        files.problems.extend(file.into_problems());
    }
    let seeds = seed::read(&mut files, &settings, loaded.environment.get(seed::DIR_VARIABLE));
    files.problems.extend(model::clashes(&found.models, &seeds));
    let documents = document::read(&mut files);
    let mut vars = project_vars;
    vars.extend(loaded.vars);
    vars.extend(options.vars.clone());
    match loaded.profile {
        Some(profile) if files.problems.is_empty() => Ok(Project {
            root: root.to_path_buf(),
            settings,
            profile,
            env: loaded.environment,
            vars,
            models: found.models,
            macros: found.macros,
            seeds,
            sources,
            properties: described,
            documents,
            budgets,
        }),
        _ => Err(files.problems.into_iter().map(without_passwords).collect()),
    }
}

/// project.yml; without it there is no project, and nothing else is read.
fn read_settings(files: &mut Files<'_>) -> Result<(Settings, BTreeMap<String, Value>), Vec<Diagnostic>> {
    if !files.world.exists(&files.root.join(PROJECT)) {
        let problem = Diagnostic::new("no-project", format!("no {PROJECT} in {}", files.root.display()));
        let hint = "name the project's folder, or make one with `fft init`";
        return Err(vec![problem.at(Location::file(PROJECT)).hint(hint)]);
    }
    Ok(with_yaml(files, PROJECT, settings::read).unwrap_or_default())
}

/// People write passwords into any file.
fn without_passwords(mut problem: Diagnostic) -> Diagnostic {
    problem.message = redact::without_passwords(&problem.message);
    problem.excerpt = problem.excerpt.map(|excerpt| redact::without_passwords(&excerpt));
    problem
}

/// Reads one YAML file and keeps its problems; `None` where there is none.
fn with_yaml<T>(files: &mut Files<'_>, path: &str, read: impl FnOnce(&YamlFile) -> T) -> Option<T> {
    let file = YamlFile::new(path, files.text(path)?);
    let value = read(&file);
    files.problems.extend(file.into_problems());
    Some(value)
}

#[cfg(test)]
mod tests;

//! Loading: from a folder to a [`Project`], or to every problem of it at once.
//!
//! Takes a [`World`], a root and [`LoadOptions`]. Each file is read even where another one is wrong.

use super::files::Files;
use super::package::{self, Whole};
use super::yaml::YamlFile;
use super::{
    Budgets, DeclaredTest, Deltas, Environment, Project, Properties, STATE, SeedFile, Settings, budget, described,
    document, exposure, hook, left_out, model, profile, properties, redact, seed, settings, source, test,
};
use crate::diagnostic::{Diagnostic, Location};
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PROJECT: &str = "project.yml";
const SOURCES: &str = "sources.yml";
const BUDGETS: &str = "budgets.yml";
const EXPOSURES: &str = "exposures.yml";

/// What the command line says of loading.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// `--env`.
    pub profile: Option<String>,
    /// `--engine`.
    pub engine: Option<String>,
    /// `--vars`.
    pub vars: BTreeMap<String, Value>,
    /// The folder that `FFT_STATE_DIR` names, absolute.
    pub state: Option<PathBuf>,
}

/// What YAML files declare beside what they are read for.
#[derive(Default)]
struct Gathered {
    tests: Vec<DeclaredTest>,
}

impl Gathered {
    fn take(&mut self, file: &YamlFile) {
        self.tests.append(&mut file.tests.borrow_mut());
    }
}

/// The nearest folder upward from `start`, itself included, that holds a project.yml.
pub fn find_root(world: &dyn World, start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| world.exists(&folder.join(PROJECT))).map(Path::to_path_buf)
}

/// Reads the project in `root`, an absolute folder.
///
/// # Errors
/// Every problem of the project's files, in the order of reading: project.yml, `.env` layers and profiles.yml,
/// sources.yml, budgets.yml, models with their properties, seeds. Warnings are among them; without an error they are the
/// project's.
pub fn load(world: &dyn World, root: &Path, options: &LoadOptions) -> Result<Project, Vec<Diagnostic>> {
    let mut files = Files::new(world, root);
    let mut gathered = Gathered::default();
    let (settings, project_vars) = read_settings(&mut files, &mut gathered)?;
    let packages = package::locked(&mut files, &fetched(root, options));
    let loaded =
        profile::load(&mut files, options.profile.as_deref(), options.engine.as_deref(), &settings.fingerprint);
    let engine = loaded.profile.as_ref().map(|profile| profile.engine.as_str());
    let sources = with_yaml(&mut files, SOURCES, &mut gathered, |file| source::read(file, engine)).unwrap_or_default();
    let budgets: Budgets = with_yaml(&mut files, BUDGETS, &mut gathered, budget::read).unwrap_or_default();
    let exposures = with_yaml(&mut files, EXPOSURES, &mut gathered, exposure::read).unwrap_or_default();
    let mut found = model::read(&mut files, &settings.models_dir, model::MACROS);
    let deltas = Deltas::read(&mut files, &settings, &found.models);
    found.properties.retain(|(path, _)| !deltas.has(path));
    let property_files: Vec<String> = found.properties.iter().map(|(path, _)| path.clone()).collect();
    let properties = all_properties(&mut files, std::mem::take(&mut found.properties), &settings, &mut gathered);
    let replaced = loaded.environment.get(seed::DIR_VARIABLE);
    let seeds = seed::read(&mut files, &settings, replaced, engine, &mut gathered.tests);
    let test_files = test::read_files(&mut files);
    let documents = document::read(&mut files, "docs");
    let hooks = hook::resolve(&mut files, &settings.hooks, loaded.profile.as_ref());
    missing_folders(&mut files, &settings, &found.models, &seeds);
    let known = [documents.paths.to_vec(), property_files, deltas.paths().cloned().collect()];
    let read = read(&files, &found, &seeds, known);
    left_out::tell(&mut files, &settings, &read, replaced.is_some());
    let mut whole = Whole { settings, found, properties, seeds, sources, documents };
    let layers = [&project_vars, &loaded.vars, &options.vars];
    let packages = package::join(&mut files, packages, &mut whole, engine, layers, &mut gathered.tests);
    let Whole { settings, found, properties, seeds, sources, documents } = whole;
    let docs_dir = docs_dir(&mut files, &loaded.environment, &settings, options);
    let problems: Vec<_> = files.problems.into_iter().map(without_passwords).collect();
    match loaded.profile {
        Some(profile) if problems.iter().all(Diagnostic::is_warning) => Ok(Project {
            root: root.to_path_buf(),
            state: options.state.clone(),
            docs_dir,
            settings,
            profile,
            env: loaded.environment,
            vars: project_vars.into_iter().chain(loaded.vars).chain(options.vars.clone()).collect(),
            models: found.models,
            macros: found.macros,
            python_macros: found.python_macros,
            seeds,
            sources,
            exposures,
            properties,
            documents,
            budgets,
            packages,
            modules: found.modules,
            deltas,
            hooks,
            tests: gathered.tests,
            test_files,
            warnings: problems,
        }),
        _ => Err(problems),
    }
}

/// Every file that something is read of, with `known` ones of other kinds.
fn read(files: &Files<'_>, found: &model::Found, seeds: &[SeedFile], known: [Vec<String>; 3]) -> BTreeSet<String> {
    let models = found.models.iter().map(|model| &model.path);
    let paths = models.chain(found.macros.iter().map(|file| &file.path)).chain(seeds.iter().map(|seed| &seed.path));
    // What can't be read has its own problem.
    let problems = files.problems.iter().filter_map(|problem| Some(&problem.at.as_ref()?.path));
    paths.chain(problems).cloned().chain(known.into_iter().flatten()).collect()
}

/// The folder of packages that were fetched.
fn fetched(root: &Path, options: &LoadOptions) -> PathBuf {
    options.state.clone().unwrap_or_else(|| root.join(STATE)).join(package::FOLDER)
}

/// What YAML says of models: their own files, and `docs.models` of project.yml.
fn all_properties(
    files: &mut Files<'_>,
    found: Vec<(String, String)>,
    settings: &Settings,
    gathered: &mut Gathered,
) -> BTreeMap<String, Properties> {
    let mut properties = BTreeMap::new();
    for (path, text) in found {
        let file = YamlFile::new(path, text);
        properties::read(&file, &mut properties);
        gathered.take(&file);
        files.problems.extend(file.into_problems());
    }
    described::add(settings.described.clone(), &mut properties);
    properties
}

/// Folders that project.yml names and that aren't there. The usual ones need not be.
fn missing_folders(files: &mut Files<'_>, settings: &Settings, models: &[super::ModelFile], seeds: &[SeedFile]) {
    let usual = Settings::default();
    let dirs = [
        ("models_dir", &settings.models_dir, &usual.models_dir, models.is_empty()),
        ("seeds_dir", &settings.seeds_dir, &usual.seeds_dir, seeds.is_empty()),
    ];
    for (key, dir, usual, empty) in dirs {
        if empty && dir != usual {
            let missing = left_out::missing_folder(files, key, dir);
            files.problems.extend(missing);
        }
    }
}

/// Variables that say where this machine keeps what fft writes. A project's own files have no say in it.
const PLACES: [&str; 2] = ["FFT_STATE_DIR", "FFT_DOCS_DIR"];

/// The folder that `FFT_DOCS_DIR` names. Without one the project's own is looked at.
fn docs_dir(
    files: &mut Files<'_>,
    environment: &Environment,
    settings: &Settings,
    options: &LoadOptions,
) -> Option<PathBuf> {
    for name in PLACES {
        let Some(var) = environment.vars.get(name).filter(|var| var.origin != "process") else { continue };
        let message = format!("{name} counts only in the environment that fft is started in");
        let problem = Diagnostic::new("misplaced-env", message).at(Location::file(&var.origin));
        files.problems.push(problem.hint(format!("take it out here, and start fft with `{name}=… fft …`")));
    }
    let named = files.world.env().get("FFT_DOCS_DIR").map(|dir| dir.trim().to_string());
    let dir = named.filter(|dir| !dir.is_empty()).map(PathBuf::from);
    if dir.is_none() && options.state.is_none() {
        let outside = outside(files.world, files.root, settings);
        files.problems.extend(outside);
    }
    dir
}

/// A site that the project's files put outside of its folder: whoever clones a project gets no files elsewhere.
fn outside(world: &dyn World, root: &Path, settings: &Settings) -> Option<Diagnostic> {
    let folder = world.resolve(&root.join(&settings.dag_dir)).ok()?;
    if folder.starts_with(root) {
        return None;
    }
    let message = format!("`docs.dag_dir` leads out of the project's folder: {}", settings.dag_dir);
    let at = settings.dag_dir_at.clone().unwrap_or_else(|| Location::file(PROJECT));
    let hint = "name a folder of the project; FFT_DOCS_DIR, and `--out` of `fft docs build`, may name any";
    Some(Diagnostic::new("outside-project", message).at(at).hint(hint))
}

/// project.yml; without it there is no project, and nothing else is read.
fn read_settings(
    files: &mut Files<'_>,
    gathered: &mut Gathered,
) -> Result<(Settings, BTreeMap<String, Value>), Vec<Diagnostic>> {
    if !files.world.exists(&files.root.join(PROJECT)) {
        let problem = Diagnostic::new("no-project", format!("no {PROJECT} in {}", files.root.display()));
        let hint = if files.world.exists(&files.root.join("project.yaml")) {
            "rename project.yaml to project.yml"
        } else {
            "name the project's folder, or make one with `fft init`"
        };
        return Err(vec![problem.at(Location::file(PROJECT)).hint(hint)]);
    }
    Ok(with_yaml(files, PROJECT, gathered, settings::read).unwrap_or_default())
}

/// The name of the project in `root`, as its project.yml has it.
///
/// # Errors
/// The problems of that file.
pub fn named(world: &dyn World, root: &Path) -> Result<String, Vec<Diagnostic>> {
    let mut files = Files::new(world, root);
    let (settings, _) = read_settings(&mut files, &mut Gathered::default())?;
    if files.problems.iter().any(|problem| !problem.is_warning()) {
        return Err(files.problems);
    }
    Ok(settings.name)
}

/// `docs.url` of the project in `root`, as far as its project.yml can be read.
pub fn published(world: &dyn World, root: &Path) -> Option<String> {
    let mut files = Files::new(world, root);
    read_settings(&mut files, &mut Gathered::default()).ok()?.0.docs_url
}

/// People write passwords into any file.
fn without_passwords(mut problem: Diagnostic) -> Diagnostic {
    problem.message = redact::without_passwords(&problem.message);
    problem.excerpt = problem.excerpt.map(|excerpt| redact::without_passwords(&excerpt));
    problem
}

/// Reads one YAML file and keeps its problems; `None` where there is none.
fn with_yaml<T>(
    files: &mut Files<'_>,
    path: &str,
    gathered: &mut Gathered,
    read: impl FnOnce(&YamlFile) -> T,
) -> Option<T> {
    let file = YamlFile::new(path, files.text(path)?);
    let value = read(&file);
    gathered.take(&file);
    files.problems.extend(file.into_problems());
    Some(value)
}

#[cfg(test)]
mod tests;

//! From a folder to a plan: the stages that every verb goes through, as far as it needs.

use super::hold::Hold;
use super::modules::ProjectModules;
use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions};
use super::output;
use super::terminal::Terminal;
use super::{Failure, packages, place};
use crate::artifact::cache::Cache;
use crate::artifact::evidence::Evidence;
use crate::artifact::literal::literals;
use crate::artifact::manifest::Git;
use crate::artifact::secret::Guarded;
use crate::artifact::{Layout, git};
use crate::check;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::engine::{self, Access, Engine, EngineError, MetaRow, Relations, Session};
use crate::execute::{self, ledger};
use crate::fingerprint::{Components, Data, Key, Material, SeedDigest, leaf_of};
use crate::graph::{self, Graph, NodeId, NodeKind, Spelling};
use crate::plan::{self, Found, Plan, Request, State};
use crate::project::{self, Language, LoadOptions, ModelFile, Project};
use crate::secret::Secrets;
use crate::syntax::python::{PythonModel, analyse};
use crate::watch::{self, Observed, Watch};
use crate::world::World;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A project's files, read but not yet wired.
pub struct Opened {
    pub world: Arc<dyn World>,
    pub project: Project,
    pub dialect: Arc<dyn Dialect>,
    pub layout: Layout,
    pub secrets: Arc<Secrets>,
}

/// A project and its graph: all that the files say.
pub struct Loaded {
    pub world: Arc<dyn World>,
    pub project: Project,
    pub graph: Graph,
    pub dialect: Arc<dyn Dialect>,
    pub layout: Layout,
    pub secrets: Arc<Secrets>,
}

/// The folder that the options mean.
pub fn root(world: &dyn World, project: Option<&Path>) -> Result<PathBuf, Failure> {
    let given = project.unwrap_or(Path::new("."));
    // Resolved once, so that every way to the folder gives the same places below it.
    let start = world.resolve(given).map_err(|error| Failure::Io(format!("the folder {}", given.display()), error))?;
    match project {
        Some(_) => Ok(start),
        None => project::find_root(world, &start).ok_or_else(|| {
            let message = "no project.yml in this folder or one above it".to_string();
            Failure::Usage(message, vec!["name the project's folder, or start one with `fft init`".into()])
        }),
    }
}

/// The same for what asks records alone: a folder without a project has none.
pub fn recorded_root(world: &dyn World, project: Option<&Path>) -> Result<PathBuf, Failure> {
    let root = root(world, project)?;
    match world.exists(&root.join("project.yml")) {
        true => Ok(root),
        false => {
            let message = format!("no project.yml in {}", root.display());
            Err(Failure::Usage(message, vec!["name the project's folder, or start one with `fft init`".into()]))
        }
    }
}

/// Reads a project and tells its warnings, or tells every problem of its files. From here on its world writes no secret.
pub fn open(world: Arc<dyn World>, terminal: &Terminal, options: &ProjectOptions) -> Result<Opened, Failure> {
    let root = root(&*world, options.project.as_deref())?;
    let layout = place::layout(&*world, &root)?;
    let load = LoadOptions { state: layout.moved().map(Path::to_path_buf), ..options.load_options()? };
    let project = project::load(&*world, &root, &load)?;
    let dialect = crate::dialect::for_engine(&project.profile.engine).ok_or_else(|| unsupported(&project))?;
    // An engine's own readers know no other place that paths count from.
    world.enter(&root).map_err(|error| Failure::Io(format!("the folder {}", root.display()), error))?;
    place::take(&*world, &layout, &root, &project.settings.name)?;
    let secrets = Arc::new(project.env.forms());
    output::hide(secrets.clone());
    project.warnings.iter().for_each(|warning| terminal.warn(warning));
    let world = Arc::new(Guarded::new(world, layout.root(), secrets.clone()));
    Ok(Opened { world, project, dialect: dialect.into(), layout, secrets })
}

/// Reads, renders and wires a project, or tells every problem of it.
pub fn load(world: Arc<dyn World>, terminal: &Terminal, options: &ProjectOptions) -> Result<Loaded, Failure> {
    load_spelled(world, terminal, options, Spelling::Short)
}

/// The same, with relations named in the texts as `spelling` says.
pub fn load_spelled(
    world: Arc<dyn World>,
    terminal: &Terminal,
    options: &ProjectOptions,
    spelling: Spelling,
) -> Result<Loaded, Failure> {
    let opened = open(world, terminal, options)?;
    let graph = wire(&*opened.world, &opened.project, opened.dialect.clone(), spelling)?;
    graph::unused(&opened.project, &graph).iter().for_each(|warning| terminal.warn(warning));
    Ok(opened.loaded(graph))
}

impl Opened {
    fn loaded(self, graph: Graph) -> Loaded {
        let Opened { world, project, dialect, layout, secrets } = self;
        Loaded { world, project, graph, dialect, layout, secrets }
    }
}

fn unsupported(project: &Project) -> Failure {
    let known: Vec<&str> = crate::dialect::engines().collect();
    let message = format!(
        "profile `{}` asks for engine `{}`, which this build doesn't have",
        project.profile.name, project.profile.engine
    );
    Failure::Usage(message, vec![format!("engines of this build: {}", known.join(", "))])
}

fn wire(world: &dyn World, project: &Project, dialect: Arc<dyn Dialect>, spelling: Spelling) -> Result<Graph, Failure> {
    let (rendered, mut problems) = crate::render::render_all(project, dialect.clone());
    let (scripts, more) = scripts(world, project);
    problems.extend(more);
    if !problems.is_empty() {
        problems.extend(graph::problems(project, rendered, scripts));
        return Err(Failure::Project(problems));
    }
    let graph = graph::build_spelled(project, rendered, scripts, &*dialect, spelling)?;
    let problems = check::budget::unknown_models(project, &graph);
    if problems.is_empty() { Ok(graph) } else { Err(Failure::Project(problems)) }
}

/// Every Python model with its file, and the problems of files that can't be read.
fn scripts<'a>(world: &dyn World, project: &'a Project) -> (Vec<(&'a ModelFile, PythonModel)>, Vec<Diagnostic>) {
    let modules = ProjectModules { world, root: &project.root };
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for file in project.models.iter().filter(|model| model.language == Language::Python) {
        match analyse(&file.path, &file.text, &modules) {
            Ok(models) => found.extend(models.into_iter().map(|model| (file, model))),
            Err(more) => problems.extend(more),
        }
    }
    problems.dedup();
    (found, problems)
}

/// A loaded project beside its database and its records.
pub struct Prepared {
    pub loaded: Loaded,
    pub engine: Box<dyn Engine>,
    pub session: Box<dyn Session>,
    pub relations: Relations,
    pub found: Vec<Found>,
    pub cache: Cache,
    pub state: State,
    pub evidence: Evidence,
    pub observed: Observed,
    pub components: Components,
    pub git: Git,
    /// What is to be said of the Python that runs models, where Python models are.
    pub python_notes: Vec<String>,
}

/// Wires the project and reads what is recorded of earlier builds, while another thread opens the database and asks it
/// what it has.
pub fn prepare(opened: Opened, terminal: &Terminal, wait: WaitOptions) -> Result<Prepared, Failure> {
    prepare_with(opened, terminal, &Hold::new(terminal, wait.no_wait), Access::Look)
}

/// The same over a database that no other run may change: what is read must still hold when it is acted upon.
pub fn prepare_claimed(opened: Opened, terminal: &Terminal, hold: &Hold<'_>) -> Result<Prepared, Failure> {
    prepare_with(opened, terminal, hold, Access::Build)
}

fn prepare_with(opened: Opened, terminal: &Terminal, hold: &Hold<'_>, access: Access) -> Result<Prepared, Failure> {
    let (files, database) = std::thread::scope(|scope| {
        let open = || database(&*opened.world, &opened.project, hold, access);
        let thread = std::thread::Builder::new().name("database".into()).spawn_scoped(scope, open);
        let files = files(&opened);
        if files.is_err() {
            hold.give_up();
        }
        match thread {
            Ok(thread) => (files, thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            // One after the other, where the system gives no thread.
            Err(_) => (files, open()),
        }
    });
    // What is wrong with the files is told first: it may be why the database can't be opened.
    let (graph, mut material, components, mut python_notes) = files?;
    graph::unused(&opened.project, &graph).iter().for_each(|warning| terminal.warn(warning));
    let Database { engine, mut session, relations, meta } =
        database.map_err(|error| redacted(&opened.project, error))?;
    let found = execute::found(&graph, &relations, &meta, &opened.project.settings.name);
    let observed = observe(&mut *session, &relations, &opened, &graph)?;
    material.source_data = observed.sources.iter().map(|(key, watch)| (key.clone(), data(watch))).collect();
    material.files = observed.files.iter().map(|(name, watch)| (name.clone(), data(watch))).collect();
    material.relations = observed.relations.iter().map(|(name, watch)| (name.clone(), data(watch))).collect();
    let (cache, mut state) = Cache::read(opened.world.clone(), opened.layout.cache(&engine.target()));
    if ledger::has_unknown(&graph, &found, &state) {
        let rows = session.ledger().map_err(|error| redacted(&opened.project, error))?;
        ledger::complete(&graph, &found, &rows, &opened.project.settings.name, &mut state);
    }
    let absent = packages::last(&mut material, &state);
    let components = match material.is_inside() && absent.is_none() {
        true => components,
        false => Components::of(&graph, &opened.project, &material),
    };
    python_notes.extend(absent);
    let evidence = Evidence::new(opened.world.clone(), opened.layout.evidence());
    let git = Git { commit: git::commit(&*opened.world, &opened.project.root), dirty: None };
    let loaded = opened.loaded(graph);
    Ok(Prepared {
        engine,
        session,
        relations,
        found,
        cache,
        state,
        evidence,
        observed,
        components,
        git,
        python_notes,
        loaded,
    })
}

fn files(opened: &Opened) -> Result<(Graph, Material, Components, Vec<String>), Failure> {
    let Opened { world, project, dialect, .. } = opened;
    let graph = wire(&**world, project, dialect.clone(), Spelling::Short)?;
    let (material, notes) = material(&**world, project, &graph)?;
    let components = Components::of(&graph, project, &material);
    Ok((graph, material, components, notes))
}

/// The state of what nodes read from outside, asked of the engine and of the files.
fn observe(
    session: &mut dyn Session,
    relations: &Relations,
    opened: &Opened,
    graph: &Graph,
) -> Result<Observed, Failure> {
    let Opened { world, project, dialect, layout, .. } = opened;
    let mut index = watch::Index::read(&**world, layout.files());
    let mut observer =
        watch::Observer { world: &**world, project, dialect: &**dialect, session, relations, index: &mut index };
    watch::observe(&mut observer, graph).map_err(|failure| match failure {
        watch::Failure::Engine(error) => redacted(project, error),
        watch::Failure::Project(problem) => Failure::Project(vec![problem]),
    })
}

/// What was observed as fingerprints take it.
fn data(watch: &Watch) -> Data {
    match watch {
        Watch::Seen { version, .. } => Data::Version(version.clone()),
        Watch::Missing => Data::Missing,
        Watch::Unseen(why) => Data::Unknown(why.clone()),
    }
}

/// An open database and what it has.
struct Database {
    engine: Box<dyn Engine>,
    session: Box<dyn Session>,
    relations: Relations,
    meta: Vec<MetaRow>,
}

fn database(world: &dyn World, project: &Project, hold: &Hold<'_>, access: Access) -> Result<Database, EngineError> {
    let engine = hold.open(project, || engine::open(world, project, access))?;
    let mut session = engine.session()?;
    if access == Access::Build {
        hold.claim(&mut *session, project)?;
    }
    let relations = session.relations()?;
    let meta = session.meta()?;
    Ok(Database { engine, session, relations, meta })
}

/// An error of the engine without the secrets that a profile's settings or a driver's words may hold.
pub fn redacted(project: &Project, error: EngineError) -> Failure {
    let redact = |text: &str| project.env.redact(text);
    Failure::Engine(EngineError { message: redact(&error.message), hint: error.hint.as_deref().map(redact), ..error })
}

/// Reads what fingerprints need beside the project's texts; with it, what is to be said of Python packages.
fn material(world: &dyn World, project: &Project, graph: &Graph) -> Result<(Material, Vec<String>), Failure> {
    let seeds: Result<BTreeMap<_, _>, Failure> = project
        .seeds
        .par_iter()
        .map(|seed| {
            let failed = |error| Failure::Io(format!("seed {}", seed.path), error);
            let size = world.stamp(&seed.file).map_err(failed)?.size;
            let content = world.open(&seed.file).map_err(failed)?;
            let leaf = leaf_of("seed", &seed.path, size, content).map_err(failed)?;
            Ok((seed.path.clone(), SeedDigest { leaf, size, file: seed.file.clone() }))
        })
        .collect();
    let key = Key::new(project.env.get("FFT_FINGERPRINT_KEY"));
    let mut material = Material { seeds: seeds?, key, ..Material::default() };
    let note = match graph.nodes.iter().any(|node| node.kind == NodeKind::Python) {
        true => packages::add(&mut material, world, project)?,
        false => None,
    };
    Ok((material, note.into_iter().collect()))
}

impl Prepared {
    /// The decisions for a run with these options, explained. A secret in a file of the project is told instead: no diff
    /// shows it.
    pub fn plan(&mut self, options: &SelectOptions, cache: &CacheOptions) -> Result<Plan, Failure> {
        let selected = self.selection(options)?;
        self.check_files(&selected)?;
        let request = Request {
            mode: cache.mode(),
            forced: self.forced(cache, &selected)?,
            selected,
            cosmetic_skip: self.loaded.project.settings.fingerprint.cosmetic_skip,
            folder: Some(plan::folder_digest(&self.loaded.project.root)),
            build_unwatched: !self.loaded.project.settings.skip_unwatched,
            adopt: cache.adopt,
            bound_views: self.engine.capabilities().bound_views,
        };
        let mut plan = plan::plan(&self.loaded.graph, &self.components, &self.state, &self.found, &request);
        let Loaded { world, project, graph, secrets, .. } = &self.loaded;
        let found = literals(project, graph, &plan, secrets, &**world);
        if !found.is_empty() {
            return Err(Failure::Secret(found));
        }
        self.attribute(&mut plan);
        Ok(plan)
    }

    /// What a run would fail on is told before anything is built: files of sources that aren't there.
    fn check_files(&self, selected: &BTreeSet<NodeId>) -> Result<(), Failure> {
        let Loaded { project, graph, .. } = &self.loaded;
        let mut problems: Vec<_> = selected.iter().flat_map(|id| self.observed.problems(project, graph, *id)).collect();
        problems.sort_by(|left, right| left.at.cmp(&right.at));
        problems.dedup();
        if problems.is_empty() { Ok(()) } else { Err(Failure::Project(problems)) }
    }
}

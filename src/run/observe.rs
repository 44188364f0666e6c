//! The second stage: what stands. The project is wired and the records of earlier builds read, while another thread opens
//! the database and asks it what it has.

use super::database::{Database, Look};
use super::git::{self, Difference};
use super::lock::Hold;
use super::open::Instant;
use super::wire::{Wired, wire};
use super::{Checkout, Failure, Opened, Purpose, Tell, packages, redacted};
use crate::artifact::cache::Cache;
use crate::artifact::evidence::Evidence;
use crate::artifact::manifest::Git;
use crate::check::budget::counts_rows;
use crate::check::guard;
use crate::diagnostic::Diagnostic;
use crate::engine::{EngineError, Relations, Row, SchemaName};
use crate::execute::{self, ledger};
use crate::fingerprint::{Components, Data, Key, Material, SeedDigest, leaf_of};
use crate::graph::{self, Graph, NodeId, NodeKind, Spelling};
use crate::plan::{Found, State};
use crate::project::{Project, QueryLimit};
use crate::test::Suite;
use crate::watch::{self, Observed, Watch};
use crate::world::{Lock, World};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// A wired project beside its database and its records.
pub struct Standing {
    pub(super) checkout: Checkout,
    pub(super) graph: Graph,
    pub(super) suite: Arc<Suite>,
    pub(super) database: Database,
    pub(super) relations: Relations,
    /// The ledger, where the database is yet to be claimed: it is to be looked at again then.
    rows: Vec<Row>,
    /// Fail at once where another run holds the database.
    no_wait: bool,
    /// What the engine has for each node, in the graph's order.
    pub(super) found: Vec<Found>,
    pub(super) cache: Cache,
    pub(super) state: State,
    pub(super) evidence: Evidence,
    pub(super) observed: Observed,
    pub(super) components: Components,
    pub(super) git: Git,
    pub(super) difference: Option<Difference>,
    /// What is to be said of the Python that runs models, where Python models are.
    pub(super) python_notes: Vec<String>,
    pub(super) began: Instant,
    pub(super) lock: Option<Box<dyn Lock>>,
}

impl Opened {
    /// Looks at what stands. Where the database is to be changed it is claimed first, so that what is read still holds
    /// when it is acted upon; where only the plan can say that and claims are dear, once it has said so.
    pub fn observe(self, tell: &dyn Tell) -> Result<Standing, Failure> {
        self.observe_in(tell, None)
    }

    /// The same, in a database that was opened and claimed before.
    fn observe_in(self, tell: &dyn Tell, database: Option<Database>) -> Result<Standing, Failure> {
        let hold = self.hold(tell);
        let again = database.is_some();
        let Opened { checkout, purpose, no_wait, lock, mut began, difference } = self;
        let (files, database) = look(&checkout, &hold, purpose, database);
        // What is wrong with the files is told first: it may be why the database can't be opened.
        let Files { graph, suite, warnings, mut material, components, mut python_notes } = files?;
        if hold.waited() {
            began = Instant::now(&*checkout.world);
        }
        if !again {
            graph::unused(&checkout.project, &graph).iter().chain(&warnings).for_each(|warning| tell.warn(warning));
        }
        let project = &checkout.project;
        let database = database.and_then(|Seen { mut database, look, records }| {
            let look = database.widen(look, &schemas(&graph, project))?;
            Ok((database, look, records))
        });
        let (mut database, Look { relations, rows }, (cache, mut state)) =
            database.map_err(|error| redacted(project, error))?;
        let mut found = execute::found(&graph, &relations, &rows, &project.settings.name);
        let observed = outside(&checkout, &graph, &mut database, &relations)?;
        add(&mut material, &observed);
        if ledger::has_unknown(&graph, &found, &state) {
            let rows = database.session().ledger(&relations, true).map_err(|error| redacted(project, error))?;
            ledger::complete(&graph, &found, &rows, &project.settings.name, &mut state);
        }
        look_at_rows(&graph, &state, &mut found, &mut database).map_err(|error| redacted(project, error))?;
        let absent = packages::last(&mut material, &state);
        // What was computed beside the database holds, unless that or the records had a part in it.
        let inside = material.is_inside() && absent.is_none();
        let components = if inside { components } else { Components::of(&graph, project, &material) };
        python_notes.extend(absent);
        let evidence = Evidence::new(checkout.world.clone(), checkout.layout.evidence());
        let unclaimed = database.is_unclaimed();
        let git = Git { commit: git::commit(&*checkout.world, &project.root), ..Git::default() };
        Ok(Standing {
            checkout,
            graph,
            suite,
            database,
            relations,
            rows: if unclaimed { rows } else { Vec::new() },
            no_wait,
            found,
            cache,
            state,
            evidence,
            observed,
            components,
            git,
            difference,
            python_notes,
            began,
            lock,
        })
    }
}

/// Of tables that are extended, what tells whether somebody changed their rows in place, where that is recorded of them.
fn look_at_rows(graph: &Graph, state: &State, found: &mut [Found], database: &mut Database) -> Result<(), EngineError> {
    for (node, found) in graph.nodes.iter().zip(found) {
        let entry = state.entries.get(&node.name).filter(|entry| entry.relation == node.relation);
        let recorded = entry.and_then(|entry| entry.identity?.content).is_some();
        let stands = node.materialization.is_extended() && found.kind == node.materialization.kind();
        if let Some(identity) = found.identity.as_mut().filter(|_| recorded && stands) {
            identity.content = database.session().content(&node.relation)?;
        }
    }
    Ok(())
}

/// What stands once the database is claimed.
pub(super) enum Claimed {
    /// All of it is as it was seen before.
    AsSeen(Box<Standing>),
    Anew(Box<Standing>),
}

impl Standing {
    /// Claims the database, where that is yet to be done, and looks again at what could have changed before it was: what
    /// another run has built meanwhile is seen, and everything is looked at anew.
    pub(super) fn claim(mut self, tell: &dyn Tell) -> Result<Claimed, Failure> {
        let hold = Hold::new(tell, self.no_wait);
        let failed = |error| redacted(&self.checkout.project, error);
        if !self.database.claim(&self.checkout, &hold).map_err(failed)? {
            return Ok(Claimed::AsSeen(Box::new(self)));
        }
        let now = self.database.look().map_err(failed)?;
        if !hold.waited() && now.rows == self.rows && now.relations.are_as(&self.relations) {
            return Ok(Claimed::AsSeen(Box::new(self)));
        }
        let Standing { checkout, database, lock, began, difference, no_wait, .. } = self;
        let began = if hold.waited() { Instant::now(&*checkout.world) } else { began };
        let opened = Opened { checkout, purpose: Purpose::Build, no_wait, lock, began, difference };
        Ok(Claimed::Anew(Box::new(opened.observe_in(tell, Some(database))?)))
    }
}

/// The schemas that nodes and sources are in.
fn schemas(graph: &Graph, project: &Project) -> BTreeSet<SchemaName> {
    let nodes = graph.nodes.iter().map(|node| SchemaName::of(&node.relation));
    let sources = project.sources.values().filter(|source| source.location.is_empty());
    nodes.chain(sources.map(|source| SchemaName::of(&source.relation()))).collect()
}

/// A database that was opened, with what it has and what is recorded of its builds.
struct Seen {
    database: Database,
    look: Look,
    records: (Cache, State),
}

/// What the files say, and at the same time what stands in the database.
fn look(
    checkout: &Checkout,
    hold: &Hold<'_>,
    purpose: Purpose,
    opened: Option<Database>,
) -> (Result<Files, Failure>, Result<Seen, EngineError>) {
    let opened = Mutex::new(opened);
    let there = || {
        let opened = opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut database = opened.map_or_else(|| Database::open(checkout, hold, purpose), Ok)?;
        let caches = checkout.layout.cache(&database.engine().target());
        let mut records = None;
        let look = rayon::in_place_scope(|scope| {
            scope.spawn(|_| records = Some(Cache::read(checkout.world.clone(), caches)));
            database.look()
        })?;
        Ok(Seen { look, database, records: records.expect("invariant: the scope waits for it") })
    };
    let here = || {
        let files = files(checkout, Spelling::Short);
        // Nobody waits for a database that is no longer wanted.
        if files.is_err() {
            hold.give_up();
        }
        files
    };
    beside(here, there)
}

/// Does both at one time, one after the other where the system gives no thread.
fn beside<H, T: Send>(here: impl FnOnce() -> H, there: impl Fn() -> T + Sync) -> (H, T) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("database".into()).spawn_scoped(scope, &there);
        let here = here();
        match thread {
            Ok(thread) => (here, thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            Err(_) => (here, there()),
        }
    })
}

/// All that the files say.
pub(super) struct Files {
    pub graph: Graph,
    pub suite: Arc<Suite>,
    warnings: Vec<Diagnostic>,
    material: Material,
    pub components: Components,
    python_notes: Vec<String>,
}

/// The same, with relations named in the texts as `spelling` says.
pub(super) fn files(checkout: &Checkout, spelling: Spelling<'_>) -> Result<Files, Failure> {
    let Checkout { world, project, .. } = checkout;
    let Wired { graph, suite, warnings } = wire(checkout, spelling)?;
    let (material, python_notes) = material(&**world, project, &graph)?;
    let components = Components::of(&graph, project, &material);
    Ok(Files { graph, suite, warnings, material, components, python_notes })
}

/// The state of what nodes read from outside, asked of the engine and of the files.
fn outside(
    checkout: &Checkout,
    graph: &Graph,
    database: &mut Database,
    relations: &Relations,
) -> Result<Observed, Failure> {
    let Checkout { world, project, dialect, layout, .. } = checkout;
    let mut index = watch::Index::read(&**world, layout.files());
    let session = database.session();
    let mut observer =
        watch::Observer { world: &**world, project, dialect: &**dialect, session, relations, index: &mut index };
    watch::observe(&mut observer, graph).map_err(|failure| match failure {
        watch::Failure::Engine(error) => redacted(project, error),
        watch::Failure::Project(problem) => Failure::Project(vec![problem]),
    })
}

/// Adds what was observed to what fingerprints are made of.
fn add(material: &mut Material, observed: &Observed) {
    material.source_data = observed.sources.iter().map(|(key, watch)| (key.clone(), data(watch))).collect();
    material.files = observed.files.iter().map(|(name, watch)| (name.clone(), data(watch))).collect();
    material.relations = observed.relations.iter().map(|(name, watch)| (name.clone(), data(watch))).collect();
}

/// What was observed as fingerprints take it.
pub(super) fn data(watch: &Watch) -> Data {
    match watch {
        Watch::Seen { version, .. } => Data::Version(version.clone()),
        Watch::Missing => Data::Missing,
        Watch::Unseen(why) => Data::Unknown(why.clone()),
    }
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
    let python = graph.nodes.iter().any(|node| node.kind == NodeKind::Python);
    let note = if python { packages::add(&mut material, world, project)? } else { None };
    Ok((material, note.into_iter().collect()))
}

impl Standing {
    pub fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Whether the engine can hold a query to this limit, where there is one.
    pub fn can_hold(&self, limit: Option<&QueryLimit>) -> Result<(), Failure> {
        Ok(guard::holdable(self.database.engine(), limit)?)
    }

    /// The rows of each of `nodes` that a budget counts: as its build recorded them where the relation is what that build
    /// left, else as the database counts them; `None` where neither tells.
    pub(super) fn rows(&mut self, nodes: impl Iterator<Item = NodeId>) -> BTreeMap<NodeId, Option<u64>> {
        let mut rows = BTreeMap::new();
        for id in nodes {
            if !counts_rows(&self.checkout.project, &self.graph, id) {
                continue;
            }
            let node = &self.graph.nodes[id];
            let held = self.found[id].meta.as_ref().map(|meta| &meta.run_id);
            let entry = self.state.entries.get(&node.name).filter(|entry| held == Some(&entry.run_id));
            let counted = match entry.and_then(|entry| entry.rows) {
                Some(rows) => Some(rows),
                None => self.database.count(&self.checkout.dialect.relation(&node.relation)),
            };
            rows.insert(id, counted);
        }
        rows
    }
}

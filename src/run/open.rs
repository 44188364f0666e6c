//! The first stage: a project's files, read, with the lock of the checkout where the command needs it.

use super::git::{self, Difference};
use super::lock::{self, Hold};
use super::wire::{Wired, wire};
use super::{Checkout, Failure, Tell, place};
use crate::artifact::secret::Guarded;
use crate::artifact::{Layout, sweep};
use crate::engine;
use crate::graph::{self, Graph, Spelling};
use crate::http;
use crate::project::{self, LoadOptions, QueryLimit};
use crate::world::{Lock, World};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Which project, and how it is to be read.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The project's folder; the nearest one upward that holds a project by default.
    pub folder: Option<PathBuf>,
    pub load: LoadOptions,
}

/// What a command is about to do, which says what nobody else may do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It reads; what it keeps for itself is derived and replaced as a whole.
    Look,
    /// It changes or vouches for the records of the checkout: under its lock, where anything is recorded at all.
    Records,
    /// It looks at the database and records what it finds: under the lock.
    Test,
    /// It changes the database too: under the lock, with the claim on the database.
    Database,
    /// The same, where its plan says that there is something to change.
    Build,
}

impl Purpose {
    /// Whether the database may be changed.
    pub(super) fn writes(self) -> bool {
        match self {
            Purpose::Look | Purpose::Records | Purpose::Test => false,
            Purpose::Database | Purpose::Build => true,
        }
    }
}

/// An instant, by the time of day and by the clock that never runs backwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant {
    pub at: Timestamp,
    pub elapsed: Duration,
}

impl Instant {
    pub fn now(world: &dyn World) -> Instant {
        Instant { at: world.now(), elapsed: world.elapsed() }
    }
}

/// A project's files, read but not yet wired.
pub struct Opened {
    pub(super) checkout: Checkout,
    pub(super) purpose: Purpose,
    /// Fail at once where another run holds what is needed.
    pub(super) no_wait: bool,
    pub(super) lock: Option<Box<dyn Lock>>,
    /// When no other run was in the way any longer.
    pub(super) began: Instant,
    pub(super) difference: Option<Difference>,
}

/// A project and its graph: all that the files say.
pub struct Loaded {
    checkout: Checkout,
    graph: Graph,
}

/// Reads a project and tells its warnings, or tells every problem of its files. From here on its world writes no secret.
///
/// Every verb comes through here, and says with `purpose` what it is about to do. What is to be locked is locked before the
/// project is read: what was edited while waiting counts.
pub fn open(
    world: Arc<dyn World>,
    tell: &dyn Tell,
    wanted: &Wanted,
    purpose: Purpose,
    no_wait: bool,
) -> Result<Opened, Failure> {
    let root = place::root(&*world, wanted.folder.as_deref())?;
    let layout = place::layout(&*world, &root)?;
    let lock = alone(&*world, tell, &root, &layout, purpose, no_wait)?;
    // A run begins when no other is under way: waiting is no part of it.
    let began = Instant::now(&*world);
    let load = LoadOptions { state: layout.moved().map(Path::to_path_buf), ..wanted.load.clone() };
    let project = project::load(&*world, &root, &load)?;
    let kind = engine::find(&project.profile)?;
    // An engine's own readers know no other place that paths count from.
    world.enter(&root).map_err(|error| Failure::Io(format!("the folder {}", root.display()), error))?;
    place::take(&*world, &layout, &root, &project.settings.name)?;
    let secrets = Arc::new(project.env.forms());
    tell.hide(secrets.clone());
    project.warnings.iter().for_each(|warning| tell.warn(warning));
    let world = Arc::new(Guarded::new(world, layout.root(), secrets.clone()));
    let checkout = Checkout { world, project, kind, dialect: kind.dialect(), layout, secrets };
    Ok(Opened { checkout, purpose, no_wait, lock, began, difference: None })
}

/// Reads, renders and wires a project, with relations named in the texts as `spelling` says, or tells every problem of it.
pub fn load(
    world: Arc<dyn World>,
    tell: &dyn Tell,
    wanted: &Wanted,
    spelling: Spelling<'_>,
) -> Result<Loaded, Failure> {
    let Opened { checkout, .. } = open(world, tell, wanted, Purpose::Look, true)?;
    let Wired { graph, warnings, .. } = wire(&checkout, spelling)?;
    graph::unused(&checkout.project, &graph).iter().chain(&warnings).for_each(|warning| tell.warn(warning));
    Ok(Loaded { checkout, graph })
}

/// The lock of the checkout, where `purpose` needs it, and nothing left then of writes that were killed.
fn alone(
    world: &dyn World,
    tell: &dyn Tell,
    root: &Path,
    layout: &Layout,
    purpose: Purpose,
    no_wait: bool,
) -> Result<Option<Box<dyn Lock>>, Failure> {
    // Where nothing was written, nobody holds anything; a folder elsewhere becomes this project's by being opened.
    let recorded = || layout.moved().is_some() || world.exists(layout.root());
    let wanted = match purpose {
        Purpose::Look => false,
        Purpose::Records => recorded(),
        Purpose::Test | Purpose::Database | Purpose::Build => true,
    };
    // A folder without a project gets no lock.
    if !wanted || !world.exists(&root.join("project.yml")) {
        return Ok(None);
    }
    let lock = lock::lock(world, tell, &layout.lock(), no_wait)?;
    if purpose.writes() {
        sweep(world, layout);
    }
    Ok(Some(lock))
}

impl Opened {
    pub fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    /// Whether anything was ever recorded here.
    pub fn has_records(&self) -> bool {
        self.checkout.world.exists(self.checkout.layout.root())
    }

    /// How HTTP requests are answered, as the project says and the command line overrides.
    pub fn http(&self, overrides: &http::Overrides) -> Result<http::Settings, Failure> {
        Ok(http::Settings::from_project(&self.checkout.project, overrides)?)
    }

    /// The most that one query may scan, where there is a limit.
    pub fn query_limit(&self) -> Result<Option<QueryLimit>, Failure> {
        Ok(self.checkout.project.query_limit(&self.checkout.dialect.limit_variable())?)
    }

    /// The same, with a question to git under way: whether the project's files are those of the commit.
    pub fn asking_git(self) -> Opened {
        let Checkout { world, project, .. } = &self.checkout;
        let written = [".fastflowtransform", ".local", &project.settings.dag_dir];
        let difference = git::differs(&**world, &project.root, &written);
        Opened { difference: Some(difference), ..self }
    }

    /// How this command comes to the database.
    pub(super) fn hold<'a>(&self, tell: &'a dyn Tell) -> Hold<'a> {
        Hold::new(tell, self.no_wait)
    }
}

impl Loaded {
    pub fn checkout(&self) -> &Checkout {
        &self.checkout
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

//! Data that nodes read and fft doesn't build: how each is watched, and a text of its state that is hashed.
//!
//! [`observe`] takes the graph, a session and the record of files that were read before; it gives an [`Observed`]: of each
//! source and of each file that a query names itself its state, or why that can't be told. What can't be told is never
//! taken for unchanged: the planner is told its name. A declared version wins; files tell by their content; relations by
//! what the engine says of them.

mod file;
mod fresh;
mod index;
mod read;

pub use file::FileState;
pub use fresh::Loaded;
pub use index::Index;
pub use read::text_of;

use crate::diagnostic::Diagnostic;
use crate::dialect::{Dialect, FileRead, is_relative, is_remote, origin};
use crate::engine::{DataVersion, EngineError, ListFiles, Relations, Session};
use crate::graph::{Graph, NodeId};
use crate::name::RelationName;
use crate::project::{Project, SourceTable};
use crate::world::World;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// By group and table.
type SourceKey = (String, String);

/// How the state of data is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By `loaded_at_field` or `loaded_at_query`.
    Declared,
    /// By the content of files.
    Files,
    /// By what the database says of a relation.
    Rows,
}

/// What is known of some data before a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    Seen {
        how: How,
        /// The state as a text.
        version: String,
        /// Of [`How::Files`]: each file.
        files: Vec<FileState>,
    },
    /// No file is there.
    Missing,
    /// Why its state can't be told, in words.
    Unseen(String),
}

/// All that was observed.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    pub sources: BTreeMap<SourceKey, Watch>,
    /// Files that queries name themselves, by what stands there.
    pub files: BTreeMap<String, Watch>,
    /// Relations that are there and that queries name themselves.
    pub relations: BTreeMap<RelationName, Watch>,
    /// The patterns behind each entry of `sources` and `files`, for looking again.
    patterns: BTreeMap<String, Vec<String>>,
}

/// Why nothing can be observed.
#[derive(Debug)]
pub enum Failure {
    Engine(EngineError),
    Project(Diagnostic),
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Engine(error)
    }
}

/// What is looked at, and by what.
pub struct Observer<'a> {
    pub world: &'a dyn World,
    pub project: &'a Project,
    pub dialect: &'a dyn Dialect,
    pub session: &'a mut Session,
    /// What is in the database.
    pub relations: &'a Relations,
    pub index: &'a mut Index,
}

/// Looks at everything that nodes of `graph` read from outside.
///
/// # Errors
/// A declared version that can't be told; the engine's, where it is lost.
pub fn observe(observer: &mut Observer<'_>, graph: &Graph) -> Result<Observed, Failure> {
    let mut observed = Observed::default();
    let sources: BTreeSet<_> = graph.nodes.iter().flat_map(|node| &node.external_sources).collect();
    for key in sources {
        let source = &observer.project.sources[key];
        let watch = observer.source(source, &mut observed.patterns)?;
        observed.sources.insert(key.clone(), watch);
    }
    let named: BTreeSet<_> = graph.nodes.iter().flat_map(|node| &node.files).collect();
    for read in named {
        let (FileRead::Named(path) | FileRead::Perhaps(path)) = read else { continue };
        let watch = observer.files(std::slice::from_ref(path), path, &mut observed.patterns)?;
        observed.files.insert(path.clone(), watch);
    }
    for node in &graph.nodes {
        let own = observer.relations.resolve(&node.relation);
        for name in &node.named {
            let Some(relation) = observer.found(name).filter(|found| *found != own) else { continue };
            if !observed.relations.contains_key(name) {
                let watch = observer.relation(&relation)?;
                observed.relations.insert(name.clone(), watch);
            }
        }
    }
    observer.index.settle(observer.world);
    Ok(observed)
}

/// Looks at these sources as well, as far as they weren't.
///
/// # Errors
/// Those of [`observe`].
pub fn observe_sources(
    observer: &mut Observer<'_>,
    keys: &BTreeSet<SourceKey>,
    observed: &mut Observed,
) -> Result<(), Failure> {
    for key in keys.iter().filter(|key| observer.project.sources.contains_key(*key)) {
        if !observed.sources.contains_key(key) {
            let watch = observer.source(&observer.project.sources[key], &mut observed.patterns)?;
            observed.sources.insert(key.clone(), watch);
        }
    }
    observer.index.settle(observer.world);
    Ok(())
}

impl Observer<'_> {
    fn source(&mut self, source: &SourceTable, patterns: &mut BTreeMap<String, Vec<String>>) -> Result<Watch, Failure> {
        if let Some(version) = read::declared(self.session, self.project, self.dialect, source)? {
            return Ok(Watch::Seen { how: How::Declared, version, files: Vec::new() });
        }
        if !source.location.is_empty() {
            return self.files(&self.dialect.file_patterns(source), &source.name(), patterns);
        }
        Ok(self.relation(&source.relation())?)
    }

    fn relation(&mut self, relation: &RelationName) -> Result<Watch, EngineError> {
        Ok(match self.session.data_version(relation)? {
            DataVersion::Known(version) => Watch::Seen { how: How::Rows, version, files: Vec::new() },
            DataVersion::Unknown(why) => Watch::Unseen(why),
        })
    }

    /// The full name of a relation that is there under this one. The first of two parts may be that of a database too.
    fn found(&self, name: &RelationName) -> Option<RelationName> {
        let there = |name: RelationName| self.relations.found.contains_key(&name).then_some(name);
        there(self.relations.resolve(name)).or_else(|| {
            let catalog = name.schema.as_ref().filter(|_| name.catalog.is_none())?;
            let in_main = RelationName::new(Some(catalog), Some("main"), &name.name);
            there(self.relations.resolve(&in_main))
        })
    }

    /// The state of all files that `places` mean.
    fn files(
        &mut self,
        places: &[String],
        name: &str,
        patterns: &mut BTreeMap<String, Vec<String>>,
    ) -> Result<Watch, Failure> {
        if let Some(place) = places.iter().find(|place| is_remote(place)) {
            return Ok(Watch::Unseen(format!("it is read from {}", origin(place))));
        }
        let places: Vec<String> = places.iter().map(|place| placed(place, self.project, self.dialect)).collect();
        let mut found = BTreeSet::new();
        for place in &places {
            match self.session.files(place)? {
                None => return Ok(Watch::Unseen("its files are read where fft can't see them".into())),
                Some(files) if files.is_empty() => return Ok(Watch::Missing),
                Some(files) => found.extend(files),
            }
        }
        let home = home(self.world, &places);
        let base = file::Base { root: &self.project.root, home: home.as_deref() };
        patterns.insert(name.to_string(), places);
        let files: Vec<String> = found.into_iter().collect();
        Ok(match file::states(self.world, base, &files, self.index) {
            Ok(files) => Watch::Seen { how: How::Files, version: file::listed(&files), files },
            Err(why) => Watch::Unseen(why),
        })
    }
}

/// The user's own folder, where places are written to be in it.
fn home(world: &dyn World, places: &[String]) -> Option<PathBuf> {
    let wanted = places.iter().any(|place| place.starts_with("~/"));
    wanted.then(|| world.env().get("HOME").map(PathBuf::from)).flatten()
}

/// A path or pattern as it is everywhere: what counts from the project stands behind its folder.
fn placed(place: &str, project: &Project, dialect: &dyn Dialect) -> String {
    if is_relative(place) { format!("{}{place}", dialect.folder(&folder(&project.root))) } else { place.to_string() }
}

/// The project's folder with a `/` behind it.
pub fn folder(root: &Path) -> String {
    let root = root.to_string_lossy();
    if root.ends_with('/') { root.into_owned() } else { format!("{root}/") }
}

impl Observed {
    /// What is wrong with the sources that a node reads: files that aren't there.
    pub fn problems(&self, project: &Project, graph: &Graph, id: NodeId) -> Vec<Diagnostic> {
        let missing = |key: &&SourceKey| self.sources.get(*key) == Some(&Watch::Missing);
        let problem = |key: &SourceKey| {
            let source = &project.sources[key];
            let message = match source.location.as_slice() {
                [one] => format!("no file is at `{one}`, where source `{}` is", source.name()),
                _ => format!("files of source `{}` aren't there", source.name()),
            };
            Diagnostic::new("source-missing", message)
                .at(source.at.clone())
                .hint("the paths of `location` count from the project's folder")
        };
        graph.nodes[id].external_sources.iter().filter(missing).map(problem).collect()
    }

    /// Whether the files that a node reads are still what they were when the run was planned; `list` tells which files a
    /// pattern means now. Names the first that isn't.
    ///
    /// # Errors
    /// Those of `list`.
    pub fn changed(
        &self,
        world: &dyn World,
        project: &Project,
        names: &BTreeSet<String>,
        list: ListFiles<'_>,
    ) -> Result<Option<String>, EngineError> {
        for name in names {
            let Some(before) = self.named(name) else { continue };
            let mut now = BTreeSet::new();
            for pattern in &self.patterns[name] {
                now.extend(list(pattern)?);
            }
            let home = home(world, &self.patterns[name]);
            let base = file::Base { root: &project.root, home: home.as_deref() };
            let changed = file::changed(world, base, before, &now);
            if changed.is_some() {
                return Ok(changed);
            }
        }
        Ok(None)
    }

    /// What a node reads of files, by the names that [`Observed::changed`] takes: its own, and those that views and
    /// queries which stand in its text read for it.
    pub fn read_by(&self, graph: &Graph, id: NodeId) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let node = &graph.nodes[id];
            let sources = node.external_sources.iter().map(|(group, table)| format!("{group}.{table}"));
            let files = node.files.iter().filter_map(|read| match read {
                FileRead::Named(path) | FileRead::Perhaps(path) => Some(path.clone()),
                FileRead::Unknown(_) => None,
            });
            names.extend(sources.chain(files).filter(|name| self.patterns.contains_key(name)));
            let stored = |up: &&NodeId| graph.nodes[**up].materialization.stores_rows();
            open.extend(node.upstream.iter().filter(|up| !stored(up)));
        }
        names
    }

    fn named(&self, name: &str) -> Option<&[FileState]> {
        let source = || self.sources.iter().find(|((group, table), _)| format!("{group}.{table}") == name);
        match self.files.get(name).or_else(|| source().map(|(_, watch)| watch))? {
            Watch::Seen { files, .. } => Some(files),
            Watch::Missing | Watch::Unseen(_) => None,
        }
    }
}

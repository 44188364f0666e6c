//! The `duckdb:` section of a profile, checked.
//!
//! Takes the section as JSON and the project's folder, gives [`Settings`] or an error that names the key and the
//! place in profiles.yml. Paths are relative to the project, never to the current directory.

use crate::diagnostic::Location;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::EngineError;
use crate::engine::section::{Section, located, wrong};
use crate::project::{Project, without_passwords};
use crate::world::{World, without_dots};
use serde_json::Value;
use std::path::{Component, Path, PathBuf};

/// Where the database is and how to open it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    /// The file, absolute; `None` for a database in memory.
    pub file: Option<PathBuf>,
    /// How messages and cache entries name it: relative to the project where it is inside.
    pub shown: String,
    /// The name it is attached under.
    pub catalog: String,
    /// What names without a catalog stand for: [`Settings::catalog`] or an attached database.
    pub default_catalog: String,
    /// What names without a schema stand for.
    pub default_schema: String,
    /// DuckDB's own options and their values.
    pub options: Vec<(&'static str, String)>,
    pub storage_version: Option<String>,
    pub attach: Vec<Attachment>,
    /// Where the section stands, for errors.
    pub at: Location,
}

/// Another database file to open beside the main one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attachment {
    pub path: String,
    /// How messages name it.
    pub shown: String,
    pub alias: String,
    pub read_only: bool,
}

const KEYS: &[&str] = &[
    "path",
    "db_schema",
    "schema",
    "catalog",
    "memory_limit",
    "threads",
    "temp_directory",
    "extension_directory",
    "autoinstall_known_extensions",
    "storage_version",
    "attach",
];
const ATTACH_KEYS: &[&str] = &["path", "alias", "read_only"];

/// Names that DuckDB has for databases of its own.
const TAKEN: &[&str] = &["memory", "system", "temp"];

impl Settings {
    pub fn read(world: &dyn World, project: &Project) -> Result<Settings, EngineError> {
        let at = project.profile.at.clone();
        let section = Section::new(&project.profile.settings, "duckdb", KEYS, &at)?;
        let (file, shown) = database(world, project, &section)?;
        let default_schema = match section.text("db_schema")? {
            Some(schema) => schema,
            None => section.text("schema")?.unwrap_or_else(|| DuckDb.default_schema().into()),
        };
        let attach = attachments(world, project, &section)?;
        let (catalog, default_catalog) = catalogs(&section, file.as_deref(), &default_schema, &attach)?;
        let options = options(world, project, &section, file.as_deref())?;
        let storage_version = section.text("storage_version")?;
        Ok(Settings { file, shown, catalog, default_catalog, default_schema, options, storage_version, attach, at })
    }

    /// The same for an empty database in memory, with no other beside it.
    pub fn in_memory(self) -> Settings {
        let default_catalog = self.catalog.clone();
        Settings { file: None, shown: ":memory:".into(), default_catalog, attach: Vec::new(), ..self }
    }

    /// How messages name the database that names without a catalog mean.
    pub fn default_shown(&self) -> &str {
        let attached =
            self.attach.iter().find(|other| other.alias.to_lowercase() == self.default_catalog.to_lowercase());
        attached.map_or(&self.shown, |other| &other.shown)
    }
}

/// The file, and how it is shown.
fn database(
    world: &dyn World,
    project: &Project,
    section: &Section<'_>,
) -> Result<(Option<PathBuf>, String), EngineError> {
    let path = section.text("path")?.unwrap_or_else(|| format!(".local/{}.duckdb", project.settings.name));
    if path == ":memory:" {
        return Ok((None, path));
    }
    Ok((Some(inside(world, &project.root, &path)), shown(world, &path, &project.root)))
}

/// The main database's name, and the one that names without a catalog mean.
///
/// DuckDB calls a database after its file. Where a schema has the same name, `x.table` could mean either and DuckDB
/// refuses it, so the database is then called `x_db`.
fn catalogs(
    section: &Section<'_>,
    file: Option<&Path>,
    schema: &str,
    attach: &[Attachment],
) -> Result<(String, String), EngineError> {
    let stem = file.and_then(Path::file_stem).map_or("db".into(), |stem| stem.to_string_lossy().into_owned());
    let same = |left: &str, right: &str| left.to_lowercase() == right.to_lowercase();
    let own =
        if TAKEN.iter().any(|taken| same(&stem, taken)) || same(&stem, schema) { format!("{stem}_db") } else { stem };
    let Some(catalog) = section.text("catalog")? else { return Ok((own.clone(), own)) };
    if attach.iter().any(|attachment| same(&attachment.alias, &catalog)) {
        return Ok((own, catalog));
    }
    if same(&catalog, schema) {
        let message =
            format!("`catalog` and `db_schema` are both `{schema}`, and DuckDB can't tell them apart in a name");
        return Err(wrong(section.at, message, Some("leave `catalog` out, or choose another".into())));
    }
    if TAKEN.iter().any(|taken| same(&catalog, taken)) {
        return Err(wrong(section.at, format!("DuckDB has a database `{catalog}` of its own"), None));
    }
    Ok((catalog.clone(), catalog))
}

fn attachments(world: &dyn World, project: &Project, section: &Section<'_>) -> Result<Vec<Attachment>, EngineError> {
    let list = match section.get("attach") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong(section.at, "`attach` is to be a list of databases", None)),
    };
    list.iter().map(|value| attachment(world, project, value, section.at)).collect()
}

fn attachment(world: &dyn World, project: &Project, value: &Value, at: &Location) -> Result<Attachment, EngineError> {
    let entry = Section::new(value, "attach", ATTACH_KEYS, at)?;
    let Some(path) = entry.text("path")? else {
        return Err(wrong(at, "an entry of `attach` has no `path`", None));
    };
    let (path, shown) = if path == ":memory:" || path.contains("://") {
        (path.clone(), without_passwords(&path))
    } else {
        let file = inside(world, &project.root, &path).to_string_lossy().into_owned();
        (file, shown(world, &path, &project.root))
    };
    let stem = || Path::new(&path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let Some(alias) = entry.text("alias")?.or_else(stem) else {
        return Err(wrong(at, format!("the entry `{path}` of `attach` has no `alias`"), None));
    };
    Ok(Attachment { alias, read_only: entry.flag("read_only")?, path, shown })
}

/// DuckDB's options. Spilled data goes beside the database: DuckDB's own choice would be the current directory.
fn options(
    world: &dyn World,
    project: &Project,
    section: &Section<'_>,
    file: Option<&Path>,
) -> Result<Vec<(&'static str, String)>, EngineError> {
    let mut options = Vec::new();
    options.extend(section.text("memory_limit")?.map(|value| ("memory_limit", value)));
    options.extend(threads(project, section)?.map(|value| ("threads", value)));
    let spill = match (section.text("temp_directory")?, file) {
        (Some(path), _) => inside(world, &project.root, &path),
        (None, Some(file)) => file.with_added_extension("tmp"),
        (None, None) => match &project.state {
            Some(state) => state.join("duckdb.tmp"),
            None => inside(world, &project.root, ".local/duckdb.tmp"),
        },
    };
    options.push(("temp_directory", spill.to_string_lossy().into_owned()));
    if let Some(path) = section.text("extension_directory")? {
        options.push(("extension_directory", inside(world, &project.root, &path).to_string_lossy().into_owned()));
    }
    options.push(("autoinstall_known_extensions", section.flag("autoinstall_known_extensions")?.to_string()));
    options.push(("autoload_known_extensions", "true".into()));
    Ok(options)
}

/// The most threads that are asked for: DuckDB would start as many as it is told until the machine gives way.
const MOST_THREADS: usize = 1024;

fn threads(project: &Project, section: &Section<'_>) -> Result<Option<String>, EngineError> {
    let Some(given) = section.text("threads")? else { return Ok(None) };
    match given.trim().parse::<usize>() {
        Ok(1..=MOST_THREADS) => Ok(Some(given)),
        _ => {
            let message = format!("`threads` is {given}; it can be a number from 1 to {MOST_THREADS}");
            Err(wrong(&project.profile.at, message, None))
        }
    }
}

/// A path of the profile, absolute, without `.` and `..`. One that begins with `~/` is in the user's own folder.
fn inside(world: &dyn World, root: &Path, path: &str) -> PathBuf {
    without_dots(&located(world, root, path))
}

/// A file of the profile by a name that is the same wherever the project stands and however the folders on the way are
/// spelled. It says which database cache entries belong to.
fn shown(world: &dyn World, written: &str, root: &Path) -> String {
    // The user's own folder is elsewhere on another machine.
    if written.starts_with("~/") {
        return written.into();
    }
    let file = inside(world, root, written);
    let below = |file: &Path| file.strip_prefix(root).ok().map(Path::to_path_buf);
    let resolved = || world.resolve(&file).ok();
    let path = below(&file).or_else(|| below(&resolved()?)).unwrap_or_else(|| {
        // Outside, a path that counts from the project goes on doing so when both are moved.
        if Path::new(written).is_absolute() { resolved().unwrap_or_else(|| file.clone()) } else { upward(&file, root) }
    });
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/").replace("//", "/")
}

/// The way from `root` to a file that isn't below it.
fn upward(file: &Path, root: &Path) -> PathBuf {
    let common = file.components().zip(root.components()).take_while(|(left, right)| left == right).count();
    let up = root.components().skip(common).map(|_| Component::ParentDir);
    up.chain(file.components().skip(common)).collect()
}

//! DuckDB: one database, opened once, with a connection of its own for each session.
//!
//! The file is attached to an empty database in memory rather than opened as it is, so that fft and not the file's
//! name says what the database is called. It belongs to this process alone while it is open: DuckDB locks the file.

mod arrow;
mod broken;
mod calendar;
mod connection;
mod digest;
mod error;
mod estimate;
mod file;
mod handle;
mod identity;
mod known_width;
mod load;
mod parquet;
mod profile;
mod seed;
mod settings;
mod source;
mod statistics;
#[cfg(test)]
mod tests;
mod width;

use super::section::wrong;
use super::{
    Access, Bound, Claims, Degree, Driver, EngineError, ErrorKind, Home, Jobs, Keeping, Observe, Replaces, Traits,
};
use crate::dialect::{Dialect, DuckDb, LetterCase};
use crate::project::Project;
use crate::world::World;
use ::duckdb::vtab::arrow::ArrowVTab;
use ::duckdb::{Config, Connection};
use error::Failure;
use handle::{DuckDbConnection, Shared};
use known_width::KnownWidths;
use settings::Settings;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A DuckDB database of one profile.
struct DuckDbDriver {
    shared: Shared,
    /// Keeps the database open, and is what sessions are cloned from.
    connection: Mutex<Connection>,
    /// Whether the extension `icu` is loaded.
    icu: bool,
}

/// The version of DuckDB in this build.
pub(super) fn version() -> String {
    let asked = Connection::open_in_memory().and_then(|connection| connection.version());
    asked.unwrap_or_else(|error| format!("unknown ({error})"))
}

/// The extensions that are within this build, by name.
pub(super) fn extensions() -> String {
    let query = "select coalesce(string_agg(extension_name, ', ' order by extension_name), 'none') from duckdb_extensions() \
         where loaded";
    let asked = Connection::open_in_memory()
        .and_then(|connection| connection.query_row(query, [], |row| row.get::<_, String>(0)));
    asked.unwrap_or_else(|error| format!("unknown ({error})"))
}

/// Opens the database that the profile names, and makes the file where it isn't there and is to be built in.
pub(super) fn open(world: &dyn World, project: &Project, access: Access) -> Result<Box<dyn Driver>, EngineError> {
    let settings = Settings::read(world, project)?;
    let settings = if access == Access::Aside { settings.in_memory() } else { settings };
    let connection = start(&settings)?;
    if let Some(folder) = settings.file.as_deref().and_then(Path::parent).filter(|_| access == Access::Build) {
        make_folder(world, folder)?;
    }
    // DuckDB makes a file that isn't there, which looking must not do.
    let there = |path: &Path| access != Access::Look || world.exists(path);
    for Attached { shown, path, statement } in attach_statements(&settings, &there) {
        connection.execute_batch(&statement).map_err(|error| refused(world, shown, path, error.into()))?;
    }
    known_catalog(&connection, &settings)?;
    connection.register_table_function::<ArrowVTab>("arrow")?;
    let icu = calendar::load_icu(&connection);
    let attached = settings.attach.iter().map(|other| other.alias.clone());
    let home = Home {
        catalog: settings.default_catalog.clone(),
        schema: settings.default_schema.clone(),
        letter_case: LetterCase::Ignored,
        catalogs: [settings.catalog.clone()].into_iter().chain(attached).collect(),
    };
    let (settings, home, known_widths) = (Arc::new(settings), Arc::new(home), KnownWidths::default());
    let shared = Shared { settings, home, known_widths };
    Ok(Box::new(DuckDbDriver { connection: Mutex::new(connection), icu, shared }))
}

impl Driver for DuckDbDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(DuckDb)
    }

    fn target(&self) -> String {
        format!("duckdb:{}", self.shared.settings.default_shown())
    }

    fn traits(&self) -> Traits {
        Traits {
            replaces: Replaces::Transaction,
            keeping: Keeping::InTransaction,
            views: Bound::ByName,
            exclusive: true,
            by_schema: false,
            deletes_rows: true,
            measures_reads: true,
            estimates: Degree::Can,
            row_digest: Degree::Can,
            data_versions: Degree::Can,
            increments: Degree::Can,
            shows_statements: false,
            claims: Claims::First,
            jobs: Jobs::OF_THIS_MACHINE,
        }
    }

    fn home(&self) -> Home {
        (*self.shared.home).clone()
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).try_clone()?;
        connection.execute_batch(&calendar::session_statements(self.icu))?;
        Ok(Box::new(DuckDbConnection::new(connection, self.shared.clone())))
    }
}

/// An empty database in memory with the profile's options.
fn start(settings: &Settings) -> Result<Connection, EngineError> {
    let mut config = Config::default();
    for (option, value) in &settings.options {
        config = config.with(option, value).map_err(|error| refused_option(settings, error.into()))?;
    }
    Connection::open_in_memory_with_flags(config).map_err(|error| refused_option(settings, error.into()))
}

fn refused_option(settings: &Settings, failure: Failure) -> EngineError {
    wrong(&settings.at, format!("DuckDB refuses the profile's settings: {}", failure.text), None)
}

/// A database to attach: how to name it, where it is, and the statement.
struct Attached<'a> {
    shown: &'a str,
    path: Option<&'a Path>,
    statement: String,
}

/// What attaches each database. One to be written to that isn't `there` is an empty one in memory.
fn attach_statements<'a>(settings: &'a Settings, there: &dyn Fn(&Path) -> bool) -> Vec<Attached<'a>> {
    let version = settings.storage_version.as_ref();
    let version = version.map(|version| format!(" (storage_version {})", DuckDb.string_literal(version)));
    let attach = |shown: &'a str, path: Option<&'a Path>, name: &str, options: &str, read_only: bool| {
        let place = path.filter(|path| read_only || there(path));
        let options = if place.is_some() || path.is_none() { options } else { "" };
        let place = place.map_or(":memory:".into(), |path| path.to_string_lossy().into_owned());
        let statement = format!("attach {} as {}{options}", DuckDb.string_literal(&place), DuckDb.quote(name));
        Attached { shown, path, statement }
    };
    let version = version.unwrap_or_default();
    let own = attach(&settings.shown, settings.file.as_deref(), &settings.catalog, &version, false);
    let others = settings.attach.iter().map(|other| {
        let options = if other.read_only { " (read_only)" } else { "" };
        attach(&other.shown, Some(Path::new(&other.path)), &other.alias, options, other.read_only)
    });
    std::iter::once(own).chain(others).collect()
}

/// Why the database `shown` couldn't be attached, and what is in its file where that can be told.
fn refused(world: &dyn World, shown: &str, path: Option<&Path>, failure: Failure) -> EngineError {
    let text = failure.text.clone();
    let error = EngineError::from(failure);
    if error.kind == ErrorKind::Locked {
        let holder = text.split_once("held in ").and_then(|(_, rest)| rest.split_once(". See also"));
        let holder = holder.map_or(text.as_str(), |(holder, _)| holder);
        return EngineError {
            message: format!("another process holds the database {shown}: {holder}"),
            hint: Some(
                "DuckDB lets one process at a time use a database that is written to: wait for it, or end it".into(),
            ),
            ..error
        };
    }
    let invalid = text.contains("not a known DuckDB version");
    let kind = if invalid { ErrorKind::Settings } else { ErrorKind::Connection };
    if let Some((holds, hint)) = path.filter(|_| !invalid).and_then(|path| broken::what_it_holds(world, path)) {
        let message = format!("can't open the database {shown}: {holds}");
        return EngineError { kind, message, hint: Some(hint.into()), ..error };
    }
    EngineError { kind, message: format!("can't open the database {shown}: {text}"), ..error }
}

/// Refuses a `catalog` that is neither the database nor one of `attach`.
fn known_catalog(connection: &Connection, settings: &Settings) -> Result<(), EngineError> {
    if settings.default_catalog == settings.catalog {
        return Ok(());
    }
    let sql = "select count(*) from duckdb_databases() where lower(database_name) = lower(?)";
    let found: i64 = connection.query_row(sql, [&settings.default_catalog], |row| row.get(0))?;
    match found {
        0 => Err(wrong(&settings.at, format!("there is no database `{}`", settings.default_catalog), None)),
        _ => Ok(()),
    }
}

/// Makes the folder of a database that isn't there yet; a [`World`] makes folders only for files.
fn make_folder(world: &dyn World, folder: &Path) -> Result<(), EngineError> {
    if world.exists(folder) {
        return Ok(());
    }
    let probe = folder.join(".fft-folder");
    world.append(&probe, b"").and_then(|()| world.remove(&probe)).map_err(|error| {
        let message = format!("can't make the folder {} for the database: {error}", folder.display());
        EngineError::new(ErrorKind::Connection, message)
    })
}

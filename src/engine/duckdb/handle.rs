//! A connection as the parts of this engine share it.
//!
//! Names without a catalog or schema mean the profile's own, which the connection enters as soon as the schema exists.

use super::error::Failure;
use super::known_width::KnownWidths;
use super::profile::Profile;
use super::settings::Settings;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{EngineError, Home, Measures};
use crate::name::RelationName;
use std::sync::Arc;

/// What all connections to a database share.
#[derive(Clone)]
pub(super) struct Shared {
    pub settings: Arc<Settings>,
    pub home: Arc<Home>,
    pub known_widths: KnownWidths,
}

/// A connection of its own to the database.
pub(super) struct DuckDbConnection {
    pub connection: ::duckdb::Connection,
    pub shared: Shared,
    /// Whether statements are profiled.
    pub profiled: bool,
    /// Of the statement that made the last table, where what it read isn't told otherwise.
    pub made: Option<Profile>,
    /// Whether unqualified names mean the default schema already.
    entered: bool,
}

impl DuckDbConnection {
    pub fn new(connection: ::duckdb::Connection, shared: Shared) -> DuckDbConnection {
        let mut connection = DuckDbConnection { connection, shared, profiled: false, made: None, entered: false };
        connection.enter();
        connection
    }

    /// Makes the default schema the one of unqualified names, where it exists: a fresh database has none yet.
    pub fn enter(&mut self) {
        if !self.entered {
            let Home { catalog, schema, .. } = &*self.shared.home;
            let sql = format!("use {}.{}", DuckDb.quote(catalog), DuckDb.quote(schema));
            self.entered = self.connection.execute_batch(&sql).is_ok();
        }
    }

    /// A relation with all three parts, its case as given.
    pub fn full(&self, relation: &RelationName) -> RelationName {
        self.shared.home.full(relation)
    }

    /// The rows of a relation that is written as SQL has it.
    pub fn rows_of(&self, relation: &str) -> Result<u64, EngineError> {
        let rows: i64 = self.connection.query_row(&format!("select count(*) from {relation}"), [], |row| row.get(0))?;
        Ok(rows.try_into().unwrap_or_default())
    }

    /// Names and types of the columns of a relation or query that is written as SQL has it.
    pub fn columns(&self, relation: &str) -> Result<Vec<(String, String)>, EngineError> {
        Ok(self.described(relation)?)
    }

    pub fn described(&self, relation: &str) -> Result<Vec<(String, String)>, Failure> {
        let mut statement = self.connection.prepare(&format!("describe {relation}"))?;
        let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(columns.collect::<Result<_, _>>()?)
    }
}

/// With the most memory that a statement held, where its profile tells.
pub(super) fn peak(measures: Measures, profile: Option<&Profile>) -> Measures {
    match profile.and_then(|profile| profile.peak_memory) {
        Some(bytes) => measures.with_peak_memory(bytes),
        None => measures,
    }
}

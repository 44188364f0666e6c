//! What DuckDB tells of data that fft doesn't build: the rows of a relation, and the files that a pattern means.

use super::error::Failure;
use super::handle::DuckDbConnection;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{DataVersion, EngineError, ErrorKind, ROWS_WATCHED, VALUES_WATCHED};
use crate::name::RelationName;

/// Schemas and databases that say what is in the database: any build changes them.
const OWN: [&str; 4] = ["information_schema", "pg_catalog", "system", "temp"];

impl DuckDbConnection {
    /// A digest of the relation's rows, as far as they are not too many.
    pub(super) fn relation_version(&self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        let full = self.full(relation);
        let own = |part: &Option<String>| part.as_ref().is_some_and(|name| OWN.contains(&name.to_lowercase().as_str()));
        if own(&full.schema) || own(&full.catalog) {
            return Ok(DataVersion::of_the_database());
        }
        match self.rows_version(&full) {
            Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
            other => other,
        }
    }

    fn rows_version(&self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        let name = DuckDb.relation(relation);
        let columns = self.columns(&name)?.len() as u64;
        let most = ROWS_WATCHED.min(VALUES_WATCHED / columns.max(1));
        let sql = format!("select count(*) from (select 1 from {name} limit {})", most + 1);
        let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        if count as u64 > most {
            return Ok(DataVersion::too_large());
        }
        Ok(DataVersion::of_rows(&count.to_string(), &self.digest_rows(relation, &[])?))
    }

    /// The files of this machine that a path or pattern means.
    pub(super) fn globbed(&self, pattern: &str) -> Result<Vec<String>, EngineError> {
        let list = || -> Result<Vec<String>, Failure> {
            let mut statement = self.connection.prepare("select file from glob(?)")?;
            let files = statement.query_map([pattern], |row| row.get(0))?;
            Ok(files.collect::<Result<_, _>>()?)
        };
        Ok(list()?)
    }
}

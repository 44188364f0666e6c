//! `_ff_meta`: which fingerprint each relation holds.
//!
//! A transaction of DuckDB writes to one database, and a relation and its row are to change together: each database
//! has a table of its own, in the profile's default schema. `relation` holds the full name in three parts, lower-cased
//! and quoted as SQL has it (`db.main."odd name"`).
//!
//! A row is replaced by deleting and inserting it. The file belongs to this process alone, so what sessions have seen
//! in the table is all there is: a node that is new to it costs no delete, a sixth of the time of a small build.

use super::error::Failure;
use super::session::DuckDbSession;
use crate::dialect::{Dialect, DuckDb};
use crate::digest::Digest;
use crate::engine::{EngineError, MetaRow};
use crate::name::{NodeName, RelationName};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const TABLE: &str = "_ff_meta";
const COLUMNS: &str = "node_name, relation, fingerprint, engine, built_at, run_id";

/// Names of nodes that may have a row, shared by all sessions of a database; `None` before the table was read.
#[derive(Clone, Default)]
pub(super) struct Recorded(Arc<Mutex<Option<BTreeSet<NodeName>>>>);

impl Recorded {
    /// Takes note that the table holds these, and those noted before.
    pub fn fill(&self, rows: &[MetaRow]) {
        let names = rows.iter().map(|row| row.node.clone());
        self.lock().get_or_insert_default().extend(names);
    }

    /// Whether `node` may have a row; from now on it may.
    fn insert(&self, node: &NodeName) -> bool {
        self.lock().as_mut().is_none_or(|names| !names.insert(node.clone()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<BTreeSet<NodeName>>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl DuckDbSession {
    /// The full name of the table that belongs to relations of `catalog`.
    fn meta_table(&self, catalog: &str) -> String {
        DuckDb.relation(&RelationName::new(Some(catalog), Some(&self.settings.default_schema), TABLE))
    }

    /// Makes the table. There is no primary key: it would refuse the delete and insert of one transaction, and costs
    /// more than the rest of a small commit.
    pub(super) fn create_meta(&self, catalog: &str) -> String {
        let columns = COLUMNS.replace(", ", " varchar not null, ");
        format!("create table if not exists {} ({columns} varchar not null);", self.meta_table(catalog))
    }

    /// Statements that put `row` in place of the node's former one.
    pub(super) fn replace_meta(&self, row: &MetaRow) -> String {
        let relation = self.resolve(&row.relation);
        let table = self.meta_table(relation.catalog.as_deref().unwrap_or_default());
        let node = DuckDb.string_literal(row.node.as_str());
        let values =
            [&DuckDb.relation(&relation), &row.fingerprint.to_string(), &row.engine, &row.built_at, &row.run_id];
        let values: Vec<_> = values.iter().map(|value| DuckDb.string_literal(value)).collect();
        let delete = match self.recorded.insert(&row.node) {
            true => format!("delete from {table} where node_name = {node};"),
            false => String::new(),
        };
        format!("{delete} insert into {table} ({COLUMNS}) values ({node}, {});", values.join(", "))
    }

    /// A statement that forgets what is recorded of a relation.
    pub(super) fn forget_meta(&self, relation: &RelationName) -> String {
        let relation = self.resolve(relation);
        let table = self.meta_table(relation.catalog.as_deref().unwrap_or_default());
        format!("delete from {table} where relation = {};", DuckDb.string_literal(&DuckDb.relation(&relation)))
    }

    /// Databases that have the table.
    pub(super) fn meta_catalogs(&self) -> Result<Vec<String>, Failure> {
        let sql = "select database_name from duckdb_tables()
                   where table_name = ? and lower(schema_name) = lower(?) and not temporary order by all";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([TABLE, self.settings.default_schema.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn read_meta(&self) -> Result<Vec<MetaRow>, EngineError> {
        let catalogs = self.meta_catalogs()?;
        if catalogs.is_empty() {
            return Ok(Vec::new());
        }
        let selects: Vec<_> =
            catalogs.iter().map(|catalog| format!("select {COLUMNS} from {}", self.meta_table(catalog))).collect();
        let mut statement = self.connection.prepare(&format!("{} order by all", selects.join(" union all ")))?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let text = |index: usize| row.get::<_, String>(index);
            // A row that fft didn't write says nothing that it could rely on.
            let (Some(relation), Some(fingerprint)) = (parse(&text(1)?), Digest::parse(&text(2)?)) else { continue };
            let (engine, built_at, run_id) = (text(3)?, text(4)?, text(5)?);
            found.push(MetaRow { node: NodeName::new(text(0)?), relation, fingerprint, engine, built_at, run_id });
        }
        Ok(found)
    }
}

/// Reads a name of three parts as [`Dialect::relation`] writes it.
fn parse(text: &str) -> Option<RelationName> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => parts.last_mut()?.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => parts.last_mut()?.push(other),
        }
    }
    match parts.as_slice() {
        [catalog, schema, name] if !quoted => Some(RelationName::new(Some(catalog), Some(schema), name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_three_parts_are_read_back() {
        for parts in [["db", "main", "t"], ["a.b", "c\"d", "e \"\" f."], ["größe", "select", ""]] {
            let name = RelationName::new(Some(parts[0]), Some(parts[1]), parts[2]);
            assert_eq!(parse(&DuckDb.relation(&name)), Some(name));
        }
        assert_eq!(parse("t"), None);
        assert_eq!(parse("a.b.\"c"), None);
    }
}

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
use crate::engine::{EngineError, MetaRow, full_name};
use crate::name::{NodeName, RelationName};
use ::duckdb::Statement;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const TABLE: &str = "_ff_meta";
const COLUMNS: &str = "node_name, relation, fingerprint, engine, built_at, run_id";

/// Names of nodes that may have a row, shared by all sessions of a database; `None` before the table was read.
#[derive(Clone, Default)]
pub(super) struct Recorded(Arc<Mutex<Option<BTreeSet<NodeName>>>>);

impl Recorded {
    /// Whether the table was read.
    pub fn known(&self) -> bool {
        self.lock().is_some()
    }

    /// Takes note that the table holds these, and those noted before.
    fn fill(&self, rows: &[MetaRow]) {
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

    /// Puts `row` in place of the node's former one.
    pub(super) fn replace_meta(&self, row: &MetaRow) -> Result<(), Failure> {
        let relation = self.resolve(&row.relation);
        let table = self.meta_table(relation.catalog.as_deref().unwrap_or_default());
        let node = row.node.as_str();
        if self.recorded.insert(&row.node) {
            self.connection.prepare_cached(&format!("delete from {table} where node_name = ?"))?.execute([node])?;
        }
        let (relation, fingerprint) = (DuckDb.relation(&relation), row.fingerprint.to_string());
        let values = [node, &relation, &fingerprint, &row.engine, &row.built_at, &row.run_id];
        let insert = format!("insert into {table} ({COLUMNS}) values (?, ?, ?, ?, ?, ?)");
        self.connection.prepare_cached(&insert)?.execute(values)?;
        Ok(())
    }

    /// A statement that forgets what is recorded of a relation.
    pub(super) fn forget_meta(&self, relation: &RelationName) -> String {
        let relation = self.resolve(relation);
        let table = self.meta_table(relation.catalog.as_deref().unwrap_or_default());
        format!("delete from {table} where relation = {};", DuckDb.string_literal(&DuckDb.relation(&relation)))
    }

    /// Databases that may have the table.
    fn catalogs(&self) -> BTreeSet<&str> {
        let attached = self.settings.attach.iter().map(|other| other.alias.as_str());
        attached.chain([self.settings.catalog.as_str()]).collect()
    }

    /// Whether a database has the table. Asked by its name: a scan of the catalog takes longer than to read it.
    pub(super) fn has_meta(&self, catalog: &str) -> Result<bool, Failure> {
        let known = self.catalogs().iter().any(|known| known.to_lowercase() == catalog.to_lowercase());
        Ok(known && self.select_meta(catalog, "1")?.is_some())
    }

    /// A query of the table of a database, where that has one.
    fn select_meta(&self, catalog: &str, columns: &str) -> Result<Option<Statement<'_>>, Failure> {
        let sql = format!("select {columns} from {}", self.meta_table(catalog));
        match self.connection.prepare(&sql).map_err(Failure::from) {
            Ok(statement) => Ok(Some(statement)),
            Err(failure) if failure.class == "Catalog" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Every row, in the order of nodes.
    pub(super) fn read_meta(&self) -> Result<Vec<MetaRow>, EngineError> {
        let mut found = Vec::new();
        for catalog in self.catalogs() {
            let Some(mut statement) = self.select_meta(catalog, COLUMNS)? else { continue };
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = |index: usize| row.get::<_, String>(index);
                // A row that fft didn't write says nothing that it could rely on.
                let (Some(relation), Some(fingerprint)) = (full_name::parse(&text(1)?), Digest::parse(&text(2)?))
                else {
                    continue;
                };
                let (engine, built_at, run_id) = (text(3)?, text(4)?, text(5)?);
                found.push(MetaRow { node: NodeName::new(text(0)?), relation, fingerprint, engine, built_at, run_id });
            }
        }
        found.sort_by(|left, right| {
            (&left.node, &left.relation, &left.built_at).cmp(&(&right.node, &right.relation, &right.built_at))
        });
        self.recorded.fill(&found);
        Ok(found)
    }
}

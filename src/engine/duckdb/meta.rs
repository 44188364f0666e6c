//! `_ff_meta`: which fingerprint each relation holds.
//!
//! A transaction of DuckDB writes to one database, and a relation and its row are to change together: each database
//! has a table of its own, in the profile's default schema. `relation` holds the full name in three parts, lower-cased
//! and quoted as SQL has it (`db.main."odd name"`).
//!
//! Invariant: a relation has one row, and a node one in each database: whoever builds a relation takes the rows of every
//! other node from it. A row is replaced by deleting and inserting it. The file belongs to this process alone, so what
//! sessions have seen in the table is all there is: a node and a relation that are new to it cost no delete, a sixth of
//! the time of a small build; and each row is deleted by one session, since a second one would be refused.

use super::error::Failure;
use super::session::DuckDbSession;
use crate::dialect::{Dialect, DuckDb};
use crate::digest::Digest;
use crate::engine::column::{self, ADDED};
use crate::engine::{EngineError, MetaRow, full_name};
use crate::name::{NodeName, RelationName};
use crate::plan::Identity;
use ::duckdb::Statement;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const TABLE: &str = "_ff_meta";
const COLUMNS: &str = "node_name, relation, fingerprint, engine, built_at, run_id";

/// A row of a table: its node's name, its relation as it is written there.
type Key = (String, String);

/// Rows that are in the tables, shared by all sessions of a database; `None` where that isn't known.
#[derive(Clone, Default)]
pub(super) struct Recorded(Arc<Mutex<Option<Rows>>>);

/// Rows by table and node, and by table and relation.
#[derive(Default)]
struct Rows {
    nodes: BTreeSet<(String, Key)>,
    relations: BTreeSet<(String, Key)>,
}

impl Rows {
    fn insert(&mut self, table: &str, (node, relation): Key) {
        self.relations.insert((table.to_string(), (relation.clone(), node.clone())));
        self.nodes.insert((table.to_string(), (node, relation)));
    }

    fn remove(&mut self, table: &str, (node, relation): &Key) {
        self.relations.remove(&(table.to_string(), (relation.clone(), node.clone())));
        self.nodes.remove(&(table.to_string(), (node.clone(), relation.clone())));
    }

    /// The rows of a node or a relation.
    fn of(&self, table: &str, (node, relation): &Key) -> BTreeSet<Key> {
        let of = |rows: &BTreeSet<(String, Key)>, first: &String| -> Vec<Key> {
            let from = (table.to_string(), (first.clone(), String::new()));
            let rows = rows.range(from..).take_while(|(of, (key, _))| of == table && key == first);
            rows.map(|(_, key)| key.clone()).collect()
        };
        let swapped = of(&self.relations, relation).into_iter().map(|(relation, node)| (node, relation));
        of(&self.nodes, node).into_iter().chain(swapped).collect()
    }
}

impl Recorded {
    /// Whether the tables were read.
    pub fn known(&self) -> bool {
        self.lock().is_some()
    }

    /// Takes note that nothing is known any more: a transaction that was to delete rows has failed.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    /// Takes note that the tables hold these, and those noted before.
    fn fill(&self, found: Vec<(String, Key)>) {
        let mut rows = self.lock();
        let rows = rows.get_or_insert_default();
        found.into_iter().for_each(|(table, key)| rows.insert(&table, key));
    }

    /// Puts a row in the place of every other one of its node or its relation: those, for the caller to delete. `None`
    /// where it isn't known which there are.
    fn replace(&self, table: &str, key: &Key) -> Option<BTreeSet<Key>> {
        let mut rows = self.lock();
        let rows = rows.as_mut()?;
        let taken = rows.of(table, key);
        taken.iter().for_each(|key| rows.remove(table, key));
        rows.insert(table, key.clone());
        Some(taken)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Rows>> {
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
        format!(
            "create table if not exists {} ({columns} varchar not null, {} varchar);",
            self.meta_table(catalog),
            ADDED.join(" varchar, ")
        )
    }

    /// Adds what a table of an earlier version lacks.
    pub(super) fn widen_meta(&self, catalog: &str) -> Result<(), Failure> {
        match self.select_meta(catalog, &ADDED.join(", ")) {
            Err(failure) if failure.class == "Binder" => {
                let table = self.meta_table(catalog);
                let add = |column| format!("alter table {table} add column if not exists {column} varchar;");
                Ok(self.connection.execute_batch(&ADDED.map(add).concat())?)
            }
            found => found.map(drop),
        }
    }

    /// Puts `row` in place of the node's former one and of every other one of its relation.
    pub(super) fn replace_meta(&self, row: &MetaRow, identity: Option<&Identity>) -> Result<(), Failure> {
        let relation = self.resolve(&row.relation);
        let table = self.meta_table(relation.catalog.as_deref().unwrap_or_default());
        let (node, relation) = (row.node.as_str(), DuckDb.relation(&relation));
        match self.recorded.replace(&table, &(node.to_string(), relation.clone())) {
            None => {
                let delete = format!("delete from {table} where node_name = ? or relation = ?");
                self.connection.prepare_cached(&delete)?.execute([node, relation.as_str()])?;
            }
            Some(rows) => {
                let delete = format!("delete from {table} where node_name = ? and relation = ?");
                for (node, relation) in rows {
                    self.connection.prepare_cached(&delete)?.execute([node, relation])?;
                }
            }
        }
        let fingerprint = row.fingerprint.to_string();
        let given = [node, &relation, &fingerprint, &row.engine, &row.built_at, &row.run_id].map(Some);
        let (builds, identity) = (column::builds_text(row), column::identity_text(identity));
        let added = [builds.as_deref(), row.project.as_deref(), row.record.as_deref(), identity.as_deref()];
        let values: Vec<Option<&str>> = given.into_iter().chain(added).collect();
        let columns = ADDED.join(", ");
        let insert = format!("insert into {table} ({COLUMNS}, {columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        self.connection.prepare_cached(&insert)?.execute(::duckdb::params_from_iter(values))?;
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

    /// The rows of a database, where it has the table; what an earlier version didn't record is null, and so are records
    /// where they aren't wanted.
    fn rows_of(&self, catalog: &str, records: bool) -> Result<Option<Statement<'_>>, Failure> {
        let mut found = Ok(None);
        for count in column::versions(records) {
            let columns = column::selected(*count, "null::varchar");
            found = self.select_meta(catalog, &format!("{COLUMNS}, {columns}"));
            if !found.as_ref().is_err_and(|failure| failure.class == "Binder") {
                break;
            }
        }
        found
    }

    /// Every row, in the order of nodes.
    pub(super) fn read_meta(&self, records: bool) -> Result<Vec<MetaRow>, EngineError> {
        let mut found = Vec::new();
        let mut keys = Vec::new();
        for catalog in self.catalogs() {
            let Some(mut statement) = self.rows_of(catalog, records)? else { continue };
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let text = |index: usize| row.get::<_, String>(index);
                keys.push((self.meta_table(catalog), (text(0)?, text(1)?)));
                // A row that fft didn't write says nothing that it could rely on; nor does one of another database,
                // whose name this one had when it was written.
                let relation = full_name::parse(&text(1)?);
                let own = |relation: &RelationName| {
                    relation.catalog.as_ref().is_some_and(|of| of.to_lowercase() == catalog.to_lowercase())
                };
                let (Some(relation), Some(fingerprint)) = (relation.filter(own), Digest::parse(&text(2)?)) else {
                    continue;
                };
                let (engine, built_at, run_id) = (text(3)?, text(4)?, text(5)?);
                let added = |index: usize| row.get::<_, Option<String>>(index);
                found.push(MetaRow {
                    node: NodeName::new(text(0)?),
                    relation,
                    fingerprint,
                    engine,
                    built_at,
                    run_id,
                    upstream_builds: column::parse_builds(added(6)?.as_deref()),
                    project: added(7)?,
                    record: added(8)?,
                    identity: column::parse_identity(added(9)?.as_deref()),
                });
            }
        }
        found.sort_by(|left, right| {
            (&left.node, &left.relation, &left.built_at).cmp(&(&right.node, &right.relation, &right.built_at))
        });
        self.recorded.fill(keys);
        Ok(found)
    }
}

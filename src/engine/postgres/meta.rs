//! `_ff_meta`: which fingerprint each relation holds. One table in the profile's default schema; `relation` holds the
//! full name in three parts, quoted as SQL has it (`db.analytics."Odd name"`).
//!
//! Invariant: a node has one row, and so has a relation: whoever builds one takes the rows of every other node from it.

use super::error::Failure;
use super::session::Names;
use crate::dialect::{Dialect, Postgres};
use crate::digest::Digest;
use crate::engine::column::{self, ADDED};
use crate::engine::{EngineError, MetaRow, full_name};
use crate::name::{NodeName, RelationName};
use crate::plan::Identity;
use ::postgres::error::SqlState;
use ::postgres::types::Type;
use ::postgres::{Client, Statement, Transaction};

pub(super) const TABLE: &str = "_ff_meta";
const COLUMNS: &str = "node_name, relation, fingerprint, engine, built_at, run_id";
/// The column that was added last: a table with it has all.
pub(super) const LAST: &str = ADDED[3];

/// The table's full name.
pub(super) fn table(names: &Names) -> String {
    Postgres.relation(&RelationName::new(None, Some(&names.schema), TABLE))
}

/// The statement that makes the table.
pub(super) fn create(names: &Names) -> String {
    format!(
        "create table if not exists {} (node_name text primary key, {} text not null, {} text)",
        table(names),
        COLUMNS.trim_start_matches("node_name, ").replace(", ", " text not null, "),
        ADDED.join(" text, ")
    )
}

/// The statement that adds what a table of an earlier version lacks.
pub(super) fn widen(names: &Names) -> String {
    let columns = ADDED.map(|column| format!("add column if not exists {column} text"));
    format!("alter table {} {}", table(names), columns.join(", "))
}

/// The statement that puts a row in place of the node's former one and of every other one of its relation.
pub(super) fn upsert(names: &Names) -> String {
    let (table, added) = (table(names), ADDED.join(", "));
    let excluded = ADDED.map(|column| format!("excluded.{column}")).join(", ");
    format!(
        "with others as (delete from {table} where relation = $2 and node_name <> $1)
         insert into {table} ({COLUMNS}, {added}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (node_name) do update set (relation, fingerprint, engine, built_at, run_id, {added}) =
         (excluded.relation, excluded.fingerprint, excluded.engine, excluded.built_at, excluded.run_id, {excluded})"
    )
}

/// Puts `row` in its place by [`upsert`].
pub(super) fn replace(
    transaction: &mut Transaction<'_>,
    upsert: &Statement,
    names: &Names,
    row: &MetaRow,
    identity: Option<&Identity>,
) -> Result<(), Failure> {
    let relation = Postgres.relation(&names.resolve(&row.relation));
    let (node, fingerprint) = (row.node.as_str(), row.fingerprint.to_string());
    let (builds, identity) = (column::builds_text(row), column::identity_text(identity));
    transaction.execute(
        upsert,
        &[
            &node,
            &relation,
            &fingerprint,
            &row.engine,
            &row.built_at,
            &row.run_id,
            &builds,
            &row.project,
            &row.record,
            &identity,
        ],
    )?;
    Ok(())
}

/// Forgets what is recorded of a relation, where the table is there.
pub(super) fn forget(transaction: &mut Transaction<'_>, names: &Names, relation: &RelationName) -> Result<(), Failure> {
    let table = table(names);
    let there = transaction.query_typed("select to_regclass($1) is not null", &[(&table, Type::TEXT)])?;
    if there[0].get(0) {
        let relation = Postgres.relation(&names.resolve(relation));
        let sql = format!("delete from {table} where relation = $1");
        transaction.execute_typed(&sql, &[(&relation, Type::TEXT)])?;
    }
    Ok(())
}

/// Every row, in the order of nodes; none where the table isn't there. What an earlier version didn't record is null, and
/// so are records where they aren't wanted.
pub(super) fn read(client: &mut Client, names: &Names, records: bool) -> Result<Vec<MetaRow>, EngineError> {
    let mut rows = Ok(Vec::new());
    for count in column::versions(records) {
        let columns = column::selected(*count, "null::text");
        let sql = format!("select {COLUMNS}, {columns} from {} order by node_name collate \"C\"", table(names));
        rows = client.query_typed(&sql, &[]);
        if !rows.as_ref().is_err_and(|error| error.code() == Some(&SqlState::UNDEFINED_COLUMN)) {
            break;
        }
    }
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    // A row that fft didn't write says nothing that it could rely on.
    let row = |row: &::postgres::Row| {
        Some(MetaRow {
            node: NodeName::new(row.get::<_, String>(0)),
            relation: full_name::parse(row.get(1))?,
            fingerprint: Digest::parse(row.get(2))?,
            engine: row.get(3),
            built_at: row.get(4),
            run_id: row.get(5),
            upstream_builds: column::parse_builds(row.get(6)),
            project: row.get(7),
            record: row.get(8),
            identity: column::parse_identity(row.get(9)),
        })
    };
    Ok(rows.iter().filter_map(row).collect())
}

//! What stands under a name: as what it counts, and who holds on to it. Views hold on to a relation and not to its name.

use super::handle::PostgresConnection;
use super::recipe::ROWS;
use crate::dialect::{Dialect, Postgres, RelationKind, Statement};
use crate::digest::Digest;
use crate::engine::{EngineError, Reader, Standing};
use crate::name::RelationName;
use crate::plan::{Column, Identity};
use ::postgres::Client;
use ::postgres::types::Type;

/// What tells a relation `c` of `pg_class` from another one in its place. A table goes by its number and that of its file,
/// which `truncate` and `vacuum full` replace; a view by its definition, since it is made anew over a table that is.
pub(super) const IDENTITY: &str = "case when c.relkind = 'v' then coalesce(pg_get_viewdef(c.oid), '')
    else concat_ws(' ', c.oid, c.relfilenode) end";

/// The identity that [`IDENTITY`] tells.
pub(super) fn identity(told: &str) -> Identity {
    Identity { rows: None, token: Some(Digest::of(told.as_bytes())), content: None }
}

/// What the database has under a name.
pub(super) struct Found {
    oid: u32,
    /// As `pg_class` calls it: `r` a table, `v` a view …
    relkind: String,
}

impl Found {
    pub fn kind(&self) -> RelationKind {
        match self.relkind.as_str() {
            "v" | "m" => RelationKind::View,
            _ => RelationKind::Table,
        }
    }

    /// The words that `drop` has for it.
    pub fn keyword(&self) -> &'static str {
        match self.relkind.as_str() {
            "v" => "view",
            "m" => "materialized view",
            "f" => "foreign table",
            _ => "table",
        }
    }
}

/// What stands under a full name.
pub(super) fn found(
    connection: &mut PostgresConnection,
    relation: &RelationName,
) -> Result<Option<Found>, EngineError> {
    let sql = "select c.oid, c.relkind::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f', 'v', 'm')";
    let statement = connection.prepared(sql)?;
    let schema = relation.schema.as_deref().unwrap_or_default();
    let row = connection.client.query_opt(&statement, &[&schema, &relation.name])?;
    Ok(row.map(|row| Found { oid: row.get(0), relkind: row.get(1) }))
}

/// The same with who holds on to it, unless it can get its new rows where it stands.
pub(super) fn standing(
    connection: &mut PostgresConnection,
    relation: &RelationName,
) -> Result<Option<Standing>, EngineError> {
    let Some(found) = found(connection, relation)? else { return Ok(None) };
    let plain = Standing { kind: found.kind(), keyword: found.keyword(), ..Standing::plain(RelationKind::Table) };
    let client = &mut connection.client;
    if found.relkind == "r" && same_columns(client, found.oid)? {
        return Ok(Some(Standing { same_columns: true, ..plain }));
    }
    let grants = grants(client, found.oid, &Postgres.relation(relation))?;
    let readers = readers(client, found.oid, &connection.home.catalog)?;
    Ok(Some(Standing { readers, grants, ..plain }))
}

/// Names and types of a relation's columns, in order.
pub(super) fn columns(
    connection: &mut PostgresConnection,
    relation: &RelationName,
) -> Result<Vec<Column>, EngineError> {
    let sql = "select attname::text, format_type(atttypid, atttypmod) from pg_attribute
               where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum";
    let name = Postgres.relation(relation);
    let rows = connection.client.query_typed(sql, &[(&name, Type::TEXT)])?;
    Ok(rows.iter().map(|row| Column { name: row.get(0), r#type: row.get(1) }).collect())
}

/// Whether the staged rows have just the columns of a table: names, types with their sizes, collations, in order.
fn same_columns(client: &mut Client, table: u32) -> Result<bool, EngineError> {
    let columns = |of: &str| {
        format!(
            "(select string_agg(concat_ws(' ', quote_ident(attname), atttypid, atttypmod, attcollation, attidentity,
                                          attgenerated), ', ' order by attnum)
              from pg_attribute where attrelid = {of} and attnum > 0 and not attisdropped)"
        )
    };
    let staged = columns(&format!("to_regclass('{ROWS}')"));
    let sql = format!("select {} is not distinct from {staged}", columns("$1"));
    Ok(client.query_typed(&sql, &[(&table, Type::OID)])?[0].get(0))
}

/// What gives a relation that takes the place of another one the rights that others have on that.
fn grants(client: &mut Client, old: u32, target: &str) -> Result<Vec<Statement>, EngineError> {
    let sql = "select privilege_type || ' on ' || $2 || ' to '
                      || case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end
                      || case when is_grantable then ' with grant option' else '' end
               from pg_class c, aclexplode(c.relacl) where c.oid = $1 and grantee <> c.relowner";
    let rows = client.query_typed(sql, &[(&old, Type::OID), (&target, Type::TEXT)])?;
    Ok(rows.iter().map(|row| format!("grant {}", row.get::<_, &str>(0)).into()).collect())
}

/// Who reads the relation directly, by name.
fn readers(client: &mut Client, oid: u32, catalog: &str) -> Result<Vec<Reader>, EngineError> {
    let sql = "select n.nspname::text, c.relname::text, c.relkind::text,
                      case when c.relkind = 'v' then pg_get_viewdef(c.oid) else '' end,
                      array_to_string(c.reloptions, ', ')
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.oid <> $1 and c.oid in (
                   select r.ev_class from pg_rewrite r join pg_depend d on d.objid = r.oid
                   where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
                     and d.refobjid = $1)
               order by n.nspname collate \"C\", c.relname collate \"C\"";
    // Definitions hold short names for what the search path has; what comes next needs it again.
    let path: String = client.query_typed("select current_setting('search_path')", &[])?[0].get(0);
    client.batch_execute("set local search_path = ''")?;
    let rows = client.query_typed(sql, &[(&oid, Type::OID)])?;
    client.query_typed("select set_config('search_path', $1, true)", &[(&path, Type::TEXT)])?;
    let reader = |row: &::postgres::Row| {
        let relation = RelationName::new(Some(catalog), Some(row.get(0)), row.get(1));
        let (relkind, definition, options): (&str, &str, Option<String>) = (row.get(2), row.get(3), row.get(4));
        let options = options.map_or(String::new(), |options| format!(" with ({options})"));
        let rebind = match relkind {
            "v" => {
                let name = Postgres.relation(&relation);
                Ok(format!("create or replace view {name}{options} as {definition}").into())
            }
            "m" => Err("it is a materialized view".to_string()),
            _ => Err("it is no view but has rules".to_string()),
        };
        Reader { relation, rebind }
    };
    Ok(rows.iter().map(reader).collect())
}

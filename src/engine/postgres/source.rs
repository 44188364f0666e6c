//! What Postgres tells of a relation that fft doesn't build.
//!
//! The counters of its statistics say what changed, but late, and are lost by a crash: no proof. Rows are read: as they
//! are while they are few, since equal rows loaded anew are then equal; of a larger table the place and the transaction
//! of each row alone, which no insert, update or delete leaves as they were.

use super::digest;
use crate::dialect::{Dialect, Postgres};
use crate::digest::Tagged;
use crate::engine::{DataVersion, EngineError, ErrorKind, ROWS_WATCHED, VALUES_WATCHED};
use crate::name::RelationName;
use ::postgres::Client;
use ::postgres::types::Type;

/// Rows of a table at most whose places and transactions are read.
const PLACES_WATCHED: u64 = 20_000_000;

/// The state of the rows of the relation of a full name, as far as they are not too many.
pub(super) fn version(client: &mut Client, full: &RelationName) -> Result<DataVersion, EngineError> {
    if matches!(full.schema.as_deref(), Some("information_schema" | "pg_catalog")) {
        return Ok(DataVersion::of_the_database());
    }
    match rows_version(client, full) {
        Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
        other => other,
    }
}

fn rows_version(client: &mut Client, full: &RelationName) -> Result<DataVersion, EngineError> {
    let name = Postgres.relation(full);
    let sql = "select c.relkind in ('r', 'p', 'm'), coalesce(string_agg(concat_ws(' ', quote_ident(a.attname),
                      format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum), ''), count(a.attname)
               from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               where c.oid = $1::text::regclass group by c.relkind";
    let found = client.query_typed(sql, &[(&name, Type::TEXT)])?;
    let Some(row) = found.first() else { return Ok(DataVersion::unreadable()) };
    let (stored, columns, width): (bool, String, i64) = (row.get(0), row.get(1), row.get(2));
    let most = ROWS_WATCHED.min(VALUES_WATCHED / (width as u64).max(1));
    if !has_more(client, &name, most)? {
        let (digest, count) = digest::counted(client, full, &[])?;
        return Ok(DataVersion::of_rows(&count, &digest));
    }
    if !stored || has_more(client, &name, PLACES_WATCHED)? {
        return Ok(DataVersion::too_large());
    }
    let sum =
        |seed: u8| format!("coalesce(sum(hashtextextended(concat_ws(' ', tableoid, ctid, xmin), {seed})), 0)::text");
    let row = &client.query_typed(&format!("select count(*)::text, {}, {} from {name}", sum(0), sum(1)), &[])?[0];
    let sums: [String; 3] = [row.get(0), row.get(1), row.get(2)];
    let parts = [&columns].into_iter().chain(&sums);
    let digest = parts.fold(Tagged::new("fft-places-v1"), |hash, part| hash.part(part.as_bytes())).finish();
    Ok(DataVersion::Known(format!("{} rows, places {digest}", sums[0])))
}

fn has_more(client: &mut Client, relation: &str, rows: u64) -> Result<bool, EngineError> {
    let sql = format!("select count(*) from (select 1 from {relation} limit {}) as counted", rows + 1);
    let count: i64 = client.query_typed(&sql, &[])?[0].get(0);
    Ok(count as u64 > rows)
}

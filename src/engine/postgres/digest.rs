//! A digest of a table's rows, whatever their order.
//!
//! Two sums over all rows, of 64 bits a row each, of hashes of the row's text, so that equal rows count as often as they
//! stand there. The text tells every value from every other one of its column: nulls from empty texts, `1.0` from
//! `1.00`, a month from thirty days.

use crate::dialect::{Dialect, Postgres};
use crate::digest::{Digest, Tagged};
use crate::engine::EngineError;
use crate::name::RelationName;
use ::postgres::Client;
use ::postgres::types::Type;

/// The digest over columns, types and rows of the table of a full name, without the columns named in `without`, and how
/// many rows there are.
pub(super) fn counted(
    client: &mut Client,
    relation: &RelationName,
    without: &[&str],
) -> Result<(Digest, String), EngineError> {
    let relation = Postgres.relation(relation);
    let sql = "select attname::text, format_type(atttypid, atttypmod) from pg_attribute
               where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attname <> all($2)
               order by attnum";
    let columns = client.query_typed(sql, &[(&relation, Type::TEXT), (&without, Type::TEXT_ARRAY)])?;
    let columns: Vec<(String, String)> = columns.iter().map(|row| (row.get(0), row.get(1))).collect();
    let values = columns.iter().map(|(name, _)| Postgres.quote(name)).collect::<Vec<_>>().join(", ");
    let sum = |seed: u8| {
        let hash = format!("hashtextextended(row({values})::text collate \"C\", {seed})");
        format!("coalesce(sum({hash}), 0)::text")
    };
    let row = &client.query_typed(&format!("select count(*)::text, {}, {} from {relation}", sum(0), sum(1)), &[])?[0];
    let sums: [String; 3] = [row.get(0), row.get(1), row.get(2)];
    let parts = columns.iter().flat_map(|(name, kind)| [name, kind]).chain(&sums);
    let digest = parts.fold(Tagged::new("fft-rows-v1"), |hash, part| hash.part(part.as_bytes())).finish();
    let [count, ..] = sums;
    Ok((digest, count))
}

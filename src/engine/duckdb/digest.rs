//! A digest of a table's rows, whatever their order.
//!
//! Two sums over all rows, of 64 bits a row each, so that equal rows count as often as they stand there: one of the
//! values' own hashes, and one of the row's text. The second tells values apart that compare as equal and are not the
//! same (`0.0` and `-0.0`, a month and thirty days), the first rows whose text is the same.

use super::handle::DuckDbConnection;
use crate::dialect::{Dialect, DuckDb};
use crate::digest::{Digest, Tagged};
use crate::engine::EngineError;
use crate::name::RelationName;

impl DuckDbConnection {
    /// The digest over columns, types and rows of a table, without the columns named in `without`.
    pub(super) fn digest_rows(&self, relation: &RelationName, without: &[&str]) -> Result<Digest, EngineError> {
        let relation = DuckDb.relation(&self.full(relation));
        let columns = self.columns(&relation)?.into_iter();
        let columns: Vec<_> = columns.filter(|(name, _)| !without.contains(&name.as_str())).collect();
        let names = columns.iter().map(|(name, _)| DuckDb.quote(name)).collect::<Vec<_>>().join(", ");
        let values = if columns.is_empty() { "0".to_string() } else { names };
        let sum = |hash: String| format!("coalesce(sum({hash}), 0)::varchar");
        let query = format!(
            "select count(*)::varchar, {}, {} from {relation}",
            sum(format!("hash({values})")),
            sum(format!("hash(row({values})::varchar)"))
        );
        let sums: [String; 3] =
            self.connection.query_row(&query, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let parts = columns.iter().flat_map(|(name, kind)| [name, kind]).chain(&sums);
        Ok(parts.fold(Tagged::new("fft-rows-v1"), |hash, part| hash.part(part.as_bytes())).finish())
    }
}

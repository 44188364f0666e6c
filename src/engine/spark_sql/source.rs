//! What tells one state of a relation that fft doesn't build from another: all its rows, while they are few.
//!
//! Two sums over all rows, of 64 bits a row each, of hashes of the row's text, so that equal rows count as often as they
//! stand there. The text tells every value from every other one of its column, nulls from empty texts.

use crate::digest::Tagged;
use crate::engine::{DataVersion, ROWS_WATCHED, VALUES_WATCHED};

/// Names of columns with their types, in order.
pub type Columns = [(String, String)];

/// A query for the number of a relation's rows, counted as far as it matters, in a column of texts; and the most that is
/// read.
pub fn counted(relation: &str, columns: &Columns) -> (String, u64) {
    let most = ROWS_WATCHED.min(VALUES_WATCHED / (columns.len() as u64).max(1));
    let some = format!("select 1 from {relation} limit {}", most + 1);
    (format!("select cast(count(*) as string) as n from ({some})"), most)
}

/// A query for the number of rows and two sums, in three columns of texts.
pub fn sums(relation: &str) -> String {
    // Milliseconds are all that is written of a time unless it is said otherwise.
    let options = "map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSSXXX', \
                   'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')";
    let sum = |hash: &str| format!("cast(coalesce(sum(cast({hash} as decimal(38, 0))), 0) as string)");
    format!(
        "select cast(count(*) as string) as n, {} as a, {} as b from (select to_json(struct(*), {options}) as row \
         from {relation})",
        sum("xxhash64(row)"),
        sum("xxhash64('2', row)")
    )
}

/// The version that [`sums`] gave.
pub fn rows_version(columns: &Columns, told: &[String; 3]) -> DataVersion {
    let parts = columns.iter().flat_map(|(name, kind)| [name, kind]).chain(told);
    let digest = parts.fold(Tagged::new("fft-rows-v1"), |hash, part| hash.part(part.as_bytes())).finish();
    DataVersion::of_rows(&told[0], &digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_relations_are_read_only_while_they_have_few_rows() {
        let columns = |count: usize| vec![("c".to_string(), "int".to_string()); count];
        assert_eq!(counted("t", &columns(1)).1, ROWS_WATCHED);
        assert_eq!(counted("t", &columns(200)).1, VALUES_WATCHED / 200);
        assert!(counted("s.t", &columns(200)).0.ends_with("(select 1 from s.t limit 100001)"));
        let version = |n: &str| rows_version(&columns(1), &[n.into(), "7".into(), "8".into()]);
        assert!(version("3") != version("4") && version("3") == version("3"));
    }
}

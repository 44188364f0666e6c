//! A seed file without its rows: what is kept of one that is too large, or of a kind that only an engine reads.
//!
//! Takes two outlines, gives a [`DataChange`] that says of rows how many there are, not which. Pure.

use super::DataChange;
use super::change::ColumnType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Name and, where the file tells, type; in order.
    pub columns: Vec<(String, Option<String>)>,
    pub rows: u64,
}

impl Outline {
    /// What is different between two files.
    pub fn change(before: &Outline, after: &Outline) -> DataChange {
        let names = |outline: &Outline| outline.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (old, new) = (names(before), names(after));
        let missing = |left: &[String], right: &[String]| -> Vec<String> {
            left.iter().filter(|name| !right.contains(name)).cloned().collect()
        };
        let (added, removed) = (missing(&new, &old), missing(&old, &new));
        let types: BTreeMap<&String, &Option<String>> =
            before.columns.iter().map(|(name, kind)| (name, kind)).collect();
        let retyped = after.columns.iter().filter_map(|(name, kind)| {
            let (was, is) = ((*types.get(name)?).clone()?, kind.clone()?);
            (was != is).then(|| ColumnType { after: is, before: was, name: name.clone() })
        });
        DataChange {
            columns_reordered: added.is_empty() && removed.is_empty() && old != new,
            columns_added: added,
            columns_removed: removed,
            rows_added: after.rows.saturating_sub(before.rows) as usize,
            rows_after: after.rows as usize,
            rows_before: before.rows as usize,
            rows_counted: true,
            rows_removed: before.rows.saturating_sub(after.rows) as usize,
            types: retyped.collect(),
            ..DataChange::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(columns: &[(&str, &str)], rows: u64) -> Outline {
        let column =
            |(name, kind): &(&str, &str)| (name.to_string(), Some(kind.to_string()).filter(|kind| !kind.is_empty()));
        Outline { columns: columns.iter().map(column).collect(), rows }
    }

    #[test]
    fn rows_are_counted_and_columns_named() {
        let old = outline(&[("id", "INTEGER"), ("name", "VARCHAR"), ("x", "")], 100);
        let words = |new: &Outline| crate::artifact::wire::DataChange::from(&Outline::change(&old, new)).words();
        assert_eq!(words(&old), "100 rows, not compared");
        assert_eq!(words(&Outline { rows: 120, ..old.clone() }), "100 → 120 rows, not compared");
        let new = outline(&[("id", "BIGINT"), ("x", "DATE"), ("y", "DATE")], 1);
        assert_eq!(
            words(&new),
            "100 → 1 rows, not compared, column +y, column −name, column id is BIGINT, was INTEGER"
        );
        let moved = outline(&[("x", ""), ("name", "VARCHAR"), ("id", "INTEGER")], 100);
        assert_eq!(words(&moved), "100 rows, not compared, columns in another order");
    }
}

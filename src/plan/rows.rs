//! What changed in a seed's data: rows by a key, else as a multiset, columns and what their values look like.
//!
//! Takes a CSV file's bytes before and after and what is declared of it, gives a [`DataChange`]. Where no key is declared
//! one is inferred: `id`, a column called like an identifier, or the first one, whose values are there and unique on both
//! sides, else those called like identifiers together. Pure.

use super::{About, ColumnLook, DataChange};
use crate::syntax::csv::{Kind, Layout};
use csv::StringRecord;
use std::collections::{HashMap, HashSet};

/// `None` when either side isn't CSV.
pub(super) fn change(before: &[u8], after: &[u8], about: About<'_>) -> Option<DataChange> {
    let (old, new) = (Table::read(before, about.delimiter)?, Table::read(after, about.delimiter)?);
    let inferred = |name: &str| about.declared.iter().all(|(other, _)| other.to_lowercase() != name.to_lowercase());
    let missing = |left: &Table, right: &Table| -> Vec<String> {
        left.columns.iter().filter(|column| !right.columns.contains(column)).cloned().collect()
    };
    let common: Vec<&String> = new.columns.iter().filter(|column| old.columns.contains(column)).collect();
    let counts = match key(&old, &new, about.key, &common) {
        Some(key) => Counts::by_key(&old, &new, key, &common),
        None if common.is_empty() => Counts::of_sizes(old.rows.len(), new.rows.len()),
        None => Counts::of_multisets(&old, &new, &common),
    };
    Some(DataChange {
        columns_added: missing(&new, &old),
        columns_removed: missing(&old, &new),
        columns_reordered: old.columns != new.columns && sorted(&old.columns) == sorted(&new.columns),
        // A declared type is told by the declaration, whatever the values look like.
        columns_retyped: common
            .iter()
            .filter(|column| inferred(column))
            .filter_map(|column| retyped(&old, &new, column))
            .collect(),
        key: counts.key,
        rows_added: counts.added,
        rows_after: new.rows.len(),
        rows_before: old.rows.len(),
        rows_changed: counts.changed,
        rows_removed: counts.removed,
        ..DataChange::default()
    })
}

fn sorted(columns: &[String]) -> Vec<&String> {
    let mut columns: Vec<&String> = columns.iter().collect();
    columns.sort();
    columns
}

struct Table {
    columns: Vec<String>,
    /// As they are inferred when the file is loaded.
    kinds: Vec<Option<Kind>>,
    rows: Vec<StringRecord>,
}

impl Table {
    fn read(bytes: &[u8], delimiter: Option<u8>) -> Option<Table> {
        if bytes.starts_with(b"PAR1") {
            return None;
        }
        let layout = Layout::of(&bytes, delimiter).ok()?;
        let rows: Result<Vec<_>, _> = layout.records(&bytes).ok()?.records().collect();
        Some(Table { kinds: layout.kinds(&bytes).ok()?, columns: layout.columns, rows: rows.ok()? })
    }

    /// Where the columns stand; `None` where one is missing.
    fn places(&self, columns: &[impl AsRef<str>]) -> Option<Vec<usize>> {
        let place = |name: &str| self.columns.iter().position(|column| column == name);
        columns.iter().map(|name| place(name.as_ref())).collect()
    }

    /// Whether the values of `columns` are there and tell each row from every other.
    fn is_key(&self, columns: &[impl AsRef<str>]) -> bool {
        let Some(places) = self.places(columns) else { return false };
        let mut seen = HashSet::with_capacity(self.rows.len());
        let filled =
            |row: &StringRecord| places.iter().all(|place| row.get(*place).is_some_and(|text| !text.is_empty()));
        self.rows.iter().all(|row| filled(row) && seen.insert(values(row, &places)))
    }
}

fn values<'a>(row: &'a StringRecord, places: &[usize]) -> Vec<&'a str> {
    places.iter().map(|place| row.get(*place).unwrap_or_default()).collect()
}

fn key(old: &Table, new: &Table, declared: &[String], common: &[&String]) -> Option<Vec<String>> {
    let fits = |columns: &[String]| !columns.is_empty() && old.is_key(columns) && new.is_key(columns);
    if !declared.is_empty() {
        return fits(declared).then(|| declared.to_vec());
    }
    let mut likely: Vec<String> =
        common.iter().filter(|name| is_identifier(name)).map(|name| name.to_string()).collect();
    likely.sort_by_key(|name| !name.eq_ignore_ascii_case("id"));
    let first = old.columns.first().filter(|name| new.columns.first() == Some(*name));
    let singles = likely.iter().chain(first).map(|name| vec![name.clone()]);
    singles.chain([likely.clone()]).find(|columns| fits(columns))
}

fn is_identifier(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "id" || name.ends_with("_id") || name.ends_with("key")
}

#[derive(Default)]
struct Counts {
    added: usize,
    changed: usize,
    removed: usize,
    key: Vec<String>,
}

impl Counts {
    /// Rows with one key are one row; it changed where another column that both sides have differs.
    fn by_key(old: &Table, new: &Table, key: Vec<String>, common: &[&String]) -> Counts {
        let places = |table: &Table, columns: &[String]| table.places(columns).expect("invariant: both sides have it");
        let shared: Vec<String> = common.iter().map(|name| name.to_string()).collect();
        let (old_key, new_key) = (places(old, &key), places(new, &key));
        let (old_all, new_all) = (places(old, &shared), places(new, &shared));
        let before: HashMap<_, _> = old.rows.iter().map(|row| (values(row, &old_key), row)).collect();
        let mut counts = Counts { key, ..Counts::default() };
        for row in &new.rows {
            match before.get(&values(row, &new_key)) {
                None => counts.added += 1,
                Some(other) if values(other, &old_all) != values(row, &new_all) => counts.changed += 1,
                Some(_) => {}
            }
        }
        counts.removed = old.rows.len() + counts.added - new.rows.len();
        counts
    }

    /// Rows by what both sides have of them; equal rows are counted.
    fn of_multisets(old: &Table, new: &Table, common: &[&String]) -> Counts {
        let mut rows: HashMap<Vec<&str>, i64> = HashMap::new();
        for (table, step) in [(old, -1), (new, 1)] {
            let places = table.places(common).expect("invariant: both sides have it");
            for row in &table.rows {
                *rows.entry(values(row, &places)).or_default() += step;
            }
        }
        let count = |sign: i64| rows.values().map(|count| (count * sign).max(0) as usize).sum();
        Counts { added: count(1), removed: count(-1), ..Counts::default() }
    }

    fn of_sizes(old: usize, new: usize) -> Counts {
        Counts { added: new.saturating_sub(old), removed: old.saturating_sub(new), ..Counts::default() }
    }
}

/// A column whose values look like another type than before; empty values look like every type.
fn retyped(old: &Table, new: &Table, column: &str) -> Option<ColumnLook> {
    let kind = |table: &Table| Some(table.kinds[table.places(&[column])?[0]]?.into());
    let (before, after) = (kind(old)?, kind(new)?);
    (before != after).then(|| ColumnLook { after, before, name: column.into() })
}

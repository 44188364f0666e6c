//! What became of data that fft doesn't build, told from two texts of its state.
//!
//! A state is a list of files, a line each (`digest size name`), or `N rows, digest`, or what a source declares as its
//! version; only the first two are read here.

use super::listed::listed;
use crate::digest::Digest;
use std::collections::BTreeMap;

/// Digest and size by name.
type Files<'a> = BTreeMap<&'a str, (&'a str, &'a str)>;

/// Which files came, went and changed, or how many rows there were and are; `None` for other texts.
pub(super) fn words(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let (old, new) = (before.map_or(Some(Files::new()), files), after.map_or(Some(Files::new()), files));
    if let (Some(old), Some(new)) = (old, new) {
        return Some(file_words(&old, &new)).filter(|words| !words.is_empty());
    }
    let (old, new) = (rows(before?)?, rows(after?)?);
    Some(if old == new {
        format!("{new} {}, not the same", if new == 1 { "row" } else { "rows" })
    } else {
        format!("{old} → {new} rows")
    })
}

fn files(text: &str) -> Option<Files<'_>> {
    let line = |line| -> Option<(&str, (&str, &str))> {
        let mut parts = str::splitn(line, 3, ' ');
        let (digest, size, name) = (parts.next()?, parts.next()?, parts.next()?);
        Digest::parse(digest)?;
        size.parse::<u64>().ok()?;
        Some((name, (digest, size)))
    };
    if text.is_empty() { None } else { text.lines().map(line).collect() }
}

fn file_words(old: &Files<'_>, new: &Files<'_>) -> String {
    let came = new.keys().filter(|name| !old.contains_key(*name)).map(|name| format!("+ {name}"));
    let went = old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("− {name}"));
    let changed = new.iter().filter_map(|(name, (digest, size))| {
        let (_, old_size) = old.get(name).filter(|(before, _)| before != digest)?;
        let sizes = if old_size == size { String::new() } else { format!(" {old_size} → {size} bytes") };
        Some(format!("{name}{sizes}"))
    });
    listed(&came.chain(went).chain(changed).collect::<Vec<_>>())
}

/// The count of `N rows, …`.
fn rows(text: &str) -> Option<u64> {
    text.split_once(" rows, ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(files: &[(&str, &str)]) -> String {
        let line =
            |(name, content): &(&str, &str)| format!("{} {} {name}\n", Digest::of(content.as_bytes()), content.len());
        files.iter().map(line).collect()
    }

    #[test]
    fn files_that_came_went_and_changed_are_named() {
        let old = list(&[("raw/a b.csv", "1"), ("raw/c.csv", "2"), ("raw/d.csv", "3"), ("raw/e.csv", "4")]);
        let new = list(&[("raw/a b.csv", "11"), ("raw/d.csv", "3"), ("raw/e.csv", "5"), ("raw/f.csv", "6")]);
        let all = "+ raw/f.csv and − raw/c.csv and raw/a b.csv 1 → 2 bytes and 1 more";
        assert_eq!(words(Some(&old), Some(&new)).as_deref(), Some(all));
        let one = list(&[("x.csv", "1")]);
        assert_eq!(words(None, Some(&one)).as_deref(), Some("+ x.csv"));
        assert_eq!(words(Some(&one), None).as_deref(), Some("− x.csv"));
        assert_eq!(words(Some(&one), Some(&list(&[("x.csv", "2")]))).as_deref(), Some("x.csv"));
    }

    #[test]
    fn rows_are_counted_and_other_texts_left_alone() {
        let (old, new) = ("3 rows, ab", "4 rows, cd");
        assert_eq!(words(Some(old), Some(new)).as_deref(), Some("3 → 4 rows"));
        assert_eq!(words(Some(old), Some("3 rows, cd")).as_deref(), Some("3 rows, not the same"));
        assert_eq!(words(Some("2026-01-01"), Some("2026-01-02")), None);
        assert_eq!(words(None, Some("2026-01-02")), None);
    }
}

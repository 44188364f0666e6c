//! What is set at a relation beside its rows, in words: all of it, and what became of it.
//!
//! Takes components as they are written, whose values are JSON; what a newer fft wrote there is told as it stands.

use super::Fingerprint;
use super::listed::listed;
use crate::diagnostic::counted;
use crate::dialect::{Comments, Grants, Index, beyond};
use crate::fingerprint::{Component, Kind};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// What is set at the relation of a node with this fingerprint: each kind of it by its title, with its parts:
/// `Indexes`, `unique index on (id)`.
pub fn all(fingerprint: &Fingerprint) -> Vec<(String, Vec<String>)> {
    let known = fingerprint.known().into_iter().flat_map(|known| &known.components);
    known.filter(|one| one.kind == Kind::Setting).map(|one| told(one)).collect()
}

fn told(component: &Component) -> (String, Vec<String>) {
    let title = match component.name.as_str() {
        "indexes" => "Indexes",
        "grants" => "Grants",
        "comments" => "Comments",
        other => other,
    };
    // A value that is withheld, or that can't be read, is there all the same.
    let value = component.value.as_deref().unwrap_or("not shown");
    (title.into(), parts(&component.name, value).unwrap_or_else(|| vec![value.into()]))
}

/// The parts of a value; `None` where it can't be read.
fn parts(name: &str, value: &str) -> Option<Vec<String>> {
    match name {
        "indexes" => Some(read::<Vec<Index>>(value)?.iter().map(Index::words).collect()),
        "grants" => Some(rights(&read(value)?, "to")),
        "comments" => Some(vec![comments(&read(value)?)]),
        _ => None,
    }
}

/// What became of a value: `select to reporting given`; `None` where it can't be read.
pub fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Option<String> {
    let words = match name {
        "indexes" => {
            let (old, new): (Vec<Index>, Vec<Index>) = (read_or_none(before)?, read_or_none(after)?);
            let one = |of: &[Index], others: &[Index], became: &str| -> Vec<String> {
                let differ = of.iter().filter(|index| !others.contains(index));
                differ.map(|index| format!("{} {became}", index.words())).collect()
            };
            [one(&new, &old, "added"), one(&old, &new, "dropped")].concat()
        }
        "grants" => {
            let (old, new): (Grants, Grants) = (read_or_none(before)?, read_or_none(after)?);
            let one = |rights: Vec<String>, became: &str| -> Vec<String> {
                rights.into_iter().map(|right| format!("{right} {became}")).collect()
            };
            [one(rights(&beyond(&new, &old), "to"), "given"), one(rights(&beyond(&old, &new), "from"), "taken")]
                .concat()
        }
        "comments" => {
            let (old, new): (Comments, Comments) = (read_or_none(before)?, read_or_none(after)?);
            let names: BTreeSet<&String> = old.columns.keys().chain(new.columns.keys()).collect();
            let columns = names.into_iter().filter(|name| old.columns.get(*name) != new.columns.get(*name)).count();
            vec![of((old.relation != new.relation, columns), "comment", "comments")]
        }
        _ => return None,
    };
    (!words.is_empty()).then(|| listed(&words))
}

/// `select to reporting, audit`, a privilege a text.
fn rights(grants: &Grants, to: &str) -> Vec<String> {
    let one = |(privilege, roles): (&String, &BTreeSet<String>)| {
        format!("{privilege} {to} {}", roles.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    grants.iter().map(one).collect()
}

fn comments(comments: &Comments) -> String {
    of((comments.relation.is_some(), comments.columns.len()), "comment", "comments")
}

/// `comment on the relation`, `comments on the relation and 2 columns`.
fn of((relation, columns): (bool, usize), one: &str, many: &str) -> String {
    let word = if usize::from(relation) + columns == 1 { one } else { many };
    match (relation, columns) {
        (true, 0) => format!("{word} on the relation"),
        (true, columns) => format!("{word} on the relation and {}", counted(columns, "column")),
        (false, columns) => format!("{word} on {}", counted(columns, "column")),
    }
}

fn read<T: DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_str(value).ok()
}

/// Of a side that isn't there, nothing.
fn read_or_none<T: DeserializeOwned + Default>(value: Option<&str>) -> Option<T> {
    value.map_or_else(|| Some(T::default()), read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_settings_is_told_part_by_part() {
        let index = r#"[{"columns":["id"],"unique":true}]"#;
        let both = r#"[{"columns":["id"],"unique":true},{"columns":["a","b"],"type":"hash"}]"#;
        assert_eq!(change("indexes", None, Some(index)).unwrap(), "unique index on (id) added");
        assert_eq!(change("indexes", Some(both), Some(index)).unwrap(), "index on (a, b) by hash dropped");
        let (one, two) = (r#"{"select":["a"]}"#, r#"{"insert":["b"],"select":["b","c"]}"#);
        let told = change("grants", Some(one), Some(two)).unwrap();
        assert_eq!(told, "insert to b given and select to b, c given and select from a taken");
        let (old, new) = (r#"{"columns":{"a":"x"}}"#, r#"{"columns":{"a":"y","b":"z"},"relation":"r"}"#);
        assert_eq!(change("comments", Some(old), Some(new)).unwrap(), "comments on the relation and 2 columns");
        assert_eq!(change("comments", None, Some(r#"{"relation":"r"}"#)).unwrap(), "comment on the relation");
        assert_eq!(change("comments", Some(old), None).unwrap(), "comment on 1 column");
        assert_eq!(change("indexes", None, Some("{")), None);
        assert_eq!(change("moons", None, Some("1")), None);
        assert_eq!(parts("grants", two).unwrap(), ["insert to b", "select to b, c"]);
        assert_eq!(parts("indexes", both).unwrap()[1], "index on (a, b) by hash");
    }
}

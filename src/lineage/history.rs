//! The columns of a snapshot's table: those of its query, those that tell one version from another, and those that its query
//! gave before.

use super::{ColumnLineage, Edge, Kind, Status};
use crate::graph::version::{IS_DELETED, OWN};
use crate::graph::{Checked, Snapshot, SnapshotStrategy};
use std::collections::BTreeMap;

type Named = (String, ColumnLineage);

/// In the order of the table, where one stands, whose columns are `table`; `query`: the columns of its query, `complete` where
/// these are all.
pub(super) fn columns(query: &[Named], complete: bool, snapshot: &Snapshot, table: &[String]) -> Vec<Named> {
    let told = versioned(query, complete, snapshot);
    let why = if complete {
        "its query doesn't give it any longer: it is of versions from before"
    } else {
        "not all columns of its query are known"
    };
    let of_table = |name: &String| {
        let is_own = || OWN.iter().chain([&IS_DELETED]).any(|own| name.eq_ignore_ascii_case(own));
        let found = find(query, name).or_else(|| is_own().then_some(&told));
        (name.clone(), found.cloned().unwrap_or_else(|| ColumnLineage::unknown(why)))
    };
    let own = snapshot.own_columns().map(|name| (name.to_string(), told.clone()));
    let stands = |name: &str| table.iter().any(|column| column.eq_ignore_ascii_case(name));
    let new = query.iter().cloned().chain(own).filter(|(name, _)| !stands(name));
    table.iter().map(of_table).chain(new).collect()
}

fn find<'a>(query: &'a [Named], name: &str) -> Option<&'a ColumnLineage> {
    let exact = query.iter().find(|(other, _)| other == name);
    exact.or_else(|| query.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))).map(|(_, found)| found)
}

/// What begins a version and ends one: the key and what is compared.
fn versioned(query: &[Named], complete: bool, snapshot: &Snapshot) -> ColumnLineage {
    let named = |names: &[String]| names.iter().map(|name| find(query, name)).collect::<Vec<_>>();
    let compared = match &snapshot.strategy {
        SnapshotStrategy::Timestamp(column) => vec![find(query, column)],
        SnapshotStrategy::Check(Checked::Named(names)) => named(names),
        SnapshotStrategy::Check(Checked::All) => {
            query.iter().map(|(_, found)| Some(found)).chain((!complete).then_some(None)).collect()
        }
    };
    let parts: Vec<Option<&ColumnLineage>> = compared.into_iter().chain(named(&snapshot.key)).collect();
    let mut edges: BTreeMap<(&str, &str), Edge> = BTreeMap::new();
    for edge in parts.iter().flatten().flat_map(|part| &part.from) {
        // A value that is compared is no longer the value itself.
        let kind = if edge.kind == Kind::Direct { Kind::Derived } else { edge.kind };
        let found = edges.entry((&edge.node, &edge.column)).or_insert_with(|| Edge { kind, ..edge.clone() });
        if kind > found.kind {
            *found = Edge { kind, ..edge.clone() };
        }
    }
    let unknown = parts.iter().any(|part| part.is_none_or(|part| part.status == Status::Unknown));
    let reason = unknown.then(|| "not all is known of what its versions are told apart by".to_string());
    let status = if unknown { Status::Unknown } else { Status::Known };
    ColumnLineage { from: edges.into_values().collect(), reason, status }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::HardDeletes;

    fn column(name: &str, from: &[(&str, Kind)]) -> Named {
        let edge = |(column, kind): &(&str, Kind)| Edge {
            column: column.to_string(),
            kind: *kind,
            node: "users".into(),
            span: None,
        };
        let from = from.iter().map(edge).collect();
        (name.into(), ColumnLineage { from, reason: None, status: Status::Known })
    }

    /// Each column in a line.
    fn lines(all: &[Named]) -> Vec<String> {
        let line = |(name, found): &Named| {
            let edges: Vec<String> =
                found.from.iter().map(|edge| format!(" {:?} {}", edge.kind, edge.column)).collect();
            format!("{name}: {:?}{}", found.status, edges.concat())
        };
        all.iter().map(line).collect()
    }

    #[test]
    fn versions_are_told_apart_by_the_key_and_what_is_compared() {
        let query = [
            column("id", &[("id", Kind::Direct), ("gone", Kind::Filter)]),
            column("at", &[("changed", Kind::Direct), ("gone", Kind::Filter)]),
            column("city", &[("city", Kind::Direct), ("gone", Kind::Filter)]),
        ];
        let snapshot = |strategy, hard_deletes| Snapshot { key: vec!["ID".into()], strategy, hard_deletes };
        let timed = snapshot(SnapshotStrategy::Timestamp("at".into()), HardDeletes::NewRecord);
        let own = |text: &str| {
            let all = ["valid_from", "valid_to", "is_current", "snapshot_hash", "updated_at", "is_deleted"];
            all.map(|name| format!("_ff_{name}: {text}"))
        };
        let edges = "Known Derived changed Filter gone Derived id";
        assert_eq!(lines(&columns(&query, true, &timed, &[]))[3..], own(edges));
        // What stands counts: columns of a query that was another one are there, and of those nothing is known.
        let mut table = ["id", "town", "at"].map(String::from).to_vec();
        table.extend(OWN.map(String::from));
        let named = snapshot(SnapshotStrategy::Check(Checked::Named(vec!["city".into()])), HardDeletes::Ignore);
        let found = lines(&columns(&query, true, &named, &table));
        assert_eq!(found[..2], ["id: Known Direct id Filter gone", "town: Unknown"]);
        assert_eq!(found[3], "_ff_valid_from: Known Derived city Filter gone Derived id");
        assert_eq!((found.len(), found[8].as_str()), (9, "city: Known Direct city Filter gone"));
        let all = snapshot(SnapshotStrategy::Check(Checked::All), HardDeletes::Ignore);
        assert!(lines(&columns(&query, true, &all, &[]))[3].starts_with("_ff_valid_from: Known Derived changed"));
        assert!(lines(&columns(&query, false, &all, &[]))[3].starts_with("_ff_valid_from: Unknown Derived changed"));
    }
}

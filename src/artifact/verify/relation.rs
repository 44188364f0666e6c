//! What the database says that its relations hold, against what was recorded of their builds.

use super::{Place, Verification};
use crate::engine::{MetaRow, Relations};
use crate::fingerprint::Kind;
use crate::plan::{Entry, Identity, State};
use std::collections::BTreeMap;

impl Verification<'_> {
    /// The entries of one database beside its own rows.
    pub fn relations(&mut self, state: &State, relations: &Relations, rows: &[MetaRow]) {
        let rows: BTreeMap<_, _> =
            rows.iter().map(|row| ((row.node.clone(), relations.resolve(&row.relation)), row)).collect();
        for entry in state.entries.values().filter(|entry| !ephemeral(entry)) {
            let place = Place { file: "_ff_meta", node: Some(entry.node.as_str()) };
            let relation = relations.resolve(&entry.relation);
            let row = rows.get(&(entry.node.clone(), relation.clone()));
            self.report.counts.relations += 1;
            let problem = match row {
                _ if !relations.found.contains_key(&relation) => format!("relation {relation} isn't in the database"),
                None => format!("nothing tells what relation {relation} holds"),
                Some(row) if row.fingerprint != entry.fingerprint.value => format!(
                    "relation {relation} holds fingerprint {} of run {}, its entry says {} of run {}",
                    row.fingerprint.short(),
                    row.run_id,
                    entry.fingerprint.value.short(),
                    entry.run_id
                ),
                Some(row) if row.run_id == entry.run_id && is_replaced(entry, relations.identity.get(&relation)) => {
                    format!("relation {relation} isn't the one that run {} built: something else made it", entry.run_id)
                }
                Some(_) => continue,
            };
            self.find(place, None, &problem);
        }
    }
}

fn is_replaced(entry: &Entry, found: Option<&Identity>) -> bool {
    entry.identity.zip(found).is_some_and(|(built, found)| built.differs(found))
}

/// Whether the node has no relation of its own.
fn ephemeral(entry: &Entry) -> bool {
    let mut components = entry.fingerprint.components.iter();
    let materialized = components.find(|component| component.id() == (Kind::Config, "materialized"));
    materialized.and_then(|component| component.value.as_deref()) == Some("\"ephemeral\"")
}

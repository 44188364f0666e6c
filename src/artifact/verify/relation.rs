//! What the database says that its relations hold, against what was recorded of their builds.

use super::{Place, Verification};
use crate::engine::{self, Relations, Row};
use crate::name::RelationName;
use crate::plan::{Entry, Identity, State};
use std::collections::BTreeMap;

impl Verification<'_> {
    /// The entries of one database beside its own rows. `recorded` gives the entry of a row's own record.
    pub fn relations(
        &mut self,
        state: &State,
        relations: &Relations,
        rows: &[Row],
        recorded: impl Fn(&Row) -> Option<Entry>,
    ) {
        let mut held: BTreeMap<RelationName, Vec<&Row>> = BTreeMap::new();
        rows.iter().for_each(|row| held.entry(relations.resolve(&row.relation)).or_default().push(row));
        for entry in state.entries.values().filter(|entry| !ephemeral(entry)) {
            let place = Place { file: "_ff_meta", node: Some(entry.node.as_str()) };
            let relation = relations.resolve(&entry.relation);
            self.report.counts.relations += 1;
            let problem = match held.get(&relation).map_or(&[][..], Vec::as_slice) {
                [row] if row.node != entry.node && is_record_of(state, relations, row) => continue,
                _ if !relations.found.contains_key(&relation) => format!("relation {relation} isn't in the database"),
                [row] if row.state == engine::State::Building => format!(
                    "_ff_meta says that run {} began to build relation {relation}, and not that it ended",
                    row.run_id
                ),
                [row] if row.state == engine::State::Extending => {
                    format!(
                        "the mark of relation {relation} says that an extension of it was begun, and not that it ended"
                    )
                }
                [row] if row.fingerprint != entry.fingerprint.value && is_vouched(row, relations, &recorded) => {
                    self.report.counts.elsewhere += 1;
                    continue;
                }
                [] => format!("nothing tells what relation {relation} holds"),
                [row] if row.node != entry.node => {
                    format!("relation {relation} was built as {} by run {}", row.node, row.run_id)
                }
                [row] if row.fingerprint != entry.fingerprint.value => format!(
                    "relation {relation} holds fingerprint {} of run {}, its entry says {} of run {}",
                    row.fingerprint.short(),
                    row.run_id,
                    entry.fingerprint.value.short(),
                    entry.run_id
                ),
                [row] if row.run_id == entry.run_id && is_replaced(entry, relations.identity.get(&relation)) => {
                    format!("relation {relation} isn't the one that run {} built: something else made it", entry.run_id)
                }
                [_] => continue,
                rows => {
                    let nodes: Vec<&str> = rows.iter().map(|row| row.node.as_str()).collect();
                    format!("which of {} built relation {relation} can't be told", nodes.join(" and "))
                }
            };
            self.find(place, None, &problem);
        }
    }
}

/// Whether the relation is what another checkout built, by the row's own record.
fn is_vouched(row: &Row, relations: &Relations, recorded: impl Fn(&Row) -> Option<Entry>) -> bool {
    let found = relations.identity.get(&relations.resolve(&row.relation));
    recorded(row).is_some_and(|entry| {
        relations.resolve(&entry.relation) == relations.resolve(&row.relation) && !is_replaced(&entry, found)
    })
}

fn is_replaced(entry: &Entry, found: Option<&Identity>) -> bool {
    entry.identity.zip(found).is_some_and(|(built, found)| built.differs(found))
}

/// Whether a row is that of a recorded build, of whichever node: an earlier one of the same relation is no more.
fn is_record_of(state: &State, relations: &Relations, row: &Row) -> bool {
    state.entries.get(&row.node).is_some_and(|entry| {
        entry.fingerprint.value == row.fingerprint
            && relations.resolve(&entry.relation) == relations.resolve(&row.relation)
    })
}

/// Whether the node has no relation of its own.
fn ephemeral(entry: &Entry) -> bool {
    entry.materialization().is_some_and(|asked| !asked.has_relation())
}

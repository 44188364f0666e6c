//! Columns as reasons to skip: a node isn't built for an upstream node of which it reads nothing that is different.
//!
//! Takes the [shape](crate::lineage::shape::Shape) of each node's text beside its fingerprint; gives digests of what a
//! node gives, column by column, and of what it reads of each upstream node. Pure. Two digests are equal only where the
//! rows behind them are:
//!
//! - `rows` of a node, with some of its columns, tells its rows with those columns alone, each as often as it is there;
//! - what a node reads of another is digested over `rows` and over the columns that its text names there, or over all;
//! - a column is digested over its expression and what that names, `rows` over the rest of the text and what that names,
//!   both over what the node reads of others and never over texts of before: so what several runs did adds up by itself.
//!
//! A node whose text isn't told apart gives one digest: over all that it reads where its text is steady, else its
//! fingerprint, which each change upstream changes. What isn't known has no digest, and who reads it is built.

use super::decide::{Compared, Pass, recorded};
use super::logic::own;
use super::{ByColumn, Code, Entry, Given, Gives, Progress, Reads, Unread};
use crate::digest::{Digest, Tagged};
use crate::fingerprint::{Difference, Fingerprint, Kind};
use crate::graph::NodeId;
use crate::lineage::shape::List;
use std::collections::{BTreeMap, BTreeSet};

impl Pass<'_> {
    /// What a node gives and reads by what was decided of its upstream nodes; `None` where equal digests wouldn't mean
    /// equal rows.
    pub(super) fn by_column(&self, id: NodeId, fingerprint: &Fingerprint, hermetic: bool) -> Option<ByColumn> {
        let shapes = self.request.shapes.as_ref()?;
        let node = &self.graph.nodes[id];
        if !hermetic {
            return None;
        }
        // What this run leaves alone is what its record tells, if that is what stands.
        if !self.is_in_run(id) {
            let entry = self.state.entries.get(&node.name)?;
            return self.stands(id, entry).then(|| entry.by_column.clone())?;
        }
        let whole = Tagged::new("fft-gives-v1").fixed(&fingerprint.value.0).finish();
        let opaque = ByColumn { gives: Gives::whole(whole), reads: BTreeMap::new() };
        let shape = shapes.get(id).and_then(Option::as_ref).filter(|shape| shape.unsteady.is_none());
        let upstream: Option<Vec<(&str, &Gives)>> = node.upstream.iter().map(|up| self.given(*up)).collect();
        let (Some(shape), Some(upstream)) = (shape, upstream) else { return Some(opaque) };
        let names = shape.all.is_none().then_some(&shape.names);
        let reads: BTreeMap<String, Reads> =
            upstream.iter().map(|(name, gives)| (name.to_string(), gives.read(names))).collect();
        let own = |skipped: &[Kind]| own(fingerprint, skipped);
        let gives = match &shape.list {
            Ok(list) if shape.all.is_none() && !shape.rounds => {
                listed(list, own(&[Kind::Sql, Kind::Upstream]), &upstream)
            }
            _ => Gives::whole(over(
                own(&[Kind::Upstream]),
                reads.iter().map(|(name, reads)| (name.as_str(), reads.digest)),
            )),
        };
        Some(ByColumn { gives, reads })
    }

    fn given(&self, up: NodeId) -> Option<(&str, &Gives)> {
        Some((self.graph.nodes[up].name.as_str(), &self.by_column.get(up)?.as_ref()?.gives))
    }

    /// Whether the database says that a relation is what its recorded build left.
    fn stands(&self, id: NodeId, entry: &Entry) -> bool {
        let found = &self.found[id];
        let meta = found.kind.and(found.meta.as_ref());
        entry.relation == self.graph.nodes[id].relation
            && !found.is_replaced(entry)
            && meta.is_some_and(|meta| {
                meta.fingerprint == entry.fingerprint.value
                    && meta.run_id == entry.run_id
                    && meta.progress == Progress::Built
            })
    }

    /// The proof that a change of an upstream node is none for a node. A view is made again all the same, which reads
    /// nothing: it may hold on to relations that others take the place of.
    pub(super) fn unread(&self, id: NodeId, one: &Difference, compared: &Compared<'_>) -> Option<Unread> {
        if self.graph.nodes[id].materialization.reads_when_queried() {
            return None;
        }
        let up = self.graph.id(one.name())?;
        let (_, gives) = self.given(up)?;
        // What it was when this node was built, where it hasn't been built since.
        let before = self.state.entries.get(one.name()).filter(|entry| recorded(one, entry.fingerprint.value));
        let now = compared.by_column.as_ref().and_then(|found| found.reads.get(one.name()));
        let then = compared.entry.as_ref().and_then(|entry| entry.by_column.as_ref()?.reads.get(one.name()));
        if let Some(same) = now.filter(|now| then.is_some_and(|then| then.digest == now.digest)) {
            let before = before.and_then(|entry| entry.by_column.as_ref());
            let changed = before.map(|before| before.gives.changed(gives));
            return Some(Unread { reads: same.clone(), changed, left: false });
        }
        // Only what is stored is left: the text of an ephemeral node reads again what stands behind it.
        let is_stored = self.graph.nodes[up].materialization.stores_rows();
        let is_left = is_stored && before.is_some() && self.decisions[up].primary().code == Code::ColumnsUnread;
        is_left.then(|| Unread { reads: gives.read(None), changed: None, left: true })
    }
}

/// Each column of a list over what it names of what is read.
fn listed(list: &List, own: Digest, upstream: &[(&str, &Gives)]) -> Gives {
    let read = |names: &BTreeSet<String>, start: Digest| {
        over(start, upstream.iter().map(|(name, gives)| (*name, gives.read(Some(names)).digest)))
    };
    let start = |tag: &str, part: &Digest| Tagged::new(tag).fixed(&own.0).fixed(&part.0).finish();
    let column = |item: &crate::lineage::shape::Item| Given {
        name: item.name.clone(),
        digest: read(&item.names, start("fft-column-v1", &item.digest)),
    };
    Gives {
        rows: read(&list.names, start("fft-rows-v1", &list.body)),
        columns: list.items.iter().map(column).collect(),
    }
}

fn over<'a>(start: Digest, reads: impl Iterator<Item = (&'a str, Digest)>) -> Digest {
    let add = |hash: Tagged, (name, digest): (&str, Digest)| hash.part(name.as_bytes()).fixed(&digest.0);
    reads.fold(Tagged::new("fft-over-v1").fixed(&start.0), add).finish()
}

//! What a row of `_ff_meta` records of a build, so that a checkout which doesn't know of it skips with the same proof and
//! explains with the same components: the build's entry, and those of the ephemeral nodes that it was made through,
//! which have no row of their own.
//!
//! The text is `1:` and the JSON, compressed and in base64. It holds no secret: one that does isn't written.

use super::Execution;
use crate::engine::Row;
use crate::fingerprint;
use crate::graph::{Graph, NodeId};
use crate::plan::{
    Action, Entry, Found, RECORDED_ROOTS, RecordedRoot, State, ephemeral_upstream, folder_digest, relations_upstream,
};
use crate::world::instant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

/// Names the form of what follows; a reader that doesn't know it takes the row for one without a record.
const FORM: &str = "1:";

/// What is read of one record at most, in bytes: nothing that somebody put there takes the machine's memory.
const LARGEST: u64 = 64 << 20;

/// Why an entry is there without a build of this checkout.
const NOTE: &str = "built_elsewhere";

#[derive(Serialize, Deserialize)]
struct Record {
    project: String,
    built: Entry,
    #[serde(default)]
    through: Vec<Entry>,
}

impl Execution<'_> {
    /// The entry of a node that this run builds, or whose new fingerprint it takes, without what is known only when the
    /// relation stands.
    pub fn entry(&self, id: NodeId, upstream_builds: &LiteMap<String, String>, hermetic: bool) -> Entry {
        let (node, decision) = (&self.graph.nodes[id], &self.plan.decisions[id]);
        Entry {
            node: node.name.clone(),
            relation: node.relation.clone(),
            fingerprint: decision.fingerprint.clone(),
            run_id: self.run_id.into(),
            built_at: instant(self.world.now()),
            git_commit: self.git_commit.map(String::from),
            git_dirty: self.git_dirty,
            hermetic,
            upstream_builds: upstream_builds.clone(),
            outline: None,
            output: None,
            upstream_outputs: LiteMap::new(),
            by_column: None,
            logic: decision.logic,
            folder: node.holds_paths().then(|| folder_digest(&self.project.root)),
            identity: None,
            rows: None,
            rows_under: match decision.action {
                Action::Skip => self.state.entries.get(&node.name).map_or(Vec::new(), Entry::rows_under_before),
                Action::Build | Action::NotSelected => Vec::new(),
            },
            roots: self.roots(id),
            note: None,
        }
    }

    /// What a record keeps of the roots of a node's build.
    fn roots(&self, id: NodeId) -> Vec<RecordedRoot> {
        let roots = self.plan.decisions[id].roots.iter().take(RECORDED_ROOTS);
        roots.filter_map(|root| self.recorded_roots.get(*root).cloned()).collect()
    }

    /// The text for the row of a node with this entry; none where builds are recorded nowhere.
    pub(super) fn record(&self, id: NodeId, built: Entry) -> Option<String> {
        if !self.records {
            return None;
        }
        let through = self.through(id, &built.upstream_builds);
        let record = Record { project: self.project.settings.name.clone(), built, through };
        let json = serde_json::to_string(&record).expect("invariant: an entry is JSON");
        match self.secrets.hide(&json) {
            Cow::Borrowed(_) => Some(encode(&json)),
            Cow::Owned(_) => None,
        }
    }

    /// The entries of the ephemeral nodes that a node reads through.
    fn through(&self, id: NodeId, upstream_builds: &LiteMap<String, String>) -> Vec<Entry> {
        let entry = |up: NodeId| {
            let (name, decision) = (&self.graph.nodes[up].name, &self.plan.decisions[up]);
            let known = self.state.entries.get(name);
            if let Some(known) = known.filter(|known| known.fingerprint.value == decision.fingerprint.value) {
                return Some(known.clone());
            }
            // One that this run leaves alone is as it was, whatever its files say now.
            if decision.action == Action::NotSelected {
                return None;
            }
            let read: BTreeSet<&str> =
                relations_upstream(self.graph, up).iter().map(|one| self.graph.nodes[*one].name.as_str()).collect();
            let builds = upstream_builds.iter().filter(|(name, _)| read.contains(name.as_str()));
            let builds = builds.map(|(name, run)| (name.clone(), run.clone())).collect();
            Some(self.entry(up, &builds, true))
        };
        ephemeral_upstream(self.graph, id).into_iter().filter_map(entry).collect()
    }
}

/// Whether the database has builds that `state` doesn't know: their rows' records are worth reading.
pub fn has_unknown(graph: &Graph, found: &[Found], state: &State) -> bool {
    (0..graph.nodes.len()).any(|id| is_unknown(graph, found, state, id))
}

fn is_unknown(graph: &Graph, found: &[Found], state: &State, id: NodeId) -> bool {
    let name = &graph.nodes[id].name;
    let Some(meta) = found[id].meta.as_ref().filter(|meta| meta.node == *name) else { return false };
    let same = |entry: &Entry| (&entry.run_id, entry.fingerprint.value) == (&meta.run_id, meta.fingerprint);
    meta.upstream_builds.is_some() && !state.entries.get(name).is_some_and(same)
}

/// Adds to `state` the builds that the rows of the project's ledger record and `state` doesn't know: what stands in the
/// database is what counts.
pub fn complete(graph: &Graph, found: &[Found], rows: &[Row], project: &str, state: &mut State) {
    let rows: BTreeMap<_, _> =
        rows.iter().map(|row| ((row.node.as_str(), row.run_id.as_str(), row.fingerprint), row)).collect();
    let mut through: BTreeMap<_, Entry> = BTreeMap::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        if !is_unknown(graph, found, state, id) {
            continue;
        }
        // Databases that are attached may have rows of a node of that name as well.
        let meta = found[id].meta.as_ref().expect("invariant: just seen");
        let row = rows.get(&(node.name.as_str(), meta.run_id.as_str(), meta.fingerprint));
        let Some(record) = row.and_then(|row| vouched(row, project)) else { continue };
        state.ledger.insert(node.name.clone());
        state.entries.insert(node.name.clone(), record.built);
        for entry in record.through.into_iter().filter(is_whole) {
            let newest = through.get(&entry.node).is_none_or(|other| other.built_at < entry.built_at);
            if newest {
                through.insert(entry.node.clone(), entry);
            }
        }
    }
    for (name, entry) in through {
        let ephemeral = graph.id(name.as_str()).is_some_and(|id| !graph.has_relation(id));
        let newer = state.entries.get(&name).is_none_or(|own| own.built_at < entry.built_at);
        if ephemeral && newer {
            state.ledger.insert(name.clone());
            state.entries.insert(name, Entry { note: Some(NOTE.into()), ..entry });
        }
    }
}

/// The build that a row tells of, by its own record.
pub fn entry(row: &Row, project: &str) -> Option<Entry> {
    vouched(row, project).map(|record| record.built)
}

/// The record of a row, where it is one of this project and of the row's own build.
fn vouched(row: &Row, project: &str) -> Option<Record> {
    let Record { project: of, built, through } = decode(row.record.as_deref()?)?;
    let same = (&built.node, &built.run_id, built.fingerprint.value) == (&row.node, &row.run_id, row.fingerprint);
    let built = Entry { identity: row.identity, note: Some(NOTE.into()), ..built };
    (of == project && same && is_whole(&built)).then_some(Record { project: of, built, through })
}

/// Whether a fingerprint's value is that of its components: of what somebody else changed, nothing is believed.
fn is_whole(entry: &Entry) -> bool {
    fingerprint::value(&entry.fingerprint.components) == entry.fingerprint.value
}

fn encode(json: &str) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish());
    format!("{FORM}{}", STANDARD.encode(written.expect("invariant: memory takes all bytes")))
}

fn decode(text: &str) -> Option<Record> {
    let bytes = STANDARD.decode(text.strip_prefix(FORM)?).ok()?;
    let mut json = Vec::new();
    ZlibDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::fingerprint::{Component, Fingerprint, Key, Kind};
    use crate::name::{NodeName, RelationName};
    use std::sync::Arc;

    fn built(text: &str) -> Entry {
        let component = Component::shown(Kind::Sql, "models/m.ff.sql", text);
        Entry {
            node: NodeName::new("m.ff"),
            relation: RelationName::new(None, None, "m"),
            fingerprint: Fingerprint::new(vec![Arc::new(component)], Arc::default(), None, &Key::default()),
            run_id: "run1".into(),
            built_at: "2026-01-02T03:04:05Z".into(),
            git_commit: None,
            git_dirty: None,
            hermetic: true,
            upstream_builds: LiteMap::new(),
            outline: None,
            output: None,
            upstream_outputs: LiteMap::new(),
            by_column: None,
            logic: None,
            folder: None,
            identity: None,
            rows: None,
            rows_under: Vec::new(),
            roots: Vec::new(),
            note: None,
        }
    }

    fn row(project: &str, built: Entry) -> Row {
        let (fingerprint, run_id) = (built.fingerprint.value, built.run_id.clone());
        let record = Record { project: project.into(), built, through: Vec::new() };
        Row {
            node: NodeName::new("m.ff"),
            relation: RelationName::new(Some("db"), Some("main"), "m"),
            fingerprint,
            engine: "one".into(),
            built_at: "2026-01-02T03:04:05Z".into(),
            run_id,
            state: crate::engine::State::Built,
            git_commit: None,
            upstream_builds: Some(LiteMap::new()),
            project: Some(project.into()),
            record: Some(encode(&serde_json::to_string(&record).unwrap())),
            identity: None,
        }
    }

    #[test]
    fn a_record_is_believed_where_all_of_it_fits() {
        let good = row("shop", built("select 1"));
        let found = entry(&good, "shop").expect("it fits");
        assert_eq!(found, Entry { note: Some(NOTE.into()), ..built("select 1") });
        assert_eq!(entry(&good, "other"), None, "of another project");
        let elsewhere = Row { node: NodeName::new("n.ff"), ..good.clone() };
        assert_eq!(entry(&elsewhere, "shop"), None, "of another node");
        assert_eq!(entry(&Row { run_id: "run2".into(), ..good.clone() }, "shop"), None, "of another run");
        let fingerprint = Digest::of(b"another");
        assert_eq!(entry(&Row { fingerprint, ..good.clone() }, "shop"), None, "of another build");
        // A component that doesn't give the value.
        let mut altered = built("select 1");
        altered.fingerprint.components = built("select 2").fingerprint.components;
        assert_eq!(entry(&row("shop", altered), "shop"), None, "altered");
    }

    #[test]
    fn what_nobody_wrote_is_no_record() {
        let good = row("shop", built("select 1"));
        let text = good.record.clone().unwrap();
        let bomb = encode(&" ".repeat(LARGEST as usize + 1));
        let odd =
            ["", "1:", "2:AAAA", "1:not base64", "1:AAAA", &text[..text.len() / 2], &text.replace("1:", "2:"), &bomb];
        for record in odd {
            let record = Some(record.to_string());
            assert_eq!(entry(&Row { record, ..good.clone() }, "shop"), None);
        }
        assert_eq!(entry(&Row { record: None, ..good }, "shop"), None);
    }
}

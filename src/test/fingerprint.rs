//! A test's fingerprint: its query, what its failures come to, and what it reads.

use super::{DataTest, ReadNode, SourceKey};
use crate::digest::Digest;
use crate::fingerprint::{Component, Data, Fingerprint, Key, Kind, Unwatched, source_component};
use crate::plan::Unsteady;
use crate::project::SourceTable;
use crate::syntax::sql::{Lexicon, semantic_digest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A node that a test reads, as it stands when the test would run.
#[derive(Clone, Debug)]
pub struct Reads {
    pub name: String,
    /// What its relation holds, by the database's own record.
    pub held: Option<Digest>,
    /// What it would hold once it is built by its files as they are.
    pub now: Digest,
    /// Whether its rows are stored; others are read from what is upstream each time.
    pub stores: bool,
    /// Its relation isn't there.
    pub missing: bool,
    /// Something else made its relation, or put rows into it.
    pub replaced: bool,
    /// This run has built it.
    pub built_now: bool,
    /// Whether equal fingerprints mean equal rows.
    pub hermetic: bool,
    /// Of a view: why its rows may be others each time.
    pub unsteady: Option<Unsteady>,
    /// Of a view: what it reads that nothing watches.
    pub unwatched: Vec<Unwatched>,
    pub rows: ReadNode,
}

impl Reads {
    /// Whether its rows are those that were read before. The relation itself tells it where nothing else put rows into it
    /// and each build makes another one.
    pub fn is_as(&self, before: &ReadNode) -> bool {
        self.rows.is_same(before, self.hermetic && !self.replaced)
    }
}

/// The fingerprint of `test` over what it reads. `sources` and `data` are the project's, by group and table.
pub fn fingerprint(
    test: &DataTest,
    reads: &[Reads],
    sources: &BTreeMap<SourceKey, SourceTable>,
    data: &BTreeMap<SourceKey, Data>,
    layout: Lexicon,
) -> Fingerprint {
    let text = test.query.logical.clone();
    let semantic = semantic_digest(&text, layout);
    let terms = &test.terms;
    let mut components = vec![
        Component::text(Kind::Sql, &test.name, text),
        Component::shown(Kind::Config, "error_if", &terms.error_if.to_string()),
        Component::shown(Kind::Config, "severity", terms.severity.as_str()),
        Component::shown(Kind::Config, "warn_if", &terms.warn_if.to_string()),
    ];
    components.extend(terms.limit.map(|limit| Component::shown(Kind::Config, "limit", &limit.to_string())));
    components.extend(reads.iter().map(upstream));
    for key in &test.sources {
        let name = format!("{}.{}", key.0, key.1);
        components.extend(sources.get(key).map(|source| source_component(&name, source)));
        match data.get(key) {
            Some(Data::Version(version)) => components.push(Component::shown(Kind::SourceData, &name, version)),
            Some(Data::Missing) => components.push(Component::absent(Kind::SourceData, &name)),
            Some(Data::Unknown(_)) | None => {}
        }
    }
    let components = components.into_iter().map(Arc::new).collect();
    Fingerprint::new(components, Arc::default(), Some(semantic), &Key::default())
}

/// What is read of a node. A view is read as it was made, over what is upstream as its files have it now.
fn upstream(read: &Reads) -> Component {
    match read.held {
        Some(held) if read.stores || held == read.now => {
            Component::shown(Kind::Upstream, &read.name, &held.to_string())
        }
        Some(held) => Component::shown(Kind::Upstream, &read.name, &format!("{held} {}", read.now)),
        None => Component::absent(Kind::Upstream, &read.name),
    }
}

//! What stands in a database.

use super::beside::is_beside;
use super::row::Row;
use crate::digest::Digest;
use crate::name::{NodeName, RelationName};
use crate::plan::Identity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::dialect::LetterCase;
pub use crate::dialect::RelationKind;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaName {
    pub catalog: Option<String>,
    pub schema: Option<String>,
}

impl SchemaName {
    /// The schema that a relation lives in.
    pub fn of(relation: &RelationName) -> SchemaName {
        SchemaName { catalog: relation.catalog.clone(), schema: relation.schema.clone() }
    }
}

/// Where names are looked for that don't say it, and which of them are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    pub catalog: String,
    pub schema: String,
    /// Which names that differ in case alone are different names.
    pub letter_case: LetterCase,
    /// The catalogs that have a ledger of their own, the profile's first: a transaction writes to one of them.
    pub catalogs: Vec<String>,
}

impl Home {
    /// The full name that a relation is found under, whatever case it was written in that makes no difference.
    pub fn resolve(&self, relation: &RelationName) -> RelationName {
        let full = self.full(relation);
        let found = |part: &String| self.letter_case.found(part);
        RelationName {
            catalog: full.catalog.as_ref().map(found),
            schema: full.schema.as_ref().map(found),
            name: found(&full.name),
        }
    }

    /// A relation with all three parts, its case as given.
    pub fn full(&self, relation: &RelationName) -> RelationName {
        RelationName {
            catalog: Some(relation.catalog.as_ref().unwrap_or(&self.catalog).clone()),
            schema: Some(relation.schema.as_ref().unwrap_or(&self.schema).clone()),
            name: relation.name.clone(),
        }
    }

    /// The catalog and schema that are meant.
    pub fn schema(&self, schema: &SchemaName) -> (String, String) {
        let catalog = schema.catalog.as_ref().unwrap_or(&self.catalog);
        (catalog.clone(), schema.schema.as_ref().unwrap_or(&self.schema).clone())
    }
}

/// What exists, under full names as [`Home::resolve`] gives them.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    pub found: BTreeMap<RelationName, RelationKind>,
    /// What tells each from another one in its place, as far as the engine knows.
    pub identity: BTreeMap<RelationName, Identity>,
    /// What their own marks say of them, where the engine keeps its ledger on relations.
    pub marks: BTreeMap<RelationName, Mark>,
    pub home: Home,
}

impl Relations {
    /// The relation's kind, where it exists.
    pub fn kind(&self, relation: &RelationName) -> Option<RelationKind> {
        self.found.get(&self.resolve(relation)).copied()
    }

    /// The full name that a relation is found under.
    pub fn resolve(&self, relation: &RelationName) -> RelationName {
        self.home.resolve(relation)
    }

    /// Whether the same exists in both, but for what fft makes for itself: ledgers, claims, what builds leave.
    pub fn are_as(&self, other: &Relations) -> bool {
        fn without_own<T>(of: &BTreeMap<RelationName, T>) -> impl Iterator<Item = (&RelationName, &T)> {
            of.iter().filter(|(name, _)| !is_beside(name))
        }
        without_own(&self.found).eq(without_own(&other.found))
            && without_own(&self.identity).eq(without_own(&other.identity))
            && without_own(&self.marks).eq(without_own(&other.marks))
    }
}

/// What a relation says of itself, written by the statement that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub node: NodeName,
    pub project: String,
    pub fingerprint: Digest,
    /// RFC 3339, UTC.
    pub built_at: String,
    pub run_id: String,
    /// Of a table that is being extended: what it held before, and holds until that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
}

/// The build whose rows a table held when it was to be extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub fingerprint: Digest,
    /// RFC 3339, UTC.
    pub built_at: String,
    pub run_id: String,
}

impl Mark {
    /// The mark of what a row tells of.
    pub fn of(row: &Row) -> Mark {
        Mark {
            node: row.node.clone(),
            project: row.project.clone().unwrap_or_default(),
            fingerprint: row.fingerprint,
            built_at: row.built_at.clone(),
            run_id: row.run_id.clone(),
            before: None,
        }
    }

    /// The build that it tells of.
    pub fn build(&self) -> Before {
        let (fingerprint, built_at, run_id) = (self.fingerprint, self.built_at.clone(), self.run_id.clone());
        Before { fingerprint, built_at, run_id }
    }

    /// The same on a table that is being extended.
    pub fn extending(self, before: &Before) -> Mark {
        Mark { before: Some(before.clone()), ..self.unfinished() }
    }

    /// The same on a relation whose build isn't over: whose it is, and a fingerprint that nothing has.
    pub fn unfinished(self) -> Mark {
        Mark { fingerprint: Digest([0; 32]), ..self }
    }

    /// As the end of a comment that says something else before.
    pub fn behind(&self, description: Option<&str>) -> String {
        description.map_or(self.text(), |description| format!("{description}\n{}", self.text()))
    }

    /// As a line of a comment.
    pub fn text(&self) -> String {
        format!("{MARK}{}", serde_json::to_string(self).expect("invariant: names and digests are JSON"))
    }

    /// The mark that a comment ends with, if it has one.
    pub fn parse(comment: &str) -> Option<Mark> {
        serde_json::from_str(comment.lines().last()?.strip_prefix(MARK)?).ok()
    }
}

/// How the line of a mark begins.
const MARK: &str = "fft ";

/// What [`Observe::data_version`](super::Observe::data_version) says of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataVersion {
    /// Equal rows of equal columns have the same text; it begins with their count.
    Known(String),
    /// Why it can't be told, in words.
    Unknown(String),
}

impl DataVersion {
    /// The version that a count and a digest of rows make.
    pub(super) fn of_rows(count: &str, digest: &Digest) -> DataVersion {
        DataVersion::Known(format!("{count} rows, {digest}"))
    }

    pub(super) fn unreadable() -> DataVersion {
        DataVersion::Unknown("it isn't there, or can't be read".into())
    }

    /// Of what each build changes: the database's own tables of what is in it.
    pub(super) fn of_the_database() -> DataVersion {
        DataVersion::Unknown("it tells what is in the database, which each build changes".into())
    }

    pub(super) fn too_large() -> DataVersion {
        let rows = ROWS_WATCHED;
        DataVersion::Unknown(format!(
            "it has more than {rows} rows or {VALUES_WATCHED} values, too many to be read through each time"
        ))
    }
}

/// Rows that a relation has at most of which all are read to tell its state.
pub(super) const ROWS_WATCHED: u64 = 1_000_000;
/// Values of them.
pub(super) const VALUES_WATCHED: u64 = 20_000_000;

/// What a statement would read, told before it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// In the plan's order; a relation that is read twice is there twice.
    pub scans: Vec<Scan>,
}

impl Estimate {
    /// Of a file that is read whole.
    pub(super) fn of_file(path: &str, bytes: u64) -> Estimate {
        Estimate { scans: vec![Scan { name: path.into(), rows: None, bytes }] }
    }

    /// Bytes of all scans.
    pub fn bytes(&self) -> u64 {
        self.scans.iter().fold(0, |sum, scan| sum.saturating_add(scan.bytes))
    }
}

/// One relation or file that a statement reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// As the engine names it, free of secrets.
    pub name: String,
    /// `None` where the plan doesn't say.
    pub rows: Option<u64>,
    /// Of the columns that are read.
    pub bytes: u64,
}

/// A relation as the engine describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogRelation {
    pub relation: RelationName,
    pub kind: RelationKind,
    /// Name and type, in order.
    pub columns: Vec<(String, String)>,
    /// Where the engine knows it without counting.
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
}

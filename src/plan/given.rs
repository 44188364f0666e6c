//! What a node gives and reads as digests, column by column.

use crate::digest::{Digest, Tagged};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a node gives and reads, as digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByColumn {
    pub gives: Gives,
    /// By upstream node; empty where its own text may give other rows each time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reads: BTreeMap<String, Reads>,
}

/// What a node gives to those that read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gives {
    /// Which rows there are; all of a node whose columns aren't told apart.
    pub rows: Digest,
    /// In their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Given>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub name: String,
    pub digest: Digest,
}

/// What a node reads of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Names of columns that are told apart there; none where all of it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Over the rows there and those columns.
    pub digest: Digest,
}

/// Why an upstream node's change is none for a node: what it reads there is what it was built from.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    pub reads: Reads,
    /// Columns of it that are different, new or gone since; `None` where that isn't recorded.
    pub changed: Option<Vec<String>>,
    /// The upstream node itself is left as it is.
    pub left: bool,
}

impl Gives {
    pub(super) fn whole(rows: Digest) -> Gives {
        Gives { rows, columns: Vec::new() }
    }

    /// What is read of it by a text with these names in it; of all columns where `names` is none.
    pub(super) fn read(&self, names: Option<&BTreeSet<String>>) -> Reads {
        let wanted = |given: &&Given| names.is_none_or(|names| names.contains(&given.name.to_lowercase()));
        let read: Vec<&Given> = self.columns.iter().filter(wanted).collect();
        let all = names.is_none() || self.columns.is_empty();
        let columns = (!all).then(|| read.iter().map(|given| given.name.clone()).collect());
        Reads { columns, digest: digest(&self.rows, read.into_iter()) }
    }

    /// Names of columns that are different, new or gone in `other`.
    pub(super) fn changed(&self, other: &Gives) -> Vec<String> {
        let of = |gives: &Gives, name: &str| gives.columns.iter().find(|one| one.name == name).map(|one| one.digest);
        let now = other.columns.iter().filter(|one| of(self, &one.name) != Some(one.digest));
        let gone = self.columns.iter().filter(|one| of(other, &one.name).is_none());
        now.chain(gone).map(|one| one.name.clone()).collect()
    }
}

impl Reads {
    /// The same digest over what a node is recorded to give; `None` where it doesn't have one of the columns.
    pub fn over(&self, gives: &Gives) -> Option<Digest> {
        let Some(names) = &self.columns else { return Some(digest(&gives.rows, gives.columns.iter())) };
        let find = |name: &String| gives.columns.iter().find(|given| given.name == *name);
        let read: Vec<&Given> = names.iter().map(find).collect::<Option<_>>()?;
        Some(digest(&gives.rows, read.into_iter()))
    }
}

/// Over rows and some columns, in the order of the node that gives them.
fn digest<'a>(rows: &Digest, columns: impl Iterator<Item = &'a Given>) -> Digest {
    let add = |hash: Tagged, given: &Given| hash.part(given.name.as_bytes()).fixed(&given.digest.0);
    columns.fold(Tagged::new("fft-reads-v1").fixed(&rows.0), add).finish()
}

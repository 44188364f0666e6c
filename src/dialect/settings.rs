//! What is set at a relation without being its rows: indexes, rights and comments, as a project declares them.
//!
//! Data alone, with the names that indexes get. What an engine has of it, and its statements, are its dialect's.

use super::RelationKind;
use crate::digest::Tagged;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes that a name may have on the engine that takes the fewest, without the digest at its end.
const NAME: usize = 50;

/// What a relation is to have beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// In the order in which they are declared, each once.
    pub indexes: Vec<Index>,
    /// Who may do what: roles by privilege.
    pub grants: Grants,
    pub comments: Comments,
}

/// Roles by privilege.
pub type Grants = BTreeMap<String, BTreeSet<String>>;

/// An index of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Index {
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// As the engine calls it; its usual one where none is named.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// What the engine is to say of a relation and of its columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comments {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

/// What a relation has and what it is to have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub before: Settings,
    pub after: Settings,
}

/// What is wrong with settings, in words that go on from a node's name, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    pub message: String,
    pub hint: String,
}

impl SettingProblem {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> SettingProblem {
        SettingProblem { message: message.into(), hint: hint.into() }
    }
}

impl Settings {
    pub fn is_empty(&self) -> bool {
        *self == Settings::default()
    }
}

impl Comments {
    pub fn is_empty(&self) -> bool {
        *self == Comments::default()
    }
}

impl Index {
    /// What it is called: the same wherever and whenever it is made, and another name for another index.
    pub fn name(&self, relation: &str) -> String {
        let parts = self.columns.iter().map(|column| column.as_bytes());
        let hash = Tagged::new("fft-index-v1").part(relation.as_bytes());
        let hash = parts.fold(hash, |hash, part| hash.part(part)).fixed(&[u8::from(self.unique)]);
        let digest = hash.part(self.method.as_deref().unwrap_or_default().as_bytes()).finish().short();
        let words = format!("{relation}_{}", self.columns.join("_"));
        format!("{}_{}", &words[..words.floor_char_boundary(NAME)], &digest[..8])
    }

    /// `unique index on (id, day) by hash`
    pub fn words(&self) -> String {
        let unique = if self.unique { "unique " } else { "" };
        let method = self.method.as_ref().map_or(String::new(), |method| format!(" by {method}"));
        format!("{unique}index on ({}){method}", self.columns.join(", "))
    }
}

impl Change {
    pub fn is_empty(&self) -> bool {
        self.before == self.after
    }

    /// What the relation is to say of itself: nothing, in an empty text, where it said something before.
    pub fn description(&self) -> Option<&str> {
        let said = self.before.comments.relation.as_ref().map(|_| "");
        self.after.comments.relation.as_deref().or(said)
    }

    /// Indexes that are no longer wanted.
    pub fn outgrown(&self) -> impl Iterator<Item = &Index> {
        self.before.indexes.iter().filter(|index| !self.after.indexes.contains(index))
    }

    /// Indexes that weren't there.
    pub fn added(&self) -> impl Iterator<Item = &Index> {
        self.after.indexes.iter().filter(|index| !self.before.indexes.contains(index))
    }
}

/// Roles of `grants` that `others` doesn't give the same.
pub fn beyond(grants: &Grants, others: &Grants) -> Grants {
    let more = |(privilege, roles): (&String, &BTreeSet<String>)| {
        let given = others.get(privilege);
        let rest: BTreeSet<String> =
            roles.iter().filter(|role| !given.is_some_and(|given| given.contains(*role))).cloned().collect();
        (!rest.is_empty()).then(|| (privilege.clone(), rest))
    };
    grants.iter().filter_map(more).collect()
}

/// What an engine has of all this.
#[derive(Clone, Copy, Debug)]
pub struct Settable {
    /// Methods that its indexes may name; none where it has no indexes, or why.
    pub indexes: Result<&'static [&'static str], &'static str>,
    /// Privileges that a relation's owner can give, or how all of them begin, ending in `/`; or why there are none.
    pub grants: Result<&'static [&'static str], &'static str>,
    /// Where it keeps comments; or why it keeps none.
    pub comments: Result<Kept, &'static str>,
}

/// Where an engine keeps what is said of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a comment of its own.
    Alone,
    /// In the comment that fft leaves on each relation to know it again.
    WithMark,
}

impl Settable {
    /// Of an engine that fft sets nothing of this at.
    pub const NOTHING: Settable = Settable {
        indexes: Err("has no indexes that fft makes"),
        grants: Err("has no roles that fft gives rights to"),
        comments: Err("keeps no comments that fft writes"),
    };

    /// Why an engine lacks the setting of that key; none where it has it.
    pub fn lacking(&self, key: &str) -> Option<&'static str> {
        match key {
            "indexes" => self.indexes.err(),
            "grants" => self.grants.err(),
            _ => self.comments.err(),
        }
    }

    /// What the engine doesn't know of what is declared for a relation of that kind, on an engine of that name.
    pub fn problem(&self, engine: &str, kind: RelationKind, settings: &Settings) -> Option<SettingProblem> {
        if kind == RelationKind::View && !settings.indexes.is_empty() {
            let hint = "make it a `table`, or take `indexes` away";
            return Some(SettingProblem::new(
                "declares `indexes` and is a view, which has no rows to find by them",
                hint,
            ));
        }
        let methods = self.indexes.unwrap_or_default();
        let method = settings.indexes.iter().filter_map(|index| index.method.as_deref());
        if let Some(method) = method.into_iter().find(|method| !methods.contains(method)) {
            let message = format!("declares an index of type `{method}`, which {engine} doesn't have");
            return Some(SettingProblem::new(message, format!("it has {}", methods.join(", "))));
        }
        let privileges = self.grants.unwrap_or_default();
        let is_known = |name: &str| {
            privileges.iter().any(|known| *known == name || known.ends_with('/') && name.starts_with(known))
        };
        let unknown = settings.grants.keys().find(|privilege| !is_known(privilege))?;
        let message = format!("grants `{unknown}`, which is no privilege of a relation on {engine}");
        let known = crate::diagnostic::did_you_mean(unknown, privileges.iter().copied());
        Some(SettingProblem::new(message, known.unwrap_or_else(|| format!("there are {}", privileges.join(", ")))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(columns: &[&str], unique: bool, method: Option<&str>) -> Index {
        Index { columns: columns.iter().map(ToString::to_string).collect(), unique, method: method.map(String::from) }
    }

    #[test]
    fn each_index_has_a_name_of_its_own_that_stays_and_fits() {
        let all = [
            index(&["a"], false, None),
            index(&["a"], true, None),
            index(&["a"], false, Some("hash")),
            index(&["a", "b"], false, None),
            index(&["a_b"], false, None),
        ];
        let names: BTreeSet<String> = all.iter().map(|index| index.name("t")).collect();
        assert_eq!(names.len(), all.len(), "{names:?}");
        assert_eq!(all[0].name("t"), all[0].name("t"));
        assert_ne!(all[0].name("t"), all[0].name("u"));
        assert!(all[3].name("users").starts_with("users_a_b_"), "{}", all[3].name("users"));
        let long = index(&["ö".repeat(80).as_str()], false, None).name(&"ü".repeat(70));
        assert!(long.len() <= 63, "{long}");
    }

    #[test]
    fn what_is_beyond_others_is_each_role_that_they_lack() {
        let grants = |pairs: &[(&str, &[&str])]| -> Grants {
            pairs.iter().map(|(of, to)| (of.to_string(), to.iter().map(ToString::to_string).collect())).collect()
        };
        let (old, new) = (grants(&[("select", &["a", "b"]), ("insert", &["c"])]), grants(&[("select", &["b", "d"])]));
        assert_eq!(beyond(&old, &new), grants(&[("select", &["a"]), ("insert", &["c"])]));
        assert_eq!(beyond(&new, &old), grants(&[("select", &["d"])]));
        assert_eq!(beyond(&old, &old), Grants::new());
    }
}

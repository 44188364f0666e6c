//! What a project asks a node to become, and everything that follows from it.
//!
//! Each question that is asked of a materialization is one method, answered for each of them: a new one is added by
//! answering every question here. No other file looks at which one it is.

use super::NodeKind;
use crate::dialect::RelationKind;
use serde::{Deserialize, Serialize};

/// As `materialized` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Materialization {
    #[default]
    Table,
    View,
    /// Has no relation: its text stands inside its downstream nodes' text.
    Ephemeral,
    /// A table that is extended by what is new.
    Incremental,
    /// A table that keeps every version of each row; none of it can be computed again.
    Snapshot,
}

impl Materialization {
    /// In the order in which messages name them.
    pub const ALL: [Materialization; 5] = [
        Materialization::Table,
        Materialization::View,
        Materialization::Ephemeral,
        Materialization::Incremental,
        Materialization::Snapshot,
    ];

    /// What projects and artifacts call it; no two begin with the same letter, which is what the site's data has.
    pub fn word(self) -> &'static str {
        match self {
            Materialization::Table => "table",
            Materialization::View => "view",
            Materialization::Ephemeral => "ephemeral",
            Materialization::Incremental => "incremental",
            Materialization::Snapshot => "snapshot",
        }
    }

    /// The words of all.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Materialization::ALL.into_iter().map(Materialization::word)
    }

    /// The one that is called so.
    pub fn called(word: &str) -> Option<Materialization> {
        Materialization::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The one whose table is extended.
    pub fn extended() -> Materialization {
        let found = Materialization::ALL.into_iter().find(|one| one.is_extended());
        found.expect("invariant: there is one")
    }

    /// Which kind of relation it makes; none where no relation stands for it.
    pub fn kind(self) -> Option<RelationKind> {
        match self {
            Materialization::Table | Materialization::Incremental | Materialization::Snapshot => {
                Some(RelationKind::Table)
            }
            Materialization::View => Some(RelationKind::View),
            Materialization::Ephemeral => None,
        }
    }

    /// Whether a relation stands for it on the engine.
    pub fn has_relation(self) -> bool {
        self.kind().is_some()
    }

    /// Whether its text stands inside the texts that read it.
    pub fn is_inlined(self) -> bool {
        match self {
            Materialization::Table
            | Materialization::View
            | Materialization::Incremental
            | Materialization::Snapshot => false,
            Materialization::Ephemeral => true,
        }
    }

    /// Whether its rows are those of its build, which reads what it is made from and costs accordingly.
    pub fn stores_rows(self) -> bool {
        match self {
            Materialization::Table | Materialization::Incremental | Materialization::Snapshot => true,
            Materialization::View | Materialization::Ephemeral => false,
        }
    }

    /// Whether its relation goes on reading what it was made over, files too, each time that it is queried.
    pub fn reads_when_queried(self) -> bool {
        match self {
            Materialization::View => true,
            Materialization::Table
            | Materialization::Ephemeral
            | Materialization::Incremental
            | Materialization::Snapshot => false,
        }
    }

    /// Whether what it gives is told by a digest of its rows; else by its text and what that reads.
    pub fn is_digested(self) -> bool {
        match self {
            Materialization::Table | Materialization::Incremental | Materialization::Snapshot => true,
            Materialization::View | Materialization::Ephemeral => false,
        }
    }

    /// Whether what stands may stay and be extended: then its rows come of its past too.
    pub fn is_extended(self) -> bool {
        match self {
            Materialization::Table | Materialization::View | Materialization::Ephemeral | Materialization::Snapshot => {
                false
            }
            Materialization::Incremental => true,
        }
    }

    /// Whether a node of that kind may have it: what isn't a query can only be stored.
    pub fn suits(self, kind: NodeKind) -> bool {
        match self {
            Materialization::Table => true,
            Materialization::View | Materialization::Ephemeral | Materialization::Snapshot => kind == NodeKind::Sql,
            Materialization::Incremental => kind != NodeKind::Seed,
        }
    }

    /// Whether its rows are added to those of its builds before, which nothing can compute again: it is built by a verb of
    /// its own, and its relation is never replaced unasked.
    pub fn keeps_history(self) -> bool {
        match self {
            Materialization::Snapshot => true,
            Materialization::Table
            | Materialization::View
            | Materialization::Ephemeral
            | Materialization::Incremental => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_has_a_word_of_its_own() {
        for one in Materialization::ALL {
            assert_eq!(Materialization::called(one.word()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.word(), "artifacts have the same word");
        }
        assert_eq!(Materialization::called("Table"), None);
        let initials: BTreeSet<_> = Materialization::ALL.iter().map(|one| one.word().chars().next()).collect();
        assert_eq!(initials.len(), Materialization::ALL.len());
    }

    #[test]
    fn what_has_no_relation_is_read_inside_other_texts() {
        for one in Materialization::ALL {
            assert_eq!(one.has_relation(), !one.is_inlined(), "{one:?}");
            assert!(!(one.stores_rows() && one.reads_when_queried()), "{one:?} does one or the other");
            assert!(one.suits(NodeKind::Sql), "{one:?}");
            assert!(one.stores_rows() || !one.is_extended(), "{one:?}: only rows that are stored are added to");
            assert!(!one.keeps_history() || one.stores_rows(), "{one:?}");
        }
    }
}

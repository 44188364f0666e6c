//! What is set at a relation once its rows stand: indexes, rights, comments.
//!
//! Pure: takes what the relation had and what it is to have, gives what is done. A relation that was just built may have
//! nothing of it, so that all is set again; one that is left as it is gets what differs.

use crate::dialect::{Change, Comments, Dialect, Grants, Kept, RelationKind, Statement, beyond};
use crate::name::RelationName;
use std::collections::{BTreeMap, BTreeSet};

/// One thing that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settle {
    Run(Statement),
    /// Comments on those of the columns that the relation has, whatever the case of their letters.
    Describe {
        words: BTreeMap<String, String>,
        /// Columns whose comments go.
        gone: BTreeSet<String>,
    },
}

/// The parts of a relation that are set.
pub struct Settled<'a> {
    pub dialect: &'a dyn Dialect,
    pub kind: RelationKind,
    /// The full name.
    pub relation: &'a RelationName,
    pub change: &'a Change,
}

impl Settled<'_> {
    /// Of a relation that was just built.
    pub fn anew(&self) -> Vec<Settle> {
        let Change { before, after } = self.change;
        let indexes = after.indexes.iter().map(|index| self.dialect.create_index(self.relation, index));
        let mut all: Vec<Settle> = indexes.map(Settle::Run).collect();
        all.extend(self.grants(&beyond(&before.grants, &after.grants), false));
        all.extend(self.grants(&after.grants, true));
        all.extend(self.comments(&Comments::default(), &after.comments, &before.comments));
        all
    }

    /// Of a relation that stands as it was built: what differs.
    pub fn in_place(&self) -> Vec<Settle> {
        let Change { before, after } = self.change;
        let mut all: Vec<Settle> = self.outgrown().into_iter().map(Settle::Run).collect();
        all.extend(self.change.added().map(|index| Settle::Run(self.dialect.create_index(self.relation, index))));
        all.extend(self.grants(&beyond(&before.grants, &after.grants), false));
        all.extend(self.grants(&beyond(&after.grants, &before.grants), true));
        all.extend(self.comments(&before.comments, &after.comments, &before.comments));
        all
    }

    /// Drops indexes that are no longer wanted.
    pub fn outgrown(&self) -> Vec<Statement> {
        self.change.outgrown().map(|index| self.dialect.drop_index(self.relation, index)).collect()
    }

    /// Drops every index that there may be: columns may not be altered below one.
    pub fn without_indexes(&self) -> Vec<Statement> {
        let all: BTreeSet<_> = self.change.before.indexes.iter().chain(&self.change.after.indexes).collect();
        all.into_iter().map(|index| self.dialect.drop_index(self.relation, index)).collect()
    }

    fn grants(&self, grants: &Grants, gives: bool) -> Vec<Settle> {
        let one = |(privilege, roles): (&String, &BTreeSet<String>)| {
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            self.dialect.grant(self.kind, self.relation, privilege, &roles, gives)
        };
        grants.iter().flat_map(one).map(Settle::Run).collect()
    }

    /// `has`: comments that stand there already. `had`: those that may.
    fn comments(&self, has: &Comments, wanted: &Comments, had: &Comments) -> Vec<Settle> {
        let mut all = Vec::new();
        let alone = self.dialect.settable().comments == Ok(Kept::Alone);
        if alone && has.relation != wanted.relation || alone && wanted.relation.is_none() && had.relation.is_some() {
            let words = wanted.relation.as_deref().unwrap_or_default();
            all.push(Settle::Run(self.dialect.comment(self.kind, self.relation, words)));
        }
        let new = |(name, text): &(&String, &String)| has.columns.get(*name) != Some(*text);
        let words: BTreeMap<String, String> =
            wanted.columns.iter().filter(new).map(|(name, text)| (name.clone(), text.clone())).collect();
        let gone: BTreeSet<String> =
            had.columns.keys().filter(|name| !wanted.columns.contains_key(*name)).cloned().collect();
        if !words.is_empty() || !gone.is_empty() {
            all.push(Settle::Describe { words, gone });
        }
        all
    }
}

/// Which of the columns that a relation has are said something of: the column as it is called there, and the words.
pub fn described<'a>(
    columns: &'a [String],
    words: &'a BTreeMap<String, String>,
    gone: &'a BTreeSet<String>,
) -> Vec<(&'a str, Option<&'a str>)> {
    let find = |name: &str| {
        let exact = columns.iter().find(|column| *column == name);
        exact.or_else(|| columns.iter().find(|column| column.eq_ignore_ascii_case(name))).map(String::as_str)
    };
    let said: Vec<_> = words.iter().filter_map(|(name, text)| Some((find(name)?, Some(text.as_str())))).collect();
    let is_said = |column: &str| said.iter().any(|(name, _)| *name == column);
    let unsaid = gone.iter().filter_map(|name| find(name)).filter(|column| !is_said(column));
    unsaid.map(|column| (column, None)).chain(said.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{DuckDb, Index, Postgres, Settings};

    fn settings(index: &str, role: &str, comment: &str) -> Settings {
        Settings {
            indexes: vec![Index { columns: vec![index.into()], unique: false, method: None }],
            grants: [("select".to_string(), [role.to_string()].into())].into(),
            comments: Comments {
                relation: Some(comment.into()),
                columns: [("Id".to_string(), comment.to_string())].into(),
            },
        }
    }

    fn written(dialect: &dyn Dialect, change: &Change, anew: bool) -> String {
        let relation = RelationName::new(None, None, "t");
        let settled = Settled { dialect, kind: RelationKind::Table, relation: &relation, change };
        let all = if anew { settled.anew() } else { settled.in_place() };
        let line = |one: &Settle| match one {
            Settle::Run(statement) => statement.text.clone(),
            Settle::Describe { words, gone } => format!("describe {words:?} not {gone:?}"),
        };
        let mut text = all.iter().map(line).collect::<Vec<_>>().join("\n");
        for index in change.before.indexes.iter().chain(&change.after.indexes) {
            text = text.replace(&index.name("t"), &format!("‹{}›", index.columns[0]));
        }
        text
    }

    #[test]
    fn what_differs_is_set_in_place_and_all_of_it_anew() {
        let (before, after) = (settings("a", "old", "one"), settings("b", "new", "two"));
        let change = Change { before: before.clone(), after: after.clone() };
        assert_eq!(
            written(&Postgres, &change, false),
            "drop index if exists ‹a›\ncreate index if not exists ‹b› on t (b)\n\
             do 'begin revoke select on table t from old; exception when undefined_object then null; end'\n\
             grant select on table t to new\n\
             comment on table t is 'two'\ndescribe {\"Id\": \"two\"} not {}"
        );
        let same = Change { before: after.clone(), after: after.clone() };
        assert_eq!(written(&Postgres, &same, false), "");
        assert_eq!(
            written(&Postgres, &same, true),
            "create index if not exists ‹b› on t (b)\ngrant select on table t to new\n\
             comment on table t is 'two'\ndescribe {\"Id\": \"two\"} not {}"
        );
        let gone = Change { before, after: Settings::default() };
        let taken = "do 'begin revoke select on table t from old; exception when undefined_object then null; end'\n\
                     comment on table t is ''\ndescribe {} not {\"Id\"}";
        assert_eq!(written(&Postgres, &gone, false), format!("drop index if exists ‹a›\n{taken}"));
        assert_eq!(written(&Postgres, &gone, true), taken);
        assert_eq!(written(&Postgres, &Change::default(), true), "");
        // Where the relation's comment is what tells it from others, that is written with it.
        let described =
            Change { after: Settings { comments: after.comments, ..Settings::default() }, ..Change::default() };
        assert_eq!(written(&DuckDb, &described, true), "describe {\"Id\": \"two\"} not {}");
    }

    #[test]
    fn columns_are_found_by_their_letters_and_those_that_are_not_there_are_left_out() {
        let columns = ["id".to_string(), "ID".into(), "name".into()];
        let words = [("ID", "upper"), ("Name", "n"), ("nowhere", "x")];
        let words = words.map(|(name, text)| (name.to_string(), text.to_string())).into();
        let gone = ["id".to_string(), "NAME".into(), "elsewhere".into()].into();
        assert_eq!(described(&columns, &words, &gone), [("id", None), ("ID", Some("upper")), ("name", Some("n"))]);
    }
}

//! Recipes: what is done to put a relation in the place of what stands.
//!
//! A recipe is a pure function from the step and from what stands to [`Action`]s; [`carry_out`] does them on a connection.
//! Which recipe an engine goes by is told by its traits, or is its own.

mod anew;
mod by_statement;
mod carry_out;
mod extend;
mod grow;
mod history;
mod in_transaction;
mod increment;
mod settle;
mod swap;
#[cfg(test)]
pub mod tests;
mod versions;

pub(super) use anew::or_anew;
pub(super) use carry_out::{Apply, Runner};

use super::beside::beside;
use super::ledger::Ledger;
use super::{Build, Condition, Content, Mark, RelationKind, Replaces, Standing, State, Traits};
use crate::dialect::{Change, Create, Dialect, Layout, Statement};
use crate::name::RelationName;
use settle::{Settle, Settled};
use std::sync::Arc;

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The statement that makes the relation's rows, or the view.
    Make(Statement),
    /// Makes a table of rows that no query gives.
    Load {
        into: RelationName,
        temporary: bool,
        /// How its rows are stored, where the table isn't one that goes when they were brought to their place.
        layout: Option<Layout>,
    },
    /// Brings rows that were made to their place.
    Fill(Statement),
    Run(Statement),
    /// Asks for one value, which tells something of the build.
    Tell {
        told: Told,
        query: Statement,
    },
    /// Fails with these words where a query gives rows; they are named.
    Refute {
        query: Statement,
        message: String,
        hint: String,
    },
    /// Runs a statement of the project, by its number among all of the node's hooks.
    Hook(usize, String),
    /// Says on the relation what built it.
    Mark(Mark),
    /// Asks whether what was read is what was hashed.
    Confirm,
    /// Sets something at the relation that isn't its rows.
    Settle(Settle),
    /// Finds what tells the relation from another one in its place.
    Identify,
    /// Says in the ledger how far the build has come.
    Record(State),
    /// Forgets what the ledger says of another relation.
    Forget(RelationName),
    /// Does some of it, or nothing of that and something else, where the engine refuses.
    Attempt(Box<Attempt>),
    /// What was replaced stays, for those that go on reading it.
    Keep,
    /// Fails with these words and those of the refusal that led here.
    Refuse {
        message: String,
        hint: String,
    },
    /// Drops what was replaced; where it is to stay, says so on it.
    DropReplaced {
        replaced: RelationName,
        keyword: &'static str,
        kept: Statement,
    },
}

/// What is told of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The greatest value of a column that the table had.
    Since(String),
    /// How many rows it had.
    Before,
    /// How many it has.
    Rows,
    New,
    Updated,
}

/// Actions that the engine may refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub actions: Vec<Action>,
    /// Refusals that lead to the other way; every one where none is named.
    pub unless: Option<Condition>,
    pub otherwise: Vec<Action>,
}

/// A relation to replace, as recipes must know it.
pub struct Replace<'a> {
    pub dialect: &'a dyn Dialect,
    /// The full name.
    pub relation: &'a RelationName,
    pub kind: RelationKind,
    pub content: &'a Content<'a>,
    pub run_id: &'a str,
    /// What the relation is to say of itself, where the ledger is kept on relations.
    pub mark: Option<Mark>,
    /// How a table's rows are to be stored.
    pub layout: Option<&'a Layout>,
    /// What is set at it beside its rows: what its last build left, and what it is to have.
    pub settings: Option<&'a Change>,
    /// A row of the ledger is to say that the build has begun.
    pub bracketed: bool,
    /// Statements of the project that run before it counts as built, each with its number among the node's hooks.
    pub post_hooks: &'a [(usize, String)],
    /// Whether this run will yet build the relation of that full name.
    pub pending: &'a dyn Fn(&RelationName) -> bool,
}

impl<'a> Replace<'a> {
    /// A build that the ledger is to know of.
    pub(super) fn of(
        build: &'a Build<'a>,
        relation: &'a RelationName,
        ledger: &'a Ledger,
        post_hooks: &'a [(usize, String)],
    ) -> Replace<'a> {
        Replace {
            dialect: ledger.dialect(),
            relation,
            kind: build.kind,
            content: &build.content,
            run_id: &build.row.run_id,
            mark: ledger.marks().then(|| Mark::of(&build.row)),
            layout: build.layout,
            settings: build.settings,
            bracketed: ledger.brackets(),
            post_hooks,
            pending: build.pending,
        }
    }

    /// Statements of the project behind a build's own, each with its number among the node's hooks.
    fn post_hooks(build: &Build<'_>) -> Vec<(usize, String)> {
        let before = build.hooks.pre.len();
        build.hooks.post.iter().enumerate().map(|(at, text)| (before + at, text.clone())).collect()
    }
}

impl Replace<'_> {
    /// The query, where the content is one.
    pub fn query(&self) -> Option<&str> {
        match self.content {
            Content::Query(query) => Some(query),
            Content::Arrow { .. } | Content::Seed(_) => None,
        }
    }

    /// Makes `relation` from a query, with the mark where there is to be one.
    pub fn create(&self, kind: RelationKind, relation: &RelationName, query: &str, replace: bool) -> Statement {
        let mark = self.first_mark().as_ref().map(Mark::text);
        let create = Create { replace, mark: mark.as_deref(), ..Create::new(kind, relation, query) };
        self.dialect.create(&Create { layout: self.layout, ..create })
    }

    /// A name of the same schema that belongs to this build alone.
    pub fn beside(&self, what: &str) -> RelationName {
        beside(self.relation, what, self.run_id)
    }

    /// All rows of another relation, as a query.
    pub fn all_of(&self, relation: &RelationName) -> String {
        format!("select * from {}", self.dialect.relation(relation))
    }

    /// Drops what stands, by the words that the engine has for it.
    pub fn drop(&self, standing: &Standing) -> Action {
        let Standing { kind, keyword, .. } = *standing;
        Action::Run(if standing.is(kind) {
            self.dialect.drop(kind, self.relation)
        } else {
            format!("drop {keyword} if exists {}", self.dialect.relation(self.relation)).into()
        })
    }

    /// Makes the view beside: what is wrong with its query shows before a table in its place is gone.
    pub fn trial(&self, query: &str) -> Action {
        Action::Run(self.create(RelationKind::View, &self.beside(NEXT), query, true))
    }

    /// Drops that view again.
    pub fn end_trial(&self) -> Action {
        Action::Run(self.dialect.drop(RelationKind::View, &self.beside(NEXT)))
    }

    /// What the statement that makes the relation says on it: that it isn't over, where more is to come than its rows.
    fn first_mark(&self) -> Option<Mark> {
        let mark = self.mark.clone();
        let over = self.post_hooks.is_empty() && self.settings.is_none();
        if over { mark } else { mark.map(Mark::unfinished) }
    }

    /// The end of every recipe: the relation is there, under its name.
    pub fn keep(&self) -> Vec<Action> {
        let settled = self.settled().map_or(Vec::new(), |settled| settled.anew());
        let mut actions: Vec<Action> = settled.into_iter().map(Action::Settle).collect();
        actions.extend(self.post_hooks.iter().map(|(number, text)| Action::Hook(*number, text.clone())));
        let more = self.settings.is_some() || !self.post_hooks.is_empty();
        actions.extend(self.mark.clone().filter(|_| more).map(Action::Mark));
        actions.extend([Action::Identify, Action::Record(State::Built)]);
        actions
    }

    /// What is set at it, where something is or was.
    pub fn settled(&self) -> Option<Settled<'_>> {
        let Replace { dialect, relation, kind, .. } = *self;
        Some(Settled { dialect, kind, relation, change: self.settings? })
    }

    /// The same where a table was extended: what the ledger says comes before what its mark says.
    pub fn keep_extended(&self) -> Vec<Action> {
        let settled = self.settled().map_or(Vec::new(), |settled| settled.anew()).into_iter().map(Action::Settle);
        let hooks = self.post_hooks.iter().map(|(number, text)| Action::Hook(*number, text.clone()));
        let told = [Action::Identify, Action::Record(State::Built)];
        settled.chain(hooks).chain(told).chain(self.mark.clone().map(Action::Mark)).collect()
    }

    /// What must be said before the relation is touched, and asked where nothing can be taken back.
    pub fn open(&self) -> Vec<Action> {
        let begun = self.bracketed.then_some(Action::Record(State::Building));
        begun.into_iter().chain([Action::Confirm]).collect()
    }
}

/// What a relation is called that is to take another one's place.
const NEXT: &str = "new";

/// How an engine replaces relations.
pub trait Recipe: Send + Sync {
    /// What comes before anything that stands is touched. `stands`: what the relation is now.
    fn stage(&self, replace: &Replace<'_>, stands: Option<RelationKind>) -> Vec<Action>;

    /// What puts it in its place. `standing`: what the relation is, once the new rows are staged.
    fn place(&self, replace: &Replace<'_>, standing: Option<&Standing>) -> Vec<Action>;
}

/// The recipe of an engine without one of its own.
pub fn by_traits(traits: &Traits) -> Arc<dyn Recipe> {
    by(traits.replaces)
}

/// The recipe of relations that are replaced in this way.
pub fn by(replaces: Replaces) -> Arc<dyn Recipe> {
    match replaces {
        Replaces::Transaction => Arc::new(in_transaction::InTransaction),
        Replaces::Statement => Arc::new(by_statement::ByStatement),
        Replaces::Swap => Arc::new(swap::Swap),
    }
}

//! One reason of a decision, with the difference that makes it.
//!
//! Takes a component difference or a fact of the records and the database; gives a [`Cause`], which holds facts alone.
//! Its sentence is made once, where artifacts are written.

use super::{Code, DataChange, Detail, TextDiff, Unread};
use crate::digest::Digest;
use crate::fingerprint::{Change, Component, Difference, InputKind, Kind};
use crate::lineage::shape::Edit;

/// A reason with the difference that makes it. Each node of a run has one: what few of them tell stands behind a pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub after: Option<Side>,
    /// Which inputs made a rendered text change; which functions, constants … of a Python text are different.
    pub attributed_to: Vec<Attribution>,
    pub before: Option<Side>,
    pub change: Option<Change>,
    pub code: Code,
    /// Of a SQL model's text: what became of its columns, where both texts are at hand.
    pub columns: Option<Box<Edit>>,
    /// For texts: whether only comments and white space differ. For an upstream node: true where it was skipped in
    /// spite of such a difference, so that its rows are the same.
    pub cosmetic: Option<bool>,
    /// What changed in a seed's rows.
    pub data: Option<Box<DataChange>>,
    /// What else is to be known.
    pub details: Vec<Detail>,
    pub diff: Option<TextDiff>,
    /// Leaves the rows as they are: of something that is set at the relation, that it is set where that stands; of an
    /// upstream node, that nothing else of it changed. Such a reason builds nothing.
    pub kept: bool,
    /// The component's kind and name, or the upstream node's name.
    pub kind: Option<Kind>,
    pub name: Option<String>,
    /// Of an upstream node: the digest of what it gives, where that is what it gave when this node was built. Such a
    /// reason builds nothing.
    pub output: Option<Digest>,
    /// Of an upstream node: that nothing is different of what the node reads there. Such a reason builds nothing.
    pub unread: Option<Box<Unread>>,
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    pub value: Option<String>,
    pub withheld: bool,
}

impl Side {
    /// `None` for a component that isn't there: an unset variable has no digest worth showing.
    fn of(component: &Component) -> Option<Side> {
        component.present.then(|| Side {
            digest: component.digest,
            size: component.size,
            value: component.value.clone(),
            withheld: component.withheld,
        })
    }
}

/// An input of a text, or a part of a Python text, whose change explains the text's. Digests of parts are of their text
/// alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    pub after: Option<Digest>,
    /// The value of a var, or of a variable that may be shown, where it is short.
    pub after_value: Option<String>,
    pub before: Option<Digest>,
    pub before_value: Option<String>,
    pub change: Change,
    /// Only comments and white space of it differ.
    pub cosmetic: bool,
    pub diff: Option<TextDiff>,
    pub kind: InputKind,
    pub line: usize,
    pub name: String,
    pub path: String,
}

impl Cause {
    /// A reason that is its code alone.
    pub fn new(code: Code) -> Cause {
        Cause {
            code,
            kept: false,
            kind: None,
            name: None,
            change: None,
            before: None,
            after: None,
            cosmetic: None,
            attributed_to: Vec::new(),
            columns: None,
            diff: None,
            data: None,
            details: Vec::new(),
            output: None,
            unread: None,
        }
    }

    /// A reason about something with a name.
    pub fn named(code: Code, name: impl Into<String>) -> Cause {
        Cause { name: Some(name.into()), ..Cause::new(code) }
    }

    pub fn detail(mut self, detail: Detail) -> Cause {
        self.details.push(detail);
        self
    }

    /// The reason that a changed component is.
    pub fn of(difference: &Difference) -> Cause {
        Cause {
            kind: Some(difference.kind),
            name: Some(difference.name().to_string()),
            change: Some(difference.change),
            before: difference.before.as_deref().and_then(Side::of),
            after: difference.after.as_deref().and_then(Side::of),
            ..Cause::new(code(difference.kind, difference.change))
        }
    }

    /// Whether it is of something that is set at the relation as it stands.
    pub fn applies(&self) -> bool {
        self.kept && self.kind != Some(Kind::Upstream)
    }

    /// Whether this alone makes a node build. An upstream node that gives the same rows doesn't, nor one of which nothing
    /// is read that is different, nor does a change of
    /// comments and layout where `cosmetic_skip` is asked for.
    pub fn drives(&self, cosmetic_skip: bool) -> bool {
        let same = self.kept || self.output.is_some() || self.unread.is_some();
        let changes_nothing = same || (cosmetic_skip && self.cosmetic == Some(true));
        !self.code.only_tells() && !changes_nothing
    }
}

fn code(kind: Kind, change: Change) -> Code {
    match (kind, change) {
        (Kind::Config | Kind::Setting, _) => Code::ConfigChanged,
        (Kind::Engine, _) => Code::EngineChanged,
        (Kind::Env, _) => Code::EnvChanged,
        (Kind::File, _) => Code::FileChanged,
        (Kind::Hook, _) => Code::HookChanged,
        (Kind::Profile, _) => Code::ProfileChanged,
        (Kind::Python, _) => Code::PythonChanged,
        (Kind::PythonEnv, _) => Code::PythonEnvChanged,
        (Kind::PythonModule, _) => Code::PythonModuleChanged,
        (Kind::Rules, _) => Code::RulesChanged,
        (Kind::Seed, _) => Code::SeedChanged,
        (Kind::Source, _) => Code::SourceChanged,
        (Kind::SourceData, _) => Code::SourceDataChanged,
        (Kind::Sql, _) => Code::SqlChanged,
        (Kind::Upstream, Change::Added) => Code::DependencyAdded,
        (Kind::Upstream, Change::Removed) => Code::DependencyRemoved,
        (Kind::Upstream, _) => Code::UpstreamChanged,
        (Kind::Var, _) => Code::VarChanged,
    }
}

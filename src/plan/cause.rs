//! One reason of a decision, with the difference that makes it.

use crate::digest::Digest;
use crate::fingerprint::{Change, Component, Difference, InputKind, Kind};
use serde::{Deserialize, Serialize};

/// A reason's stable code. Readers must accept codes that they don't know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    SqlChanged,
    PythonChanged,
    PythonModuleChanged,
    PythonEnvChanged,
    ConfigChanged,
    VarChanged,
    EnvChanged,
    SourceChanged,
    SourceDataChanged,
    SeedChanged,
    EngineChanged,
    ProfileChanged,
    DependencyAdded,
    DependencyRemoved,
    FirstBuild,
    PreviousBuildFailed,
    RelationMissing,
    RelationForeign,
    RelationRenamed,
    Forced,
    CacheOff,
    CacheWriteOnly,
    CacheUnreadable,
    FormatUpgraded,
    KeyRotated,
    AlwaysRun,
    UpstreamChanged,
    UpstreamRebuilt,
    AllInputsEqual,
    CosmeticOnly,
    UpstreamOutputIdentical,
    UpstreamFailed,
    NotSelected,
    /// Fingerprints differ and no component does: a bug.
    Unexplained,
}

impl Code {
    /// As it is written in artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::SqlChanged => "sql_changed",
            Code::PythonChanged => "python_changed",
            Code::PythonModuleChanged => "python_module_changed",
            Code::PythonEnvChanged => "python_env_changed",
            Code::ConfigChanged => "config_changed",
            Code::VarChanged => "var_changed",
            Code::EnvChanged => "env_changed",
            Code::SourceChanged => "source_changed",
            Code::SourceDataChanged => "source_data_changed",
            Code::SeedChanged => "seed_changed",
            Code::EngineChanged => "engine_changed",
            Code::ProfileChanged => "profile_changed",
            Code::DependencyAdded => "dependency_added",
            Code::DependencyRemoved => "dependency_removed",
            Code::FirstBuild => "first_build",
            Code::PreviousBuildFailed => "previous_build_failed",
            Code::RelationMissing => "relation_missing",
            Code::RelationForeign => "relation_foreign",
            Code::RelationRenamed => "relation_renamed",
            Code::Forced => "forced",
            Code::CacheOff => "cache_off",
            Code::CacheWriteOnly => "cache_write_only",
            Code::CacheUnreadable => "cache_unreadable",
            Code::FormatUpgraded => "format_upgraded",
            Code::KeyRotated => "key_rotated",
            Code::AlwaysRun => "always_run",
            Code::UpstreamChanged => "upstream_changed",
            Code::UpstreamRebuilt => "upstream_rebuilt",
            Code::AllInputsEqual => "all_inputs_equal",
            Code::CosmeticOnly => "cosmetic_only",
            Code::UpstreamOutputIdentical => "upstream_output_identical",
            Code::UpstreamFailed => "upstream_failed",
            Code::NotSelected => "not_selected",
            Code::Unexplained => "unexplained",
        }
    }

    /// The code in words.
    pub fn title(self) -> &'static str {
        match self {
            Code::SqlChanged => "SQL changed",
            Code::PythonChanged => "Python changed",
            Code::PythonModuleChanged => "Python module changed",
            Code::PythonEnvChanged => "Python environment changed",
            Code::ConfigChanged => "config changed",
            Code::VarChanged => "var changed",
            Code::EnvChanged => "env changed",
            Code::SourceChanged => "source changed",
            Code::SourceDataChanged => "source data changed",
            Code::SeedChanged => "seed changed",
            Code::EngineChanged => "engine changed",
            Code::ProfileChanged => "profile changed",
            Code::DependencyAdded => "dependency added",
            Code::DependencyRemoved => "dependency removed",
            Code::FirstBuild => "first build",
            Code::PreviousBuildFailed => "previous build failed",
            Code::RelationMissing => "relation missing",
            Code::RelationForeign => "relation holds another build",
            Code::RelationRenamed => "relation renamed",
            Code::Forced => "forced by --rebuild",
            Code::CacheOff => "cache is off",
            Code::CacheWriteOnly => "cache is write-only",
            Code::CacheUnreadable => "cache unreadable",
            Code::FormatUpgraded => "fingerprint format upgraded",
            Code::KeyRotated => "fingerprint key rotated",
            Code::AlwaysRun => "always run",
            Code::UpstreamChanged => "upstream changed",
            Code::UpstreamRebuilt => "upstream rebuilt",
            Code::AllInputsEqual => "all inputs equal",
            Code::CosmeticOnly => "comments and white space only",
            Code::UpstreamOutputIdentical => "upstream output identical",
            Code::UpstreamFailed => "upstream failed",
            Code::NotSelected => "not selected",
            Code::Unexplained => "unexplained: this is a bug in fft",
        }
    }

    /// Whether the reason lies in another node.
    pub fn is_upstream(self) -> bool {
        matches!(self, Code::UpstreamChanged | Code::UpstreamRebuilt)
    }

    /// Whether one such reason hits every node alike.
    pub fn is_global(self) -> bool {
        matches!(
            self,
            Code::EngineChanged
                | Code::ProfileChanged
                | Code::EnvChanged
                | Code::CacheOff
                | Code::CacheWriteOnly
                | Code::CacheUnreadable
                | Code::FormatUpgraded
                | Code::KeyRotated
        )
    }
}

/// A reason with the difference that makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    pub code: Code,
    /// The component's kind and name, or the upstream node's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
    /// For texts: whether only comments and white space differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosmetic: Option<bool>,
    /// Which inputs made a rendered text change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributed_to: Vec<Attribution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<TextDiff>,
    /// What changed in a seed's rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataChange>,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The whole reason in words; always [`Cause::sentence`].
    #[serde(default)]
    pub sentence: String,
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

impl From<&Component> for Side {
    fn from(component: &Component) -> Side {
        Side {
            digest: component.digest,
            size: component.size,
            value: component.value.clone(),
            withheld: component.withheld,
        }
    }
}

/// An input of a text whose change explains the text's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    pub kind: InputKind,
    pub name: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: usize,
    pub change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<TextDiff>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A unified diff, cut at a bound that it states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextDiff {
    pub unified: String,
    pub added: usize,
    pub removed: usize,
    /// Lines of the diff that were cut.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: usize,
}

/// What changed in a seed's data, counted as rows of a multiset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataChange {
    pub rows_before: usize,
    pub rows_after: usize,
    pub rows_added: usize,
    pub rows_removed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns_removed: Vec<String>,
}

impl DataChange {
    /// `+1 row`, `+2 −1 rows`, `columns +a`; empty when only layout changed.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        let counts: Vec<String> = [("+", self.rows_added), ("−", self.rows_removed)]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(sign, count)| format!("{sign}{count}"))
            .collect();
        if !counts.is_empty() {
            let one = self.rows_added + self.rows_removed == 1;
            parts.push(format!("{} {}", counts.join(" "), if one { "row" } else { "rows" }));
        }
        for (sign, columns) in [("+", &self.columns_added), ("−", &self.columns_removed)] {
            parts.extend(columns.iter().map(|column| format!("column {sign}{column}")));
        }
        if parts.is_empty() { "same rows".into() } else { parts.join(", ") }
    }
}

impl Cause {
    /// A reason that is its code alone.
    pub fn new(code: Code) -> Cause {
        Cause {
            code,
            kind: None,
            name: None,
            change: None,
            before: None,
            after: None,
            cosmetic: None,
            attributed_to: Vec::new(),
            diff: None,
            data: None,
            detail: None,
            sentence: String::new(),
        }
        .worded()
    }

    /// A reason about something with a name.
    pub fn named(code: Code, name: impl Into<String>) -> Cause {
        Cause { name: Some(name.into()), ..Cause::new(code) }.worded()
    }

    pub fn detail(self, detail: impl Into<String>) -> Cause {
        Cause { detail: Some(detail.into()), ..self }.worded()
    }

    /// The reason that a changed component is.
    pub fn of(difference: &Difference) -> Cause {
        Cause {
            kind: Some(difference.kind),
            name: Some(difference.name().to_string()),
            change: Some(difference.change),
            before: difference.before.as_deref().map(Side::from),
            after: difference.after.as_deref().map(Side::from),
            ..Cause::new(code(difference.kind, difference.change))
        }
        .worded()
    }

    /// Brings the recorded words up to date with the rest.
    pub fn worded(mut self) -> Cause {
        self.sentence = self.sentence();
        self
    }

    /// The reason in words: the one wording for terminal, artifacts and pages.
    pub fn sentence(&self) -> String {
        let mut text = self.code.title().to_string();
        if let Some(name) = &self.name {
            text.push_str(": ");
            text.push_str(name);
        }
        let notes: Vec<String> = [self.value_words(), self.data.as_ref().map(DataChange::words), self.change_words()]
            .into_iter()
            .flatten()
            .chain(self.detail.clone())
            .collect();
        if !notes.is_empty() {
            text.push_str(&format!(" ({})", notes.join(", ")));
        }
        text
    }

    /// Short values are told: `table → view`.
    fn value_words(&self) -> Option<String> {
        let shown = [Kind::Config, Kind::Var, Kind::Engine, Kind::Profile, Kind::Env];
        if !self.kind.is_some_and(|kind| shown.contains(&kind)) {
            return None;
        }
        let side = |side: &Option<Side>| match side {
            None => Some("unset".to_string()),
            Some(side) => side.value.clone().filter(|value| value.chars().count() <= 40 && !value.contains('\n')),
        };
        let (before, after) = (side(&self.before)?, side(&self.after)?);
        let withheld = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.withheld);
        (!withheld(&self.before) && !withheld(&self.after)).then(|| format!("{before} → {after}"))
    }

    fn change_words(&self) -> Option<String> {
        if self.cosmetic == Some(true) {
            return Some("comments and white space only".into());
        }
        let dependency = matches!(self.code, Code::DependencyAdded | Code::DependencyRemoved);
        match self.change {
            Some(Change::Renamed) => Some("file renamed".into()),
            Some(Change::Added) if !dependency && self.value_words().is_none() => Some("new".into()),
            Some(Change::Removed) if !dependency && self.value_words().is_none() => Some("removed".into()),
            _ => match self.attributed_to.as_slice() {
                [] => None,
                found => found.iter().find(|one| one.kind != InputKind::Template).map(|one| {
                    let kind = match one.kind {
                        InputKind::Macro => "macro",
                        InputKind::Var => "var",
                        InputKind::Env => "env",
                        InputKind::Template => "template",
                    };
                    format!("by {kind} {} in {}", one.name, one.path)
                }),
            },
        }
    }
}

fn code(kind: Kind, change: Change) -> Code {
    match (kind, change) {
        (Kind::Config, _) => Code::ConfigChanged,
        (Kind::Engine, _) => Code::EngineChanged,
        (Kind::Env, _) => Code::EnvChanged,
        (Kind::Profile, _) => Code::ProfileChanged,
        (Kind::Python, _) => Code::PythonChanged,
        (Kind::PythonEnv, _) => Code::PythonEnvChanged,
        (Kind::PythonModule, _) => Code::PythonModuleChanged,
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

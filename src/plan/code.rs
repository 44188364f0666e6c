//! The stable codes of reasons, and each in words.
//!
//! Codes are part of every artifact: one may be added, none renamed.

use serde::{Deserialize, Serialize};

/// A reason's stable code. Readers must accept codes that they don't know.
///
/// Declared in the order of precedence: of a decision's reasons the first is its primary one. What changed in the node
/// itself says more than what was asked for or found missing, and that more than what lies upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    SqlChanged,
    PythonChanged,
    PythonModuleChanged,
    PythonEnvChanged,
    ConfigChanged,
    HookChanged,
    VarChanged,
    EnvChanged,
    SourceChanged,
    SourceDataChanged,
    FileChanged,
    SeedChanged,
    EngineChanged,
    ProfileChanged,
    RulesChanged,
    DependencyAdded,
    DependencyRemoved,
    FirstBuild,
    FirstTest,
    RelationMissing,
    RelationForeign,
    BuildInterrupted,
    RelationRenamed,
    Forced,
    PruneAsked,
    CacheOff,
    CacheWriteOnly,
    CacheUnreadable,
    FormatUpgraded,
    KeyRotated,
    SourceUnwatched,
    ReadsClock,
    PreviousTestFailed,
    UpstreamChanged,
    UpstreamRebuilt,
    UpstreamRecreated,
    /// Known once a table is extended: of its columns, never why it was built.
    ColumnsAdded,
    ColumnsRemoved,
    ColumnsRetyped,
    /// Never a reason by itself: the last *successful* build decides.
    PreviousBuildFailed,
    AllInputsEqual,
    SettingsApplied,
    CosmeticOnly,
    UpstreamOutputIdentical,
    ColumnsUnread,
    UpstreamFailed,
    HookFailed,
    TestFailed,
    NotSelected,
    /// A snapshot, which another verb is for.
    SnapshotLeft,
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
            Code::HookChanged => "hook_changed",
            Code::VarChanged => "var_changed",
            Code::EnvChanged => "env_changed",
            Code::SourceChanged => "source_changed",
            Code::SourceDataChanged => "source_data_changed",
            Code::FileChanged => "file_changed",
            Code::SeedChanged => "seed_changed",
            Code::EngineChanged => "engine_changed",
            Code::ProfileChanged => "profile_changed",
            Code::RulesChanged => "rules_changed",
            Code::DependencyAdded => "dependency_added",
            Code::DependencyRemoved => "dependency_removed",
            Code::FirstBuild => "first_build",
            Code::FirstTest => "first_test",
            Code::ColumnsAdded => "columns_added",
            Code::ColumnsRemoved => "columns_removed",
            Code::ColumnsRetyped => "columns_retyped",
            Code::PreviousBuildFailed => "previous_build_failed",
            Code::RelationMissing => "relation_missing",
            Code::RelationForeign => "relation_foreign",
            Code::BuildInterrupted => "build_interrupted",
            Code::RelationRenamed => "relation_renamed",
            Code::Forced => "forced",
            Code::PruneAsked => "prune_asked",
            Code::CacheOff => "cache_off",
            Code::CacheWriteOnly => "cache_write_only",
            Code::CacheUnreadable => "cache_unreadable",
            Code::FormatUpgraded => "format_upgraded",
            Code::KeyRotated => "key_rotated",
            Code::SourceUnwatched => "source_unwatched",
            Code::ReadsClock => "reads_clock",
            Code::PreviousTestFailed => "previous_test_failed",
            Code::UpstreamChanged => "upstream_changed",
            Code::UpstreamRebuilt => "upstream_rebuilt",
            Code::UpstreamRecreated => "upstream_recreated",
            Code::AllInputsEqual => "all_inputs_equal",
            Code::SettingsApplied => "settings_applied",
            Code::CosmeticOnly => "cosmetic_only",
            Code::UpstreamOutputIdentical => "upstream_output_identical",
            Code::ColumnsUnread => "columns_unread",
            Code::UpstreamFailed => "upstream_failed",
            Code::HookFailed => "hook_failed",
            Code::TestFailed => "test_failed",
            Code::NotSelected => "not_selected",
            Code::SnapshotLeft => "snapshot_left",
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
            Code::HookChanged => "hook changed",
            Code::VarChanged => "var changed",
            Code::EnvChanged => "env changed",
            Code::SourceChanged => "source changed",
            Code::SourceDataChanged => "source data changed",
            Code::FileChanged => "file changed",
            Code::SeedChanged => "seed changed",
            Code::EngineChanged => "engine changed",
            Code::ProfileChanged => "profile changed",
            Code::RulesChanged => "how fft builds changed",
            Code::DependencyAdded => "dependency added",
            Code::DependencyRemoved => "dependency removed",
            Code::FirstBuild => "first build",
            Code::FirstTest => "first test",
            Code::ColumnsAdded => "columns added",
            Code::ColumnsRemoved => "columns removed",
            Code::ColumnsRetyped => "columns retyped",
            Code::PreviousBuildFailed => "previous build failed",
            Code::RelationMissing => "relation missing",
            Code::RelationForeign => "relation holds another build",
            Code::BuildInterrupted => "build interrupted",
            Code::RelationRenamed => "relation renamed",
            Code::Forced => "forced by --rebuild",
            Code::PruneAsked => "versions to be pruned",
            Code::CacheOff => "cache is off",
            Code::CacheWriteOnly => "cache is write-only",
            Code::CacheUnreadable => "cache unreadable",
            Code::FormatUpgraded => "fingerprint format upgraded",
            Code::KeyRotated => "fingerprint key rotated",
            Code::SourceUnwatched => "source not watched",
            Code::ReadsClock => "asks for the time",
            Code::PreviousTestFailed => "it did not pass before",
            Code::UpstreamChanged => "upstream changed",
            Code::UpstreamRebuilt => "upstream rebuilt",
            Code::UpstreamRecreated => "upstream recreated",
            Code::AllInputsEqual => "all inputs equal",
            Code::SettingsApplied => "settings applied",
            Code::CosmeticOnly => "comments and white space only",
            Code::UpstreamOutputIdentical => "upstream output identical",
            Code::ColumnsUnread => "changed columns not read",
            Code::UpstreamFailed => "upstream failed",
            Code::HookFailed => "hook failed",
            Code::TestFailed => "test failed",
            Code::NotSelected => "not selected",
            Code::SnapshotLeft => "left to `fft snapshot run`",
            Code::Unexplained => "unexplained: this is a bug in fft",
        }
    }

    /// Whether the reason lies in another node.
    pub fn is_upstream(self) -> bool {
        matches!(self, Code::UpstreamChanged | Code::UpstreamRebuilt | Code::UpstreamRecreated)
    }

    /// Whether it tells of a build and never asks for one.
    pub fn only_tells(self) -> bool {
        matches!(self, Code::ColumnsAdded | Code::ColumnsRemoved | Code::ColumnsRetyped | Code::PreviousBuildFailed)
    }

    /// Whether one such reason hits every node alike, or every one of a kind.
    pub fn is_global(self) -> bool {
        matches!(
            self,
            Code::EngineChanged
                | Code::ProfileChanged
                | Code::RulesChanged
                | Code::EnvChanged
                | Code::CacheOff
                | Code::CacheWriteOnly
                | Code::CacheUnreadable
                | Code::FormatUpgraded
                | Code::KeyRotated
        )
    }
}

//! How a snapshot keeps the versions of its rows, as `config()` and project.yml say it.
//!
//! Takes settings in every spelling, gives one [`Snapshot`] or every problem of them. What was read is written back into
//! the node's config in one spelling, so that a fingerprint doesn't depend on it.

use crate::diagnostic::did_you_mean;
use litemap::LiteMap;
use serde_json::{Map, Value, json};

/// The columns that tell each row from every other.
pub const UNIQUE_KEY: &str = "unique_key";
/// The mapping that holds the rest.
pub const SNAPSHOT: &str = "snapshot";
/// What that may hold; each may stand beside it as well.
pub const SNAPSHOT_KEYS: [&str; 4] = [STRATEGY, UPDATED_AT, CHECK_COLS, HARD_DELETES];
const STRATEGY: &str = "strategy";
const UPDATED_AT: &str = "updated_at";
const CHECK_COLS: &str = "check_cols";
const HARD_DELETES: &str = "hard_deletes";

/// How versions are told apart, and what becomes of rows that are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The columns that tell each row from every other; one at least.
    pub key: Vec<String>,
    pub strategy: SnapshotStrategy,
    pub hard_deletes: HardDeletes,
}

/// What makes a version of a row another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotStrategy {
    /// This column has a later value.
    Timestamp(String),
    /// One of these columns has another value.
    Check(Checked),
}

/// Columns whose values are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// All of the query but the key.
    All,
    Named(Vec<String>),
}

/// What becomes of the current version of a row that the query doesn't give any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HardDeletes {
    /// It stays the current one.
    Ignore,
    /// It ends.
    Close,
    /// It ends, and a version follows that says the row is gone.
    NewRecord,
}

impl HardDeletes {
    const ALL: [HardDeletes; 3] = [HardDeletes::Ignore, HardDeletes::Close, HardDeletes::NewRecord];

    fn word(self) -> &'static str {
        match self {
            HardDeletes::Ignore => "ignore",
            HardDeletes::Close => "close",
            HardDeletes::NewRecord => "new_record",
        }
    }

    /// By its word, or by that which dbt has for it.
    fn called(word: &str) -> Option<HardDeletes> {
        let word = if word == "invalidate" { "close" } else { word };
        HardDeletes::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// What a node's config says, where it is a snapshot's and was read before.
pub fn snapshot(config: &LiteMap<String, Value>) -> Option<Snapshot> {
    config.get(SNAPSHOT)?;
    read(config).ok()
}

/// What is wrong, in words, with how to mend it.
pub type Problem = (String, String);

pub fn problem(message: impl Into<String>, hint: impl Into<String>) -> Problem {
    (message.into(), hint.into())
}

/// What a snapshot's config says, or all that is wrong with it.
pub fn read(config: &LiteMap<String, Value>) -> Result<Snapshot, Vec<Problem>> {
    let mut problems = Vec::new();
    let settings = settings(config, &mut problems);
    let key = key(config.get(UNIQUE_KEY), &mut problems);
    let strategy = strategy(&settings, &mut problems);
    let hard_deletes = hard_deletes(settings.get(HARD_DELETES), &mut problems);
    match (key, strategy, hard_deletes) {
        (Some(key), Some(strategy), Some(hard_deletes)) if problems.is_empty() => {
            Ok(Snapshot { key, strategy, hard_deletes })
        }
        _ => Err(problems),
    }
}

/// The settings, whether they stand in the mapping or beside it.
fn settings(config: &LiteMap<String, Value>, problems: &mut Vec<Problem>) -> Map<String, Value> {
    let mut found = match config.get(SNAPSHOT) {
        None => Map::new(),
        Some(Value::Object(entries)) => entries.clone(),
        Some(other) => {
            problems.push(problem(format!("`snapshot` is {other}; it must be a mapping"), EXAMPLE));
            Map::new()
        }
    };
    for key in found.keys().filter(|key| !SNAPSHOT_KEYS.contains(&key.as_str())) {
        let known = || format!("known keys: {}", SNAPSHOT_KEYS.join(", "));
        let hint = did_you_mean(key, SNAPSHOT_KEYS).unwrap_or_else(known);
        problems.push(problem(format!("unknown key `{key}` in `snapshot`"), hint));
    }
    for key in SNAPSHOT_KEYS {
        let Some(beside) = config.get(key) else { continue };
        if found.insert(key.into(), beside.clone()).is_some_and(|inside| inside != *beside) {
            problems.push(problem(format!("`{key}` is given twice, and not alike"), "take it out of `snapshot`"));
        }
    }
    found
}

const EXAMPLE: &str = "write `snapshot={'strategy': 'check', 'check_cols': 'all'}`";

/// A text that isn't empty, or several.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(String::from);
    match value {
        Value::Array(items) => items.iter().map(text).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()),
        one => text(one).map(|one| vec![one]),
    }
}

fn key(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<Vec<String>> {
    let hint = "name the columns that tell each row from every other: `unique_key='id'`";
    let Some(value) = value else {
        problems.push(problem("it has no `unique_key`", hint));
        return None;
    };
    let found = texts(value);
    if found.is_none() {
        problems.push(problem(format!("`unique_key` is {value}; it must be a column or a list of columns"), hint));
    }
    found
}

fn strategy(settings: &Map<String, Value>, problems: &mut Vec<Problem>) -> Option<SnapshotStrategy> {
    let hint = "write `strategy='timestamp'` with `updated_at`, or `strategy='check'` with `check_cols`";
    let (updated_at, check_cols) = (settings.get(UPDATED_AT), settings.get(CHECK_COLS));
    let mut other = |key: &str, value: Option<&Value>, strategy: &str| {
        if value.is_some() {
            let message = format!("`{key}` says nothing to the strategy `{strategy}`");
            problems.push(problem(message, format!("take it away, or choose the other strategy: {hint}")));
        }
    };
    match settings.get(STRATEGY).map(|value| value.as_str().ok_or(value)) {
        Some(Ok("timestamp")) => {
            other(CHECK_COLS, check_cols, "timestamp");
            let column = updated_at.and_then(Value::as_str).filter(|column| !column.is_empty());
            if column.is_none() {
                let found = updated_at.map_or("it has none".into(), |value| format!("it is {value}"));
                let message = format!("the strategy `timestamp` needs a column as `updated_at`; {found}");
                problems
                    .push(problem(message, "name the column that tells when a row changed: `updated_at='changed_at'`"));
            }
            column.map(|column| SnapshotStrategy::Timestamp(column.into()))
        }
        Some(Ok("check")) => {
            other(UPDATED_AT, updated_at, "check");
            let checked = check_cols.and_then(checked);
            if checked.is_none() {
                let found = check_cols.map_or("it has none".into(), |value| format!("they are {value}"));
                let message = format!("the strategy `check` needs columns as `check_cols`; {found}");
                problems
                    .push(problem(message, "write `check_cols='all'`, or name columns: `check_cols=['name', 'city']`"));
            }
            checked.map(SnapshotStrategy::Check)
        }
        Some(Ok(word)) => {
            let hint = did_you_mean(word, ["timestamp", "check"]).unwrap_or(hint.into());
            problems.push(problem(format!("`strategy` is \"{word}\"; it can be timestamp or check"), hint));
            None
        }
        Some(Err(value)) => {
            problems.push(problem(format!("`strategy` is {value}; it can be timestamp or check"), hint));
            None
        }
        None => {
            problems.push(problem("it has no `strategy`", hint));
            None
        }
    }
}

fn checked(value: &Value) -> Option<Checked> {
    if value.as_str() == Some("all") { Some(Checked::All) } else { texts(value).map(Checked::Named) }
}

fn hard_deletes(value: Option<&Value>, problems: &mut Vec<Problem>) -> Option<HardDeletes> {
    let Some(value) = value else { return Some(HardDeletes::Ignore) };
    let found = value.as_str().and_then(HardDeletes::called);
    if found.is_none() {
        let words = HardDeletes::ALL.map(HardDeletes::word);
        let hint = value.as_str().and_then(|word| did_you_mean(word, words));
        let message = format!("`hard_deletes` is {value}; it can be ignore, close or new_record");
        problems.push(problem(message, hint.unwrap_or("`ignore` is what holds without it".into())));
    }
    found
}

impl Snapshot {
    /// As the config of a node has it, however it was spelled.
    pub fn config(&self) -> [(String, Value); 2] {
        let settings = match &self.strategy {
            SnapshotStrategy::Timestamp(column) => json!({ STRATEGY: "timestamp", UPDATED_AT: column }),
            SnapshotStrategy::Check(Checked::All) => json!({ STRATEGY: "check", CHECK_COLS: "all" }),
            SnapshotStrategy::Check(Checked::Named(columns)) => json!({ STRATEGY: "check", CHECK_COLS: columns }),
        };
        let Value::Object(mut settings) = settings else { unreachable!("invariant: a mapping was written") };
        settings.insert(HARD_DELETES.into(), self.hard_deletes.word().into());
        [(UNIQUE_KEY.into(), json!(self.key)), (SNAPSHOT.into(), settings.into())]
    }
}

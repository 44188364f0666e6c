//! What a model's `config()` may hold.

use super::snapshot::{SNAPSHOT, SNAPSHOT_KEYS, UNIQUE_KEY};
use super::{Materialization, Node, incremental, setting};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::dialect::{Dialect, Layout, LayoutProblem, Storage};
use crate::project::{SETTING_KEYS, foreign};
use litemap::LiteMap;
use serde_json::Value;

/// Config keys that change what is built.
pub const BUILD_KEYS: [&str; 14] = {
    let [strategy, updated_at, check_cols, hard_deletes] = SNAPSHOT_KEYS;
    [
        "materialized",
        "schema",
        "alias",
        "catalog",
        PARTITION,
        CLUSTER,
        TRANSIENT,
        STORAGE,
        UNIQUE_KEY,
        SNAPSHOT,
        strategy,
        updated_at,
        check_cols,
        hard_deletes,
    ]
};
/// Those that say how a table's rows are stored.
pub const LAYOUT_KEYS: [&str; 4] = [PARTITION, CLUSTER, TRANSIENT, STORAGE];
const PARTITION: &str = "partition_by";
const CLUSTER: &str = "cluster_by";
const TRANSIENT: &str = "transient";
/// Where a table's files are and what they are.
pub const STORAGE: &str = "storage";
/// What that may hold.
const STORAGE_KEYS: [&str; 3] = ["path", "format", "options"];
/// What runs in front of a model's statements and behind them.
pub const HOOK_KEYS: [&str; 2] = ["pre_hook", "post_hook"];
/// Config keys that document or select.
const OTHER_KEYS: [&str; 8] = ["tags", "engines", "only", "env_match", "meta", "description", "volatile", "kind"];

/// Every key that is unknown or has a wrong value.
pub fn problems(config: &LiteMap<String, Value>, at: &Location) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let known = || {
        BUILD_KEYS.iter().chain(&HOOK_KEYS).chain(&SETTING_KEYS).chain(&OTHER_KEYS).copied().chain(incremental::keys())
    };
    for (key, value) in config {
        if !known().any(|name| name == key) {
            let problem = Diagnostic::new("unknown-config", format!("unknown config key `{key}`")).at(at.clone());
            let hint = foreign::config_key(key).map(String::from).or_else(|| did_you_mean(key, known()));
            let all = || format!("known keys: {}", known().collect::<Vec<_>>().join(", "));
            problems.push(problem.hint(hint.unwrap_or_else(all)));
        }
        if let Some(wanted) = wanted(key, value) {
            let message = format!("`{key}` is {value}; it must be {wanted}");
            problems.push(Diagnostic::new("bad-config", message).at(at.clone()));
            continue;
        }
        if let Some(message) = setting::problem(key, value) {
            problems.push(Diagnostic::new("bad-config", message).at(at.clone()));
        }
        if key == STORAGE {
            problems.extend(unreadable(value).map(|problem| problem.at(at.clone())));
        }
        let given = value.as_str().unwrap_or_default();
        if key == "materialized" && Materialization::called(given).is_none() {
            let words: Vec<&str> = Materialization::words().collect();
            let (last, others) = words.split_last().expect("invariant: there are some");
            let message = format!("`materialized` is {value}; it can be {} or {last}", others.join(", "));
            let problem = Diagnostic::new("bad-config", message).at(at.clone());
            let hint = foreign::materialization(given).map(String::from).or_else(|| did_you_mean(given, words));
            problems.push(hint.into_iter().fold(problem, Diagnostic::hint));
        }
    }
    problems
}

/// What the value of a config key must be, where it isn't.
fn wanted(key: &str, value: &Value) -> Option<&'static str> {
    let texts = || value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    let (right, wanted) = match key {
        "schema" | "alias" | "catalog" | "description" => (value.is_string(), "a text"),
        PARTITION => (value.is_string(), "a text: an expression of the engine's SQL"),
        "tags" | "engines" | "only" | CLUSTER => (value.is_string() || texts(), "a text or a list of texts"),
        // Where it is one, it is rendered and no longer here.
        "pre_hook" | "post_hook" => (false, "a text or a list of texts"),
        "volatile" | TRANSIENT => (value.is_boolean(), "true or false"),
        "kind" => (value == "sql", "`sql`, which is what it is; a label of yours is a tag"),
        "env_match" => {
            let texts = |entries: &serde_json::Map<String, Value>| entries.values().all(Value::is_string);
            (value.as_object().is_some_and(texts), "a mapping of variables to texts")
        }
        STORAGE => (value.is_object(), "a mapping with `path`, `format` or `options`"),
        _ => return None,
    };
    if right { None } else { Some(wanted) }
}

/// How a table's rows are to be stored; `None` where nothing is said of it.
pub fn layout(config: &LiteMap<String, Value>) -> Option<Layout> {
    let partition_by = config.get(PARTITION).and_then(Value::as_str).map(String::from);
    let transient = config.get(TRANSIENT).and_then(Value::as_bool).unwrap_or_default();
    let storage = config.get(STORAGE).map(storage);
    let layout = Layout { partition_by, cluster_by: strings(config.get(CLUSTER)), transient, storage };
    (layout != Layout::default()).then_some(layout)
}

/// What is wrong with how a node's table is to be stored, on the engine as the profile sets it.
pub fn storage_problem(node: &Node, dialect: &dyn Dialect) -> Option<Diagnostic> {
    let storage = layout(&node.config)?.storage?;
    Some(bad_storage(node, dialect.storage_problem(&storage)?))
}

/// Such a problem, with its place.
pub fn bad_storage(node: &Node, problem: LayoutProblem) -> Diagnostic {
    let told = Diagnostic::new("bad-config", format!("`{}` {}", node.name, problem.message)).hint(problem.hint);
    node.storage_at.iter().fold(told, |told, at| told.at(at.clone()))
}

/// What is wrong within a `storage`, which is a mapping.
fn unreadable(value: &Value) -> Option<Diagnostic> {
    let bad = |message: String| Diagnostic::new("bad-config", message);
    let entries = value.as_object()?;
    if let Some(key) = entries.keys().find(|key| !STORAGE_KEYS.contains(&key.as_str())) {
        let hint =
            did_you_mean(key, STORAGE_KEYS).unwrap_or_else(|| format!("known keys: {}", STORAGE_KEYS.join(", ")));
        return Some(bad(format!("unknown key `{key}` in `storage`")).hint(hint));
    }
    if entries.is_empty() {
        return Some(
            bad("`storage` says nothing".into()).hint("give it `path`, `format` or `options`, or take it away"),
        );
    }
    let text = |key: &&&str| entries.get(**key).is_some_and(|value| value.as_str().is_none_or(str::is_empty));
    if let Some(key) = ["path", "format"].iter().find(text) {
        return Some(bad(format!("`{key}` of `storage` is {}; it must be a text", entries[*key])));
    }
    let options = entries.get("options")?;
    let plain = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let right = options.as_object().is_some_and(|options| !options.is_empty() && options.values().all(plain));
    (!right).then(|| bad(format!("`options` of `storage` is {options}; it must be a mapping of texts")))
}

fn storage(value: &Value) -> Storage {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(String::from);
    let option = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), String::from);
        (name.clone(), value)
    };
    let options = value.get("options").and_then(Value::as_object).into_iter().flatten().map(option).collect();
    Storage { path: text("path"), format: text("format").map(|format| format.to_lowercase()), options }
}

/// A text or a list of texts.
pub fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(String::from)).collect(),
        _ => Vec::new(),
    }
}

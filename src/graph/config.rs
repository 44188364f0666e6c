//! What a model's `config()` may hold.

use super::Materialization;
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::dialect::Layout;
use crate::project::foreign;
use serde_json::Value;
use std::collections::BTreeMap;

/// Config keys that change what is built.
pub const BUILD_KEYS: [&str; 7] = ["materialized", "schema", "alias", "catalog", PARTITION, CLUSTER, TRANSIENT];
/// Those that say how a table's rows are stored.
pub const LAYOUT_KEYS: [&str; 3] = [PARTITION, CLUSTER, TRANSIENT];
const PARTITION: &str = "partition_by";
const CLUSTER: &str = "cluster_by";
const TRANSIENT: &str = "transient";
/// Config keys that document or select.
const OTHER_KEYS: [&str; 5] = ["tags", "engines", "meta", "description", "volatile"];

/// Every key that is unknown or has a wrong value.
pub fn problems(config: &BTreeMap<String, Value>, at: &Location) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let known = || BUILD_KEYS.iter().chain(&OTHER_KEYS).copied();
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
        "tags" | "engines" | CLUSTER => (value.is_string() || texts(), "a text or a list of texts"),
        "volatile" | TRANSIENT => (value.is_boolean(), "true or false"),
        _ => return None,
    };
    if right { None } else { Some(wanted) }
}

/// How a table's rows are to be stored; `None` where nothing is said of it.
pub fn layout(config: &BTreeMap<String, Value>) -> Option<Layout> {
    let partition_by = config.get(PARTITION).and_then(Value::as_str).map(String::from);
    let transient = config.get(TRANSIENT).and_then(Value::as_bool).unwrap_or_default();
    let layout = Layout { partition_by, cluster_by: strings(config.get(CLUSTER)), transient };
    (layout != Layout::default()).then_some(layout)
}

/// A text or a list of texts.
pub fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(String::from)).collect(),
        _ => Vec::new(),
    }
}

//! What a template can call.
//!
//! `ref source var env config is_incremental this engine` and the `ff_*` functions, whose SQL is the dialect's. Each call
//! is kept in the template's own [`Recorder`](super::record::Recorder).

use super::mark::{Mark, is_marked, secret_placeholder};
use super::problem::failure;
use super::record::{Recording, recording};
use super::this::{Home, This};
use super::{engine, hook};
use crate::diagnostic::did_you_mean;
use crate::dialect::Dialect;
use crate::project::Project;
use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Environment, Error, ErrorKind, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The function that every template begins with: it gives the template's record to the functions below.
pub const RECORDING: &str = "__ff_record";

/// What the template of the model at `path` is rendered with; of a text that is of no model in particular, there is none.
pub fn context(recording: &Recording, path: Option<&str>, home: &Arc<Home>) -> Value {
    let model = path.map(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        (name.strip_suffix(".sql").unwrap_or(name).to_string(), recording.clone())
    });
    let this = This { model, home: home.clone() };
    Value::from(BTreeMap::from([
        (format!("{RECORDING}_of_this"), Value::from_object(recording.clone())),
        ("this".into(), Value::from_object(this)),
    ]))
}

/// Adds every function and global to `environment`.
pub fn register(environment: &mut Environment<'_>, project: &Project, dialect: Arc<dyn Dialect>, home: &Arc<Home>) {
    environment.add_function(RECORDING, |state: &mut State, recording: Value| {
        if let Some(recording) = recording.downcast_object::<Recording>() {
            state.get_or_insert_extension_with(|| Recording::clone(&recording));
        }
    });
    environment.add_function("ref", |state: &mut State, first: String, second: Option<String>| {
        let (package, name) = match second {
            Some(name) => (Some(first), name),
            None => (None, first),
        };
        let mark = Mark::Reference(&name).to_string();
        recording(state).lock().refs.insert((package, name));
        mark
    });
    register_source(environment, project);
    register_var(environment, project);
    register_env(environment, project);
    environment.add_function("config", |state: &mut State, kwargs: Kwargs| -> Result<&'static str, Error> {
        for key in kwargs.args() {
            let value = serde_json::to_value(kwargs.peek::<Value>(key)?)
                .map_err(|_| failure("bad-config", &format!("config key `{key}` has no plain value"), ""))?;
            if holds_mark(&value) && !hook::KEYS.contains(&key) {
                let message = format!("config key `{key}` takes no relation and no secret");
                return Err(failure("bad-config", &message, "write its value out, or read it with `var()`"));
            }
            recording(state).lock().config.insert(key.to_string(), value);
        }
        Ok("")
    });
    environment.add_function("is_incremental", |state: &mut State| recording(state).asked_incremental());
    environment.add_global("this", Value::from_object(This { model: None, home: home.clone() }));
    engine::register(environment, project);
    register_dialect(environment, dialect);
}

/// Whether a text in `value` holds a mark.
fn holds_mark(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => is_marked(text),
        serde_json::Value::Array(values) => values.iter().any(holds_mark),
        serde_json::Value::Object(entries) => entries.values().any(holds_mark),
        _ => false,
    }
}

fn register_source(environment: &mut Environment<'_>, project: &Project) {
    let known: BTreeSet<(String, String)> = project.sources.keys().cloned().collect();
    environment.add_function("source", move |state: &mut State, group: String, table: String| {
        if !known.contains(&(group.clone(), table.clone())) {
            let names: Vec<String> = known.iter().map(|(group, table)| format!("{group}.{table}")).collect();
            let wanted = format!("{group}.{table}");
            let hint = did_you_mean(&wanted, names.iter().map(String::as_str))
                .unwrap_or_else(|| "declare it in sources.yml".into());
            return Err(failure("unknown-source", &format!("unknown source `{wanted}`"), &hint));
        }
        let mark = Mark::Source(&group, &table).to_string();
        recording(state).lock().sources.insert((group, table));
        Ok(mark)
    });
}

fn register_var(environment: &mut Environment<'_>, project: &Project) {
    let own = project.vars.clone();
    let packages: BTreeMap<_, _> = project.packages.iter().map(|one| (one.name.clone(), one.vars.clone())).collect();
    let var = move |state: &mut State, name: String, rest: Rest<Value>, named: Kwargs| -> Result<Value, Error> {
        let vars = recording(state).lock().package.as_ref().and_then(|name| packages.get(name)).unwrap_or(&own);
        let value = match (vars.get(&name), default(rest, &named)?) {
            (Some(value), _) => Value::from(minijinja::value::Serde(value)),
            (None, Some(default)) => default,
            (None, None) => {
                let hint = did_you_mean(&name, vars.keys().map(String::as_str)).unwrap_or_else(|| {
                    format!("set it under `vars:` in project.yml, pass `--vars {name}=…`, or give a default: `var('{name}', …)`")
                });
                return Ok(nothing(state, ("var", name, hint)));
            }
        };
        let recorded = serde_json::to_value(&value).unwrap_or(serde_json::Value::Null);
        recording(state).lock().vars.insert(name, recorded);
        Ok(value)
    };
    environment.add_filter("var", var.clone());
    environment.add_function("var", var);
}

/// A default behind the name: `var('x', 1)` or `var('x', default=1)`; none is one too.
fn default(mut rest: Rest<Value>, named: &Kwargs) -> Result<Option<Value>, Error> {
    if named.has("default") {
        rest.push(named.get("default")?);
    }
    named.assert_all_used()?;
    match rest.len() {
        0 | 1 => Ok(rest.pop()),
        _ => Err(Error::from(ErrorKind::TooManyArguments)),
    }
}

fn register_env(environment: &mut Environment<'_>, project: &Project) {
    let env = project.env.clone();
    let read = move |state: &mut State, name: String, rest: Rest<Value>, named: Kwargs| -> Result<Value, Error> {
        if let Some(problem) = env.problem(&name) {
            return Err(failure("bad-env", &problem, "set it to UTF-8 text, or unset it"));
        }
        let value = match (env.vars.get(&name), default(rest, &named)?) {
            (Some(var), _) if var.secret => {
                let mark = Mark::Secret(&name).to_string();
                recording(state).lock().env.insert(name.clone(), secret_placeholder(&name).into());
                return Ok(Value::from(mark));
            }
            (Some(var), _) => Value::from(var.value.clone()),
            (None, Some(default)) if default.is_none() => default,
            (None, Some(default)) => Value::from(default.to_string()),
            (None, None) => {
                let hint = format!("set it, add it to a .env file, or give a default: `env('{name}', '…')`");
                return Ok(nothing(state, ("env", name, hint)));
            }
        };
        let recorded = serde_json::to_value(&value).unwrap_or(serde_json::Value::Null);
        recording(state).lock().env.insert(name, recorded);
        Ok(value)
    };
    environment.add_filter("env", read.clone());
    environment.add_function("env", read);
}

/// What stands for a var or variable that isn't set and has no default.
fn nothing(state: &mut State, unset: (&'static str, String, String)) -> Value {
    let mut recorder = recording(state).lock();
    let read = if unset.0 == "var" { &mut recorder.vars } else { &mut recorder.env };
    read.insert(unset.1.clone(), serde_json::Value::Null);
    recorder.unset.insert(unset);
    Value::from("")
}

fn register_dialect(environment: &mut Environment<'_>, dialect: Arc<dyn Dialect>) {
    let sql = dialect.clone();
    environment.add_filter("sql_literal", move |value: Value| sql.literal(&json(&value).unwrap_or_default()));
    let sql = dialect.clone();
    environment.add_function("ff_date_trunc", move |expression: String, part: Option<String>| {
        sql.date_trunc(part.as_deref().unwrap_or("day"), &expression)
    });
    let sql = dialect.clone();
    environment.add_function("ff_date_add", move |expression: String, part: String, amount: i64| {
        sql.date_add(&part, amount, &expression)
    });
    let sql = dialect.clone();
    environment.add_function("ff_safe_cast", move |expression: String, kind: String, default: Option<Value>| {
        let default = default.filter(|value| !value.is_none()).map(|value| value.to_string());
        sql.safe_cast(&expression, &kind, default.as_deref())
    });
    let sql = dialect.clone();
    environment.add_function("ff_partition_filter", move |column: String, start: Value, end: Value| {
        sql.partition_filter(&column, json(&start).as_ref(), json(&end).as_ref())
    });
    environment.add_function("ff_partition_in", move |column: String, values: Vec<Value>| {
        let values: Vec<serde_json::Value> = values.iter().filter_map(json).collect();
        dialect.partition_in(&column, &values)
    });
}

/// A template value as JSON; none and undefined are nothing.
fn json(value: &Value) -> Option<serde_json::Value> {
    if value.is_none() || value.is_undefined() { None } else { serde_json::to_value(value).ok() }
}

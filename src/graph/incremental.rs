//! How an incremental model's table is extended, as it is declared: in `config()` or a decorator, else in project.yml.
//!
//! Takes what each place says, the nearest first; gives an [`Incremental`] or every problem. Each setting is taken from
//! the nearest place that names it.

use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use litemap::LiteMap;
use serde_json::{Map, Value, json};

/// How a table is extended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incremental {
    pub strategy: Strategy,
    /// Columns that tell one row from every other; of `delete_insert`, those that tell which rows are replaced together.
    pub unique_key: Vec<String>,
    /// Columns that grow as rows come and change: where the text doesn't say itself what is new, fft reads rows from the
    /// greatest values on that the table has.
    pub updated_at: Vec<String>,
    pub on_schema_change: OnSchemaChange,
    pub on_code_change: OnCodeChange,
}

/// What is done with new rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// They are added.
    Append,
    /// They take the place of those with their key, or are added.
    Merge,
    /// All rows with one of their keys go, and they are added.
    DeleteInsert,
    /// The table is always built anew.
    FullRefresh,
}

/// What is done where new rows have other columns than the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSchemaChange {
    /// New columns are left out; missing ones are an error.
    #[default]
    Ignore,
    /// New columns are added; those that are missing are null in new rows.
    AppendNewColumns,
    /// The table gets the columns and types of the new rows.
    SyncAllColumns,
    /// It is an error.
    Fail,
}

/// What a change of the model's code, or of code upstream, asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnCodeChange {
    /// The table is built anew.
    #[default]
    Full,
    /// Rows that stand are left as the code before made them.
    Incremental,
}

const STRATEGIES: [(&str, Strategy); 6] = [
    ("append", Strategy::Append),
    ("insert", Strategy::Append),
    ("merge", Strategy::Merge),
    ("delete_insert", Strategy::DeleteInsert),
    ("delete+insert", Strategy::DeleteInsert),
    ("full_refresh", Strategy::FullRefresh),
];
const ON_SCHEMA_CHANGE: [(&str, OnSchemaChange); 5] = [
    ("ignore", OnSchemaChange::Ignore),
    ("none", OnSchemaChange::Ignore),
    ("append_new_columns", OnSchemaChange::AppendNewColumns),
    ("sync_all_columns", OnSchemaChange::SyncAllColumns),
    ("fail", OnSchemaChange::Fail),
];
const ON_CODE_CHANGE: [(&str, OnCodeChange); 2] =
    [("full", OnCodeChange::Full), ("incremental", OnCodeChange::Incremental)];

/// The mapping that holds settings, in `config()`.
pub const MAPPING: &str = "incremental";
/// What `config()` takes beside that mapping, and what it is called there.
const FLAT: [(&str, &str); 14] = [
    ("unique_key", "unique_key"),
    ("primary_key", "unique_key"),
    ("incremental_strategy", "strategy"),
    ("updated_at", "updated_at_columns"),
    ("updated_at_column", "updated_at_columns"),
    ("updated_at_columns", "updated_at_columns"),
    ("timestamp_columns", "updated_at_columns"),
    ("delta_columns", "updated_at_columns"),
    ("delta_sql", DELTA),
    ("delta", DELTA),
    ("delta_config", DELTA_CONFIG),
    ("on_schema_change", "on_schema_change"),
    ("schema_sync", "on_schema_change"),
    ("on_code_change", "on_code_change"),
];
/// What the mapping takes.
const NESTED: [(&str, &str); 14] = [
    ("enabled", ENABLED),
    ("strategy", "strategy"),
    ("unique_key", "unique_key"),
    ("primary_key", "unique_key"),
    ("updated_at_column", "updated_at_columns"),
    ("updated_at_columns", "updated_at_columns"),
    ("timestamp_columns", "updated_at_columns"),
    ("delta_columns", "updated_at_columns"),
    ("delta_sql", DELTA),
    ("delta", DELTA),
    ("delta_config", DELTA_CONFIG),
    ("on_schema_change", "on_schema_change"),
    ("schema_sync", "on_schema_change"),
    ("on_code_change", "on_code_change"),
];
/// The query for new rows: the renderer's to read.
const DELTA: &str = "delta_sql";
/// A file with more of these settings.
const DELTA_CONFIG: &str = "delta_config";
/// Whether the model is an incremental one, where `materialized` doesn't say what it is.
const ENABLED: &str = "enabled";

/// The keys of `config()` that say how a table is extended.
pub fn keys() -> impl Iterator<Item = &'static str> {
    FLAT.into_iter().map(|(name, _)| name).chain([MAPPING])
}

/// One place that says something, in the names of the settings.
#[derive(Debug)]
pub struct Place {
    settings: Vec<(&'static str, Value)>,
    at: Location,
}

impl Place {
    /// What a model's `config()` says.
    pub fn config(config: &LiteMap<String, Value>, at: &Location) -> Result<Place, Vec<Diagnostic>> {
        let mut settings = Vec::new();
        let mut problems = Vec::new();
        for (name, setting) in FLAT {
            settings.extend(config.get(name).filter(|value| !value.is_null()).map(|value| (setting, value.clone())));
        }
        match config.get(MAPPING).filter(|value| !value.is_null()) {
            None => {}
            Some(Value::Object(entries)) => problems.extend(nested(entries, at, &mut settings)),
            Some(enabled @ Value::Bool(_)) => settings.push((ENABLED, enabled.clone())),
            Some(value) => problems.push(wrong(MAPPING, value, "a mapping of `strategy`, `updated_at_column` …", at)),
        }
        problems.extend(twice(&settings, at));
        if problems.is_empty() { Ok(Place { settings, at: at.clone() }) } else { Err(problems) }
    }

    /// What project.yml says of a model.
    pub fn declared(value: &Value, at: &Location) -> Result<Place, Vec<Diagnostic>> {
        let mut settings = Vec::new();
        let mut problems = match value {
            Value::Object(entries) => nested(entries, at, &mut settings),
            other => vec![wrong(MAPPING, other, "a mapping of `strategy`, `updated_at_column` …", at)],
        };
        problems.extend(twice(&settings, at));
        if problems.is_empty() { Ok(Place { settings, at: at.clone() }) } else { Err(problems) }
    }

    /// Whether it says nothing.
    pub fn is_silent(&self) -> bool {
        self.settings.iter().all(|(name, value)| *name == ENABLED && *value == Value::Bool(false))
    }

    /// Whether it says that the model is an incremental one, or that it is none.
    pub fn enabled(&self) -> Option<bool> {
        self.said(ENABLED)?.as_bool()
    }

    /// The file with more settings that it names.
    pub fn delta_config(&self) -> Option<&Value> {
        self.said(DELTA_CONFIG)
    }

    /// Whether it says how new rows are queried.
    pub fn has_query(&self) -> bool {
        self.said(DELTA).is_some()
    }

    fn said(&self, setting: &str) -> Option<&Value> {
        self.settings.iter().find(|(name, _)| *name == setting).map(|(_, value)| value)
    }

    /// Whether it says nothing but what a snapshot says in the same words.
    pub fn is_of_snapshots_too(&self) -> bool {
        self.settings.iter().all(|(name, _)| ["unique_key", "strategy", "updated_at_columns"].contains(name))
    }

    pub fn at(&self) -> &Location {
        &self.at
    }
}

fn nested(entries: &Map<String, Value>, at: &Location, settings: &mut Vec<(&'static str, Value)>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        // project.yml may have the mapping within what it says of a model.
        if let (MAPPING, Value::Object(more)) = (key.as_str(), value) {
            problems.extend(nested(more, at, settings));
            continue;
        }
        match NESTED.iter().find(|(name, _)| name == key) {
            Some((_, setting)) => settings.push((setting, value.clone())),
            None => {
                let message = format!("unknown key `{key}` in `{MAPPING}`");
                let hint = left_out(key).map(String::from);
                let hint = hint.or_else(|| did_you_mean(key, NESTED.iter().map(|(name, _)| *name)));
                let known = || NESTED.map(|(name, _)| name).join(", ");
                let hint = hint.unwrap_or_else(|| format!("known keys: {}", known()));
                problems.push(Diagnostic::new("bad-config", message).at(at.clone()).hint(hint));
            }
        }
    }
    problems
}

/// What stands in the place of keys that other tools have here.
fn left_out(key: &str) -> Option<&'static str> {
    (key == "delta_python")
        .then_some("a model in Python gives what is new itself: see `is_incremental()` and `watermark()`")
}

/// A setting that one place gives twice, under two names.
fn twice(settings: &[(&'static str, Value)], at: &Location) -> Option<Diagnostic> {
    let names: Vec<&str> = settings.iter().map(|(name, _)| *name).collect();
    let name = names.iter().enumerate().find(|(place, name)| names[..*place].contains(name))?.1;
    let message = format!("`{name}` is given twice");
    Some(Diagnostic::new("bad-config", message).at(at.clone()).hint("give it once, under one of its names"))
}

fn wrong(name: &str, value: &Value, wanted: &str, at: &Location) -> Diagnostic {
    Diagnostic::new("bad-config", format!("`{name}` is {value}; it must be {wanted}")).at(at.clone())
}

/// How a table is extended, by what the `places` say, the nearest first. `says_itself`: the model's text asks
/// `is_incremental()`.
pub fn read(name: &str, places: &[Place], says_itself: bool, own: &Location) -> Result<Incremental, Vec<Diagnostic>> {
    let mut reader = Reader { places, problems: Vec::new() };
    let (unique_key, key_at) = reader.texts("unique_key").unzip();
    let (updated_at, _) = reader.texts("updated_at_columns").unzip();
    let strategy = reader.word("strategy", &STRATEGIES);
    let how = Incremental {
        strategy: strategy.unwrap_or(if unique_key.is_some() { Strategy::Merge } else { Strategy::Append }),
        unique_key: unique_key.unwrap_or_default(),
        updated_at: updated_at.unwrap_or_default(),
        on_schema_change: reader.word("on_schema_change", &ON_SCHEMA_CHANGE).unwrap_or_default(),
        on_code_change: reader.word("on_code_change", &ON_CODE_CHANGE).unwrap_or_default(),
    };
    let mut problems = reader.problems;
    if problems.is_empty() {
        problems.extend(unfit(name, &how, says_itself, key_at.as_ref().unwrap_or(own)));
    }
    if problems.is_empty() { Ok(how) } else { Err(problems) }
}

/// Settings that don't go together.
fn unfit(name: &str, how: &Incremental, says_itself: bool, at: &Location) -> Option<Diagnostic> {
    let keyed = !how.unique_key.is_empty();
    let (message, hint) = match how.strategy {
        Strategy::Merge | Strategy::DeleteInsert if !keyed => (
            format!("`{name}` has no `unique_key`, which `{}` needs", how.strategy.word()),
            "name the columns that tell one row from every other: `unique_key='id'`",
        ),
        Strategy::Append if keyed => (
            format!("`{name}` has a `unique_key`, which `append` doesn't look at"),
            "write `strategy: merge`, or take the key away",
        ),
        Strategy::Append if how.updated_at.is_empty() && !says_itself => (
            format!("`{name}` doesn't say which rows are new: each run would add all of them again"),
            "give it `updated_at_column` or `unique_key`, or a condition within `{% if is_incremental() %} … {% endif %}`",
        ),
        _ => return None,
    };
    Some(Diagnostic::new("bad-config", message).at(at.clone()).hint(hint))
}

struct Reader<'a> {
    places: &'a [Place],
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn value(&self, setting: &str) -> Option<(Value, Location)> {
        let of = |place: &Place| {
            let found = place.settings.iter().find(|(name, _)| *name == setting)?;
            Some((found.1.clone(), place.at.clone()))
        };
        self.places.iter().find_map(of)
    }

    fn texts(&mut self, setting: &str) -> Option<(Vec<String>, Location)> {
        let (value, at) = self.value(setting)?;
        let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(String::from);
        let texts: Option<Vec<String>> = match &value {
            Value::Array(items) => items.iter().map(text).collect(),
            other => text(other).map(|text| vec![text]),
        };
        match texts.filter(|texts| !texts.is_empty()) {
            Some(texts) => Some((texts, at)),
            None => {
                self.problems.push(wrong(setting, &value, "the name of a column or a list of them", &at));
                None
            }
        }
    }

    fn word<T: Copy>(&mut self, setting: &str, words: &[(&str, T)]) -> Option<T> {
        let (value, at) = self.value(setting)?;
        let given = value.as_str().unwrap_or_default();
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, found)| *found);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let (last, others) = names.split_last().expect("invariant: there are some");
            let message = format!("`{setting}` is {value}; it can be {} or {last}", others.join(", "));
            let hint = did_you_mean(given, names.iter().copied());
            let problem = Diagnostic::new("bad-config", message).at(at);
            self.problems.push(hint.into_iter().fold(problem, Diagnostic::hint));
        }
        found
    }
}

impl Strategy {
    /// As projects call it.
    pub fn word(self) -> &'static str {
        match self {
            Strategy::Append => "append",
            Strategy::Merge => "merge",
            Strategy::DeleteInsert => "delete_insert",
            Strategy::FullRefresh => "full_refresh",
        }
    }
}

impl Incremental {
    /// What of it changes which rows the table has: a part of the model's settings.
    pub fn setting(&self) -> Value {
        json!({
            "strategy": self.strategy.word(),
            "unique_key": self.unique_key,
            "updated_at_columns": self.updated_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: usize) -> Location {
        Location::new("models/m.ff.sql", line, 1)
    }

    fn config(value: Value) -> Result<Place, Vec<Diagnostic>> {
        Place::config(&serde_json::from_value(value).unwrap(), &at(1))
    }

    fn told(result: Result<Incremental, Vec<Diagnostic>>) -> String {
        let problems = result.unwrap_err();
        problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_setting_is_that_of_the_nearest_place() {
        let near = config(json!({"primary_key": "id", "incremental": {"on_schema_change": "fail"}})).unwrap();
        let far = json!({"unique_key": ["a", "b"], "updated_at_column": "at", "on_schema_change": "ignore"});
        let far = Place::declared(&far, &Location::new("project.yml", 3, 5)).unwrap();
        let how = read("m.ff", &[near, far], false, &at(1)).unwrap();
        let expected = Incremental {
            strategy: Strategy::Merge,
            unique_key: vec!["id".into()],
            updated_at: vec!["at".into()],
            on_schema_change: OnSchemaChange::Fail,
            on_code_change: OnCodeChange::Full,
        };
        assert_eq!(how, expected);
        let setting = json!({"strategy": "merge", "unique_key": ["id"], "updated_at_columns": ["at"]});
        assert_eq!(how.setting(), setting);
        // As projects of another tool have it in project.yml.
        let nested = json!({"unique_key": "id", "incremental": {"enabled": true, "updated_at_column": "at"}});
        let place = Place::declared(&nested, &at(1)).unwrap();
        assert_eq!(place.enabled(), Some(true));
        let how = read("m.ff", &[place], false, &at(1)).unwrap();
        assert_eq!((how.unique_key, how.updated_at), (vec!["id".to_string()], vec!["at".to_string()]));
    }

    #[test]
    fn strategies_have_the_names_that_people_bring() {
        for (word, strategy) in STRATEGIES {
            let key = match strategy {
                Strategy::Append => json!(null),
                _ => json!("id"),
            };
            let place = config(json!({"incremental_strategy": word, "unique_key": key})).unwrap();
            assert_eq!(read("m.ff", &[place], true, &at(1)).unwrap().strategy, strategy, "{word}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let of = |value: Value| told(config(value).and_then(|place| read("m.ff", &[place], false, &at(1))));
        let mapping = "a mapping of `strategy`, `updated_at_column` …";
        for (value, words) in [
            (json!({"incremental": "merge"}), format!("`incremental` is \"merge\"; it must be {mapping}").as_str()),
            (json!({"incremental": {"strategi": "merge"}}), "unknown key `strategi` in `incremental`"),
            (json!({"incremental": {"delta_python": "f"}}), "unknown key `delta_python` in `incremental`"),
            (json!({"delta_sql": "select 1", "delta": {"sql": "select 2"}}), "`delta_sql` is given twice"),
            (json!({"unique_key": "a", "primary_key": "b"}), "`unique_key` is given twice"),
            (json!({"unique_key": 3}), "`unique_key` is 3; it must be the name of a column or a list of them"),
            (
                json!({"unique_key": "a", "incremental_strategy": "upsert"}),
                "`strategy` is \"upsert\"; it can be append, insert, merge, delete_insert, delete+insert or full_refresh",
            ),
            (json!({"incremental_strategy": "merge"}), "`m.ff` has no `unique_key`, which `merge` needs"),
            (
                json!({"incremental_strategy": "append", "unique_key": "a"}),
                "`m.ff` has a `unique_key`, which `append` doesn't look at",
            ),
            (json!({}), "`m.ff` doesn't say which rows are new: each run would add all of them again"),
        ] {
            assert_eq!(of(value), words);
        }
    }
}

//! The query for an incremental model's new rows, where it isn't the model's own text: `delta_sql` and `delta_config`.
//!
//! `delta_sql` is a query, or names a file of the project by a path that ends in `.sql`. `delta_config` names a YAML file
//! with settings of the mapping `incremental`, of which `sql` is the query. The files are read with the project: those whose
//! paths stand, written out, in a model or in project.yml. Takes what one place says, gives the query and where it is
//! written.

use super::files::Files;
use super::yaml::{Node, Yaml, YamlFile};
use super::{ModelFile, Settings};
use crate::diagnostic::{Diagnostic, Location};
use litemap::LiteMap;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a text that speaks of such a query has in it.
const WORD: &str = "delta";
/// The mapping that settings stand in.
const MAPPING: &str = "incremental";
/// How the names of files with queries end.
const QUERY: &str = ".sql";
/// How the names of all the files end that are looked for.
const ENDINGS: [&str; 3] = [QUERY, ".yml", ".yaml"];

/// The files that hold such queries, by their paths.
#[derive(Clone, Debug, Default)]
pub struct Deltas {
    files: BTreeMap<String, DeltaFile>,
}

#[derive(Clone, Debug)]
struct DeltaFile {
    text: Arc<str>,
    /// Of a YAML file.
    settings: Option<DeltaSettings>,
}

/// The settings of a YAML file, and where its query stands.
#[derive(Clone, Debug)]
struct DeltaSettings {
    value: Value,
    query_at: Location,
}

/// A query for new rows, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    pub text: Arc<str>,
    /// Where it is declared; of a whole file, the file.
    pub at: Location,
    /// It is all of a file's text.
    pub is_file: bool,
}

type Result<T> = std::result::Result<T, Diagnostic>;

impl Deltas {
    /// Reads the files that models and project.yml name.
    pub(super) fn read(files: &mut Files<'_>, settings: &Settings, models: &[ModelFile]) -> Deltas {
        let mut deltas = Deltas::default();
        let mut wanted: BTreeSet<String> =
            models.iter().filter(|model| model.text.contains(WORD)).flat_map(|model| named(&model.text)).collect();
        settings.model_incremental.values().for_each(|declared| paths(&declared.value, &mut wanted));
        while let Some(path) = wanted.pop_first() {
            if deltas.files.contains_key(&path) {
                continue;
            }
            let Some(text) = files.text(&path) else { continue };
            let settings = (!path.ends_with(QUERY)).then(|| read_settings(files, &path, &text)).flatten();
            settings.iter().for_each(|settings| paths(&settings.value, &mut wanted));
            deltas.files.insert(path, DeltaFile { text: text.into(), settings });
        }
        deltas
    }

    /// Whether the file of that path is one of them.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The paths of all of them.
    pub(super) fn paths(&self) -> impl Iterator<Item = &String> {
        self.files.keys()
    }

    /// What a file that `delta_config` names says, in the keys of the mapping `incremental`, and where.
    pub fn settings(&self, path: &str, at: &Location) -> Result<(&Value, Location)> {
        match self.files.get(path).and_then(|file| file.settings.as_ref()) {
            Some(settings) => Ok((&settings.value, Location::file(path))),
            None => Err(missing("delta_config", path, at)),
        }
    }

    /// The query of a place that `get` reads, which is at `at`.
    pub fn query<'a>(&self, get: &dyn Fn(&str) -> Option<&'a Value>, at: &Location) -> Result<Option<Delta>> {
        let nested = get(MAPPING).and_then(Value::as_object);
        let inner = |key: &str| nested.and_then(|entries| entries.get(key));
        let all = |key: &str| [get(key), inner(key)].into_iter().flatten().find(|value| !value.is_null());
        let said = all("delta_sql").or_else(|| all(WORD).and_then(|delta| delta.get("sql")));
        if let Some(said) = said {
            let wrong = || {
                let message =
                    format!("`delta_sql` is {said}; it must be a query, or the path of a file that ends in {QUERY}");
                Diagnostic::new("bad-config", message).at(at.clone())
            };
            let text = said.as_str().filter(|text| !text.trim().is_empty()).ok_or_else(wrong)?;
            return self.written(text, at).map(Some);
        }
        let Some(path) = all("delta_config").and_then(Value::as_str) else { return Ok(None) };
        self.settings(path, at)?;
        let settings = self.files.get(path).and_then(|file| file.settings.as_ref());
        let Some(settings) = settings else { return Ok(None) };
        let Some(text) = settings.value.get("delta_sql").and_then(Value::as_str) else { return Ok(None) };
        self.written(text, &settings.query_at).map(Some)
    }

    /// The same of a `config()`.
    pub fn query_of_config(&self, config: &LiteMap<String, Value>, at: &Location) -> Result<Option<Delta>> {
        self.query(&|key| config.get(key), at)
    }

    /// The same of a mapping of project.yml.
    pub fn query_of_entries(&self, entries: &Map<String, Value>, at: &Location) -> Result<Option<Delta>> {
        self.query(&|key| entries.get(key), at)
    }

    /// A query that stands there, or in the file that is named there.
    fn written(&self, text: &str, at: &Location) -> Result<Delta> {
        if !is_path(text) {
            return Ok(Delta { text: text.into(), at: at.clone(), is_file: false });
        }
        let file = self.files.get(text).ok_or_else(|| missing("delta_sql", text, at))?;
        Ok(Delta { text: file.text.clone(), at: Location::file(text), is_file: true })
    }
}

fn missing(key: &str, path: &str, at: &Location) -> Diagnostic {
    let message = format!("`{key}` names {path}, and there is no such file in the project that can be read");
    let hint = format!("write its path from the project's folder, in one piece, ending in {}", ENDINGS.join(", "));
    Diagnostic::new("bad-config", message).at(at.clone()).hint(hint)
}

/// Whether a text names a file of queries; a query has blanks.
fn is_path(text: &str) -> bool {
    text.ends_with(QUERY) && !text.contains(char::is_whitespace)
}

/// Whether a text may be the path of one of these files, within the project.
fn may_be_path(text: &str) -> bool {
    let inside = !text.starts_with('/') && !text.split('/').any(|part| part == "..");
    inside
        && !text.contains(|one: char| one.is_whitespace() || one == '\\')
        && ENDINGS.iter().any(|end| text.ends_with(end))
}

/// What stands between quotes on one line of a template and may be such a path.
fn named(text: &str) -> Vec<String> {
    let pieces = text.lines().flat_map(|line| line.split(['"', '\'']));
    pieces.filter(|piece| may_be_path(piece)).map(String::from).collect()
}

/// What a value holds that may be such a path.
fn paths(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if may_be_path(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| paths(item, found)),
        Value::Object(entries) => entries.values().for_each(|item| paths(item, found)),
        _ => {}
    }
}

/// The settings of a YAML file: its mapping, or `incremental` in it, with its query as `delta_sql`.
fn read_settings(files: &mut Files<'_>, path: &str, text: &str) -> Option<DeltaSettings> {
    let file = YamlFile::new(path, text);
    let root = file.parse();
    if let Some(root) = root.as_ref().filter(|root| !matches!(root.value, Yaml::Map(_))) {
        file.problem(root.at, "wrong-type", format!("{path} must be a mapping, found {}", root.kind()));
    }
    let found = root.as_ref().and_then(|root| settings_of(&file, root));
    files.problems.extend(file.into_problems());
    found
}

fn settings_of(file: &YamlFile, root: &Node) -> Option<DeltaSettings> {
    let entry = |node: &'_ Node, key: &str| -> Option<Node> {
        let Yaml::Map(entries) = &node.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.clone())
    };
    let root = entry(root, MAPPING).unwrap_or_else(|| root.clone());
    let query = entry(&root, "delta_sql").or_else(|| entry(&root, "sql"));
    let query = query.or_else(|| entry(&entry(&root, WORD)?, "sql"));
    let Value::Object(mut value) = root.json() else { return None };
    value.remove("sql");
    value.remove(WORD);
    value.extend(query.as_ref().map(|query| ("delta_sql".to_string(), query.json())));
    let query_at = file.location(query.map_or(root.at, |query| query.at));
    Some(DeltaSettings { value: value.into(), query_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn queries_stand_inline_in_files_or_in_yaml() {
        let at = Location::new("models/m.ff.sql", 1, 4);
        let yaml = "incremental:\n  unique_key: id\n  sql: |\n    select 2\n";
        let file = YamlFile::new("d.yml", yaml);
        let settings = settings_of(&file, &file.parse().unwrap());
        let mut deltas = Deltas::default();
        deltas.files.insert("d.sql".into(), DeltaFile { text: "select 1".into(), settings: None });
        deltas.files.insert("d.yml".into(), DeltaFile { text: yaml.into(), settings });
        let query = |value: Value| {
            let told = deltas.query_of_entries(value.as_object().unwrap(), &at);
            told.map(|found| found.map(|found| format!("{} at {}", found.text, found.at)))
                .map_err(|error| error.message)
        };
        let is = |text: &str| Ok(Some(text.to_string()));
        assert_eq!(query(json!({"delta_sql": "select 3 from t"})), is("select 3 from t at models/m.ff.sql:1:4"));
        assert_eq!(query(json!({"delta": {"sql": "d.sql"}})), is("select 1 at d.sql"));
        assert_eq!(query(json!({"incremental": {"delta_sql": "d.sql"}})), is("select 1 at d.sql"));
        assert_eq!(query(json!({"incremental": {"delta_config": "d.yml"}})), is("select 2\n at d.yml:4:5"));
        assert_eq!(query(json!({"unique_key": "id"})), Ok(None));
        assert_eq!(deltas.settings("d.yml", &at).unwrap().0, &json!({"unique_key": "id", "delta_sql": "select 2\n"}));
        let missing = "names e.yml, and there is no such file in the project that can be read";
        assert_eq!(query(json!({"delta_config": "e.yml"})), Err(format!("`delta_config` {missing}")));
        assert!(query(json!({"delta_sql": 3})).unwrap_err().starts_with("`delta_sql` is 3; it must be a query"));
    }

    #[test]
    fn files_are_those_that_are_written_out_within_the_project() {
        let text =
            "{{ config(delta_sql='deltas/a.sql', x=\"b.yml\", y='../c.sql', z='/d.sql', w='select 1 from e.sql') }}";
        assert_eq!(named(text), ["deltas/a.sql", "b.yml"]);
        let mut found = BTreeSet::new();
        paths(&json!({"incremental": {"delta_config": "x/y.yaml"}, "strategy": "merge"}), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["x/y.yaml"]);
    }
}

//! sources.yml, version 2.
//!
//! Takes the file and the profile's engine, gives one [`SourceTable`] a table. The most specific word wins: the table's
//! override for the engine, the table, the group's override for the engine, the group.

use super::SourceTable;
use super::fields::Fields;
use super::format::{ENGINES, is_spelling};
use super::yaml::{Entry, Idle, Node, YamlFile};
use crate::diagnostic::{Diagnostic, did_you_mean};
use serde_json::Value;
use std::collections::BTreeMap;

type Sources = BTreeMap<(String, String), SourceTable>;

/// Reads sources.yml.
pub(super) fn read(file: &YamlFile, engine: Option<&str>) -> Sources {
    let mut sources = Sources::new();
    let Some(root) = file.parse() else { return sources };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return sources };
    version(&mut fields);
    for node in fields.list("sources") {
        group(file, node, engine, &mut sources);
    }
    fields.finish();
    sources
}

fn version(fields: &mut Fields<'_>) {
    let hint = "the first line is `version: 2`";
    match fields.node("version") {
        None => fields.file.report(fields.at, Diagnostic::new("bad-version", "sources.yml has no version").hint(hint)),
        Some(node) if node.json() == 2 => {}
        Some(node) => {
            let message = format!("sources.yml has version {}, only 2 is known", node.json());
            fields.file.report(node.at, Diagnostic::new("bad-version", message).hint(hint));
        }
    }
}

fn group(file: &YamlFile, node: &Node, engine: Option<&str>, sources: &mut Sources) {
    let Some(mut fields) = Fields::new(file, "a source", node) else { return };
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("source `{name}`");
    }
    let description = fields.text("description");
    let base = Place::read(&mut fields, false);
    let overrides = overrides(&mut fields, engine, false);
    let inherited = overrides.unwrap_or_default().or(base);
    for node in fields.list("tables") {
        let group = name.as_deref().unwrap_or_default();
        let Some(table) = table(file, group, node, engine, &inherited, description.as_deref()) else { continue };
        if let Some(first) = sources.insert((table.group.clone(), table.table.clone()), table) {
            let message =
                format!("source table `{group}.{}` is declared twice, first in line {}", first.table, first.at.line);
            file.problem(node.at, "duplicate-name", message);
        }
    }
    fields.finish();
}

fn table(
    file: &YamlFile,
    group: &str,
    node: &Node,
    engine: Option<&str>,
    inherited: &Place,
    described: Option<&str>,
) -> Option<SourceTable> {
    let mut fields = Fields::new(file, format!("a table of source `{group}`"), node)?;
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("source table `{group}.{name}`");
    }
    let description = fields.text("description").or(described.map(String::from));
    let own = Place::read(&mut fields, true);
    let place = overrides(&mut fields, engine, true).unwrap_or_default().or(own).or(inherited.clone());
    fields.finish();
    let name = name?;
    Some(SourceTable {
        group: group.to_string(),
        identifier: place.identifier.value().unwrap_or_else(|| name.clone()),
        table: name,
        schema: place.schema.value(),
        catalog: place.catalog.value(),
        location: place.location.value().unwrap_or_default(),
        format: place.format.value(),
        description,
        loaded_at_field: place.loaded_at_field.value(),
        loaded_at_query: place.loaded_at_query.value(),
        freshness: place.freshness.value(),
        at: file.location(node.at),
    })
}

/// What a group, a table and an override may say.
#[derive(Clone, Default)]
struct Place {
    identifier: Said<String>,
    schema: Said<String>,
    catalog: Said<String>,
    location: Said<Vec<String>>,
    format: Said<String>,
    loaded_at_field: Said<String>,
    loaded_at_query: Said<String>,
    freshness: Said<Value>,
}

/// What is said of a key. A null says that there is none, so that an override can take away what the rest declares.
#[derive(Clone, Default)]
enum Said<T> {
    #[default]
    Nothing,
    Null,
    Value(T),
}

impl<T> Said<T> {
    fn of(fields: &Fields<'_>, key: &str, value: Option<T>) -> Said<T> {
        match value {
            Some(value) => Said::Value(value),
            None if fields.is_null(key) => Said::Null,
            None => Said::Nothing,
        }
    }

    fn or(self, other: Said<T>) -> Said<T> {
        match self {
            Said::Nothing => other,
            said => said,
        }
    }

    fn value(self) -> Option<T> {
        match self {
            Said::Value(value) => Some(value),
            Said::Nothing | Said::Null => None,
        }
    }
}

impl Place {
    fn read(fields: &mut Fields<'_>, identifier: bool) -> Place {
        let database = fields.node("database").map(|node| node.at);
        let (catalog, alias) = (text(fields, "catalog"), text(fields, "database"));
        if let (Said::Value(_), Some(at)) = (&catalog, database) {
            fields.file.problem(at, "bad-value", "`catalog` and `database` are the same: give one");
        }
        let freshness = fields.node("freshness");
        freshness.into_iter().for_each(|node| fields.file.declares(Idle::Freshness, node.at));
        let freshness = freshness.map(Node::json);
        Place {
            identifier: if identifier { text(fields, "identifier") } else { Said::Nothing },
            schema: text(fields, "schema"),
            catalog: catalog.or(alias),
            location: locations(fields),
            format: text(fields, "format"),
            loaded_at_field: text(fields, "loaded_at_field"),
            loaded_at_query: text(fields, "loaded_at_query"),
            freshness: Said::of(fields, "freshness", freshness),
        }
    }

    /// What isn't said here is taken from `other`.
    fn or(self, other: Place) -> Place {
        Place {
            identifier: self.identifier.or(other.identifier),
            schema: self.schema.or(other.schema),
            catalog: self.catalog.or(other.catalog),
            location: self.location.or(other.location),
            format: self.format.or(other.format),
            loaded_at_field: self.loaded_at_field.or(other.loaded_at_field),
            loaded_at_query: self.loaded_at_query.or(other.loaded_at_query),
            freshness: self.freshness.or(other.freshness),
        }
    }
}

fn text(fields: &mut Fields<'_>, key: &'static str) -> Said<String> {
    let value = fields.text(key);
    Said::of(fields, key, value)
}

/// One file, pattern, folder or URL, or a list of them; an empty list is none.
fn locations(fields: &mut Fields<'_>) -> Said<Vec<String>> {
    let found = fields.texts("location");
    for (_, at) in found.iter().filter(|(text, _)| text.trim().is_empty()) {
        fields.file.problem(*at, "bad-value", "`location` names no file");
    }
    let found: Vec<String> = found.into_iter().map(|(text, _)| text).collect();
    Said::of(fields, "location", (!found.is_empty()).then_some(found))
}

/// Checks `overrides:` of every engine and gives the one of `engine`.
fn overrides(fields: &mut Fields<'_>, engine: Option<&str>, identifier: bool) -> Option<Place> {
    let mut chosen = None;
    for Entry { key, at, value } in fields.entries("overrides") {
        if !ENGINES.contains(&key.as_str()) {
            let message = format!("unknown engine `{key}` in `overrides` of {}", fields.owner);
            let mut problem = Diagnostic::new("unknown-engine", message);
            problem.hints.extend(did_you_mean(key, ENGINES));
            fields.file.report(*at, problem);
        }
        let owner = format!("override `{key}` of {}", fields.owner);
        let Some(mut own) = Fields::new(fields.file, owner, value) else { continue };
        let place = Place::read(&mut own, identifier);
        own.finish();
        if engine.is_some_and(|engine| is_spelling(key, engine)) {
            chosen = Some(place);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "version: 2
sources:
  - name: raw
    schema: landing
    description: All of it
    freshness: {warn_after: {count: 1, period: day}}
    overrides:
      duckdb: {schema: main}
      postgres: {database: lake}
    tables:
      - name: users
        identifier: seed_users
        overrides: {postgres: {schema: pg, identifier: u}}
      - name: orders
        schema: own
        loaded_at_field: at
";

    fn load(text: &str, engine: &str) -> (Sources, Vec<String>) {
        let file = YamlFile::new("sources.yml", text);
        let sources = read(&file, Some(engine));
        (sources, file.into_problems().iter().map(ToString::to_string).collect())
    }

    fn names(sources: &Sources) -> Vec<String> {
        let part = |part: &Option<String>| part.clone().unwrap_or("-".into());
        sources.values().map(|t| format!("{}.{}.{}", part(&t.catalog), part(&t.schema), t.identifier)).collect()
    }

    #[test]
    fn tables_inherit_and_overrides_apply() {
        let (duckdb, problems) = load(TEXT, "duckdb");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(names(&duckdb), ["-.own.orders", "-.main.seed_users"]);
        let (postgres, _) = load(TEXT, "postgres");
        assert_eq!(names(&postgres), ["lake.own.orders", "lake.pg.u"]);
        let users = &duckdb[&("raw".to_string(), "users".to_string())];
        assert_eq!(users.description.as_deref(), Some("All of it"));
        assert!(users.freshness.is_some());
        assert_eq!((users.at.line, users.at.column), (11, 9));
    }

    #[test]
    fn an_override_takes_away_what_the_rest_declares() {
        let text = "version: 2
sources:
  - name: raw
    tables:
      - name: a
        location: raw/a.csv
        overrides: {postgres: {location: null}}
      - name: b
        location: [raw/b1.csv, raw/b2.csv]
        overrides: {postgres: {location: ~, schema: lake}}
";
        let places = |engine: &str| -> Vec<(Vec<String>, Option<String>)> {
            let (sources, problems) = load(text, engine);
            assert!(problems.is_empty(), "{problems:?}");
            sources.into_values().map(|table| (table.location, table.schema)).collect()
        };
        let texts = |all: &[&str]| all.iter().map(|text| text.to_string()).collect::<Vec<_>>();
        let files = [(texts(&["raw/a.csv"]), None), (texts(&["raw/b1.csv", "raw/b2.csv"]), None)];
        assert_eq!(places("duckdb"), files);
        assert_eq!(places("postgres"), [(Vec::new(), None), (Vec::new(), Some("lake".into()))]);
    }

    #[test]
    fn slips_are_told() {
        let text = "version: 1\nsources:\n  - name: raw\n    tables:\n      - name: a\n      - name: a\n        identifer: b\n    overrides: {duckbd: {}}\n";
        let (_, problems) = load(text, "duckdb");
        let first: Vec<_> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
        assert_eq!(
            first,
            [
                "error[bad-version]: sources.yml has version 1, only 2 is known",
                "error[duplicate-name]: source table `raw.a` is declared twice, first in line 5",
                "error[unknown-key]: unknown key `identifer` in source table `raw.a`",
                "error[unknown-engine]: unknown engine `duckbd` in `overrides` of source `raw`",
            ]
        );
        assert!(problems[2].ends_with("hint: did you mean `identifier`?"), "{}", problems[2]);
        assert!(load("sources: []\n", "duckdb").1[0].contains("sources.yml has no version"));
    }
}

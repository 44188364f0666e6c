//! sources.yml.
//!
//! Takes the file and the profile's engine, gives one [`SourceTable`] a table. The most specific word wins: the table's
//! override for the engine, then that for all, the table, the group's override for the engine, then that for all, the group.

use super::SourceTable;
use super::fields::Fields;
use super::format::{ENGINES, is_spelling};
use super::freshness::SaidFreshness;
use super::said::Said;
use super::test::{On, TableName, read as read_tests};
use super::yaml::{Entry, Node, Yaml, YamlFile};
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
    let known = |version: Value| version == 1 || version == 2;
    match fields.node("version") {
        None => fields.file.report(fields.at, Diagnostic::new("bad-version", "sources.yml has no version").hint(hint)),
        Some(node) if known(node.json()) => {}
        Some(node) => {
            let message = format!("sources.yml has version {}, known are 1 and 2", node.json());
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
    let meta = fields.json("meta");
    let base = Place::read(&mut fields, false);
    let inherited = overrides(&mut fields, engine, false).or(base);
    for node in fields.list("tables") {
        let group = name.as_deref().unwrap_or_default();
        let Some(table) = table(
            file,
            group,
            node,
            engine,
            &Group { place: &inherited, description: description.as_deref(), meta: meta.as_ref() },
        ) else {
            continue;
        };
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
    inherited: &Group<'_>,
) -> Option<SourceTable> {
    let mut fields = Fields::new(file, format!("a table of source `{group}`"), node)?;
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("source table `{group}.{name}`");
    }
    let description = fields.text("description").or(inherited.description.map(String::from));
    let meta = fields.json("meta").or(inherited.meta.cloned());
    let subject = TableName::Source(group.into(), name.clone().unwrap_or_default());
    read_tests(&mut fields, &On { table: Some(subject.clone()), column: None });
    let columns = columns(&mut fields, &subject);
    let own = Place::read(&mut fields, true);
    let place = overrides(&mut fields, engine, true).or(own).or(inherited.place.clone());
    fields.finish();
    let name = name?;
    let location = place.location.value().unwrap_or_default();
    let options = place.options.value().unwrap_or_default();
    if location.is_empty() && !options.is_empty() {
        let message = format!("`options` say how files are read, and `{group}.{name}` has no `location`");
        file.problem(node.at, "bad-value", message);
    }
    Some(SourceTable {
        group: group.to_string(),
        identifier: place.identifier.value().unwrap_or_else(|| name.clone()),
        table: name,
        schema: place.schema.value(),
        catalog: place.catalog.value(),
        location,
        format: place.format.value(),
        options,
        meta,
        columns,
        description,
        loaded_at_field: place.loaded_at_field.value(),
        loaded_at_query: place.loaded_at_query.value(),
        freshness: place.freshness.value(),
        at: file.location(node.at),
    })
}

/// What a table inherits from its group.
struct Group<'a> {
    place: &'a Place,
    description: Option<&'a str>,
    meta: Option<&'a Value>,
}

/// What a group, a table and an override may say.
#[derive(Clone, Default)]
struct Place {
    identifier: Said<String>,
    schema: Said<String>,
    catalog: Said<String>,
    location: Said<Vec<String>>,
    format: Said<String>,
    options: Said<BTreeMap<String, Value>>,
    loaded_at_field: Said<String>,
    loaded_at_query: Said<String>,
    freshness: SaidFreshness,
}

impl Place {
    fn read(fields: &mut Fields<'_>, identifier: bool) -> Place {
        Place {
            identifier: if identifier { text(fields, "identifier") } else { Said::Nothing },
            schema: one_of(fields, ["schema", "dataset"]),
            catalog: one_of(fields, ["catalog", "database", "project"]),
            location: locations(fields),
            format: text(fields, "format"),
            options: options(fields),
            loaded_at_field: text(fields, "loaded_at_field"),
            loaded_at_query: text(fields, "loaded_at_query"),
            freshness: SaidFreshness::read(fields),
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
            options: self.options.or(other.options),
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

/// The value of a key that has several names.
fn one_of<const N: usize>(fields: &mut Fields<'_>, keys: [&'static str; N]) -> Said<String> {
    let mut first: Option<(&str, Said<String>)> = None;
    for key in keys {
        let at = fields.node(key).map(|node| node.at);
        match (text(fields, key), &first, at) {
            (Said::Nothing, ..) => {}
            (said, None, _) => first = Some((key, said)),
            (_, Some((first, Said::Value(_))), Some(at)) => {
                fields.file.problem(at, "bad-value", format!("`{first}` and `{key}` are the same: give one"));
            }
            _ => {}
        }
    }
    first.map_or(Said::Nothing, |(_, said)| said)
}

/// How files are read: values without structure.
fn options(fields: &mut Fields<'_>) -> Said<BTreeMap<String, Value>> {
    let entries = fields.entries("options");
    let mut found = BTreeMap::new();
    for entry in entries {
        let value = entry.value.json();
        if value.is_object() || value.is_array() || value.is_null() {
            let message = format!("the option `{}` must be text, a number or true or false", entry.key);
            fields.file.problem(entry.value.at, "wrong-type", message);
        } else {
            found.insert(entry.key.clone(), value);
        }
    }
    Said::of(fields, "options", (!found.is_empty()).then_some(found))
}

/// What is said of columns: `columns: [{name: id, description: Number}]`, or `columns: {id: Number}`.
fn columns(fields: &mut Fields<'_>, table: &TableName) -> Vec<(String, Option<String>)> {
    let file = fields.file;
    let Some(node) = fields.node("columns") else { return Vec::new() };
    if let Yaml::Map(entries) = &node.value {
        let text = |node: &Node| node.json().as_str().map(String::from);
        return entries.iter().map(|entry| (entry.key.clone(), text(&entry.value))).collect();
    }
    let mut found = Vec::new();
    for node in fields.list("columns") {
        let Some(mut column) = Fields::new(file, "a column of a source table", node) else { continue };
        let (name, description) = (column.required("name"), column.text("description"));
        let on = On { table: Some(table.clone()), column: Some(name.as_deref().unwrap_or_default()) };
        read_tests(&mut column, &on);
        column.finish();
        found.extend(name.map(|name| (name, description)));
    }
    found
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

/// Names of an override for all engines.
const ALL: [&str; 3] = ["any", "default", "*"];

/// Checks `overrides:` of every engine and gives the one of `engine`, with those for all behind it.
fn overrides(fields: &mut Fields<'_>, engine: Option<&str>, identifier: bool) -> Place {
    let mut chosen = Place::default();
    let mut general = ALL.map(|_| Place::default());
    for Entry { key, at, value } in fields.entries("overrides") {
        let for_all = ALL.iter().position(|name| name == key);
        if for_all.is_none() && !ENGINES.contains(&key.as_str()) {
            let message = format!("unknown engine `{key}` in `overrides` of {}", fields.owner);
            let mut problem = Diagnostic::new("unknown-engine", message);
            problem.hints.extend(did_you_mean(key, ENGINES));
            fields.file.report(*at, problem);
        }
        let owner = format!("override `{key}` of {}", fields.owner);
        if value.is_null() {
            continue;
        }
        let Some(mut own) = Fields::new(fields.file, owner, value) else { continue };
        let place = Place::read(&mut own, identifier);
        own.finish();
        match for_all {
            Some(at) => general[at] = place,
            None if engine.is_some_and(|engine| is_spelling(key, engine)) => chosen = place,
            None => {}
        }
    }
    general.into_iter().fold(chosen, Place::or)
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
        assert_eq!(users.freshness.as_ref().unwrap().warn_after.unwrap().seconds(), 86_400);
        assert_eq!((users.at.line, users.at.column), (11, 9));
    }

    #[test]
    fn each_limit_is_inherited_by_itself() {
        let text = "version: 2
sources:
  - name: raw
    freshness:
      warn_after: {count: 6, period: hour}
      error_after: {count: 2, period: day}
    tables:
      - {name: a, freshness: {warn_after: {count: 30, period: minute}}}
      - {name: b, freshness: {error_after: null, loaded_at_field: at}}
      - {name: c, freshness: null}
      - {name: d, freshness: {max_delay_minutes: 5, warn_after: ~}}
";
        let (sources, problems) = load(text, "duckdb");
        assert!(problems.is_empty(), "{problems:?}");
        let limits: Vec<_> = sources
            .values()
            .map(|table| {
                let limits = table.freshness.clone()?;
                let seconds = |age: Option<crate::project::Age>| age.map(crate::project::Age::seconds);
                Some((seconds(limits.warn_after), seconds(limits.error_after), limits.loaded_at_field))
            })
            .collect();
        let of = |warn, error, field: Option<&str>| Some((warn, error, field.map(String::from)));
        let expected =
            [of(Some(1_800), Some(172_800), None), of(Some(21_600), None, Some("at")), None, of(None, Some(300), None)];
        assert_eq!(limits, expected);
    }

    #[test]
    fn slips_in_limits_are_told() {
        let text = "version: 2
sources:
  - name: raw
    freshness: {warn_after: {count: 0, period: hours}, error_afer: {count: 1}, error_after: {period: day}}
    tables: [{name: a, freshness: 5}]
";
        let (_, problems) = load(text, "duckdb");
        let first: Vec<&str> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
        let expected = [
            "error[wrong-type]: `count` of `warn_after` of `freshness` of source `raw` must be a whole number of at least 1, found 0",
            "error[bad-value]: `period` is minute, hour or day, not `hours`",
            "error[unknown-key]: unknown key `error_afer` in `freshness` of source `raw`",
            "error[missing-key]: `error_after` of `freshness` of source `raw` has no `count`",
            "error[wrong-type]: `freshness` of source table `raw.a` must be a mapping, found a number",
        ];
        assert_eq!(first, expected);
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
    fn every_key_of_existing_projects_is_read() {
        let text = "version: 1
sources:
  - name: raw
    project: lake
    dataset: landing
    meta: {owner: me}
    overrides: {'*': {schema: all}, any: {format: csv}, postgres: {schema: own}}
    tables:
      - name: a
        columns: [{name: id, description: Number}]
        meta: {owner: you}
        location: a.txt
        options: {header: true, sep: ';', skip: 1}
      - name: b
        columns: {id: Number, name: }
        overrides: {default: {identifier: b1}}
";
        let (duckdb, problems) = load(text, "duckdb");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(names(&duckdb), ["lake.all.a", "lake.all.b1"]);
        assert_eq!(names(&load(text, "postgres").0), ["lake.own.a", "lake.own.b1"]);
        let table = |name: &str| duckdb[&("raw".to_string(), name.to_string())].clone();
        let (a, b) = (table("a"), table("b"));
        assert_eq!(serde_json::json!(a.options), serde_json::json!({"header": true, "sep": ";", "skip": 1}));
        assert_eq!((a.format.as_deref(), a.meta.unwrap()["owner"].as_str()), (Some("csv"), Some("you")));
        assert_eq!(b.meta.unwrap()["owner"], "me");
        assert_eq!(a.columns, [("id".to_string(), Some("Number".to_string()))]);
        assert_eq!(b.columns, [("id".to_string(), Some("Number".to_string())), ("name".into(), None)]);
        let wrong = "version: 2\nsources:\n  - name: raw\n    schema: x\n    dataset: y\n    tables: [{name: a, options: {a: 1}}]\n";
        let told = load(wrong, "duckdb").1;
        assert!(told[0].contains("`schema` and `dataset` are the same: give one"), "{told:?}");
        assert!(told[1].contains("`options` say how files are read, and `raw.a` has no `location`"), "{told:?}");
    }

    #[test]
    fn slips_are_told() {
        let text = "version: 3\nsources:\n  - name: raw\n    tables:\n      - name: a\n      - name: a\n        identifer: b\n    overrides: {duckbd: {}}\n";
        let (_, problems) = load(text, "duckdb");
        let first: Vec<_> = problems.iter().map(|problem| problem.lines().next().unwrap()).collect();
        assert_eq!(
            first,
            [
                "error[bad-version]: sources.yml has version 3, known are 1 and 2",
                "error[duplicate-name]: source table `raw.a` is declared twice, first in line 5",
                "error[unknown-key]: unknown key `identifer` in source table `raw.a`",
                "error[unknown-engine]: unknown engine `duckbd` in `overrides` of source `raw`",
            ]
        );
        assert!(problems[2].ends_with("hint: did you mean `identifier`?"), "{}", problems[2]);
        assert!(load("sources: []\n", "duckdb").1[0].contains("sources.yml has no version"));
    }
}

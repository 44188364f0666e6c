//! Reads the labelled queries and the relations that they stand on.
#![expect(clippy::disallowed_methods, reason = "labels are files of this checkout")]

use super::super::*;
use crate::dialect::{Dialect, LetterCase};
use std::path::Path;

#[derive(Debug)]
pub struct Case {
    pub file: String,
    pub title: String,
    pub sql: String,
    pub columns: Vec<(String, Label)>,
}

#[derive(Clone, Debug, Default)]
pub struct Label {
    pub known: bool,
    /// Known, with a filter that isn't.
    pub doubt: bool,
    /// Kinds by `node.column`.
    pub edges: BTreeMap<String, Kind>,
}

impl Label {
    pub fn has_reason(&self) -> bool {
        !self.known || self.doubt
    }
}

/// Of DuckDB in the folder itself, of other engines each in one of its own.
fn folder(engine: &str) -> std::path::PathBuf {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lineage");
    if engine == "duckdb" { all } else { all.join(engine) }
}

pub fn ddl(engine: &str) -> String {
    std::fs::read_to_string(folder(engine).join("relations.sql")).unwrap()
}

/// Every case of every file of an engine, in the order of names.
pub fn cases(engine: &str) -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(folder(engine)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.is_file() && !file.ends_with("relations.sql")) {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        all.extend(text.split("-- case: ").skip(1).map(|case| read(&name, case)));
    }
    all
}

fn read(file: &str, text: &str) -> Case {
    let (title, rest) = text.split_once('\n').unwrap();
    let (sql, labels): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| !is_label(line));
    let mut columns: Vec<(String, Label)> = Vec::new();
    let mut everywhere = Label::default();
    for line in labels {
        let (name, edges) = line.trim_start_matches("-- ").split_once("<-").unwrap();
        let label = label(edges);
        match name.trim() {
            "*" => everywhere = label,
            name => columns.push((name.into(), label)),
        }
    }
    for (_, label) in &mut columns {
        for (column, kind) in &everywhere.edges {
            label.edges.entry(column.clone()).or_insert(*kind);
        }
    }
    Case { file: file.into(), title: title.into(), sql: sql.join("\n").trim().into(), columns }
}

fn is_label(line: &str) -> bool {
    line.starts_with("-- ") && line.contains(" <-")
}

fn label(text: &str) -> Label {
    let mut label = Label { known: true, ..Label::default() };
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once(' ') {
            None if part == "unknown" => label.known = false,
            None if part == "doubt" => label.doubt = true,
            Some((kind, column)) => {
                let kind: Kind = serde_json::from_value(kind.into()).expect(part);
                label.edges.insert(column.into(), kind);
            }
            None => panic!("what is `{part}`?"),
        }
    }
    label
}

/// The relations of relations.sql under the names that queries may use; an open one is a source.
pub fn relations(dialect: &dyn Dialect) -> Relations {
    let grammar = dialect.grammar();
    let mut all = Relations::new();
    for line in ddl(dialect.name()).lines().filter_map(|line| line.strip_prefix("create table ")) {
        let (name, columns) = line.split_once(" (").unwrap();
        let node = name.replace('"', "");
        let parts: Vec<String> = node.split('.').map(|part| grammar.known_relation(part)).collect();
        let relation = if line.ends_with("-- open") {
            Relation { node: format!("source:{node}").into(), columns: Columns::Some(Vec::new()) }
        } else {
            let columns = names(columns).iter().map(|name| in_catalog(grammar, name)).collect();
            Relation { node: node.into(), columns: Columns::All(columns) }
        };
        if let [name] = parts.as_slice() {
            all.insert(vec![grammar.known_relation("main"), name.clone()], relation.clone());
        }
        all.insert(parts, relation);
    }
    let ephemeral = Relation { node: "eph".into(), columns: Columns::All(vec!["id".into(), "name".into()]) };
    all.insert(vec![grammar.known_relation("__ff_eph")], ephemeral);
    all
}

/// A column's name as the engine's catalog has it.
fn in_catalog(grammar: &Grammar, name: &str) -> String {
    if grammar.letter_case == LetterCase::Raised { grammar.known(name) } else { name.into() }
}

/// Column names of `a integer, "b c" varchar, d struct(e integer, f integer));`
fn names(columns: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = vec![String::new()];
    for character in columns.chars() {
        match character {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ => {}
        }
        if depth < 0 {
            break;
        }
        if !(character == ',' && depth == 0) {
            names.last_mut().unwrap().push(character);
        }
    }
    let name = |column: String| match column.trim().strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap().to_string(),
        None => column.split_whitespace().next().unwrap().to_string(),
    };
    names.into_iter().map(name).collect()
}

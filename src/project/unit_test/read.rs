//! One file of unit tests.

use super::merged::{Said, SaidExpected, SaidInput};
use super::{Cell, CellTable, DIR, Rows, UnitCase};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::fields::Fields;
use crate::project::files::Files;
use crate::project::yaml::{Entry, Node, Place, Yaml, YamlFile};
use crate::syntax::csv::{Layout, Problem};
use std::collections::BTreeSet;

/// The cases of a file; what is wrong with it is among its problems.
pub fn cases(file: &YamlFile, files: &mut Files<'_>) -> Vec<UnitCase> {
    let Some(root) = file.parse() else { return Vec::new() };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return Vec::new() };
    let model_at = fields.node("model").map_or(fields.at, |node| node.at);
    let model = fields.required("model");
    let engine = fields.text("engine");
    let defaults = fields.fields("defaults").map(|fields| said(fields, files, None)).unwrap_or_default();
    let nodes = fields.list("cases");
    if nodes.is_empty() {
        file.problem(fields.at, "missing-key", format!("{} has no `cases`", file.path));
    }
    let mut names = BTreeSet::new();
    let mut found = Vec::new();
    for node in nodes {
        let Some(mut case) = Fields::new(file, "a case", node) else { continue };
        let Some(name) = case.required("name") else { continue };
        case.owner = format!("the case `{name}`");
        if !names.insert(name.clone()) {
            file.problem(node.at, "duplicate-name", format!("there are two cases `{name}`"));
        }
        let at = file.location(node.at);
        let merged = defaults.under(said(case, files, Some("name")));
        let mut inputs = std::collections::BTreeMap::new();
        for (input, said) in merged.inputs {
            let place = said.at.clone();
            match said.given() {
                Some(given) => drop(inputs.insert(input, given)),
                None => report(
                    file,
                    place,
                    format!("the input `{input}` of the case `{name}` has neither `rows` nor `csv`"),
                ),
            }
        }
        let Some(expect) = merged.expect.expected(&at) else {
            file.problem(node.at, "missing-key", format!("the case `{name}` expects neither `rows` nor `csv`"));
            continue;
        };
        let Some(model) = model.clone() else { continue };
        let (path, model_at, engine) = (file.path.clone(), file.location(model_at), engine.clone());
        found.push(UnitCase { path, name, at, model, model_at, engine, inputs, expect });
    }
    fields.finish();
    found
}

fn report(file: &YamlFile, at: Location, message: String) {
    file.report(Place { line: at.line, column: at.column }, Diagnostic::new("missing-key", message));
}

/// `inputs` and `expect` of `defaults` or of a case, beside the keys that are known.
fn said(mut fields: Fields<'_>, files: &mut Files<'_>, known: Option<&'static str>) -> Said {
    let mut said = Said::default();
    for Entry { key, at, value } in fields.entries("inputs") {
        if !value.is_null() {
            said.inputs.extend(input(fields.file, key, *at, value, files).map(|input| (key.clone(), input)));
        }
    }
    said.expect = fields.fields("expect").map(|fields| expected(fields, files)).unwrap_or_default();
    fields.finish_with(known.as_slice());
    said
}

fn input(file: &YamlFile, name: &str, at: Place, node: &Node, files: &mut Files<'_>) -> Option<SaidInput> {
    let mut fields = Fields::new(file, format!("the input `{name}`"), node)?;
    let mut types = Vec::new();
    let declared = fields.node("columns").is_some();
    for Entry { key, value, .. } in fields.entries("columns") {
        match &value.value {
            Yaml::Scalar { text, .. } if !value.is_null() => types.push((key.clone(), text.clone())),
            _ => file.problem(value.at, "wrong-type", format!("a column's type must be text, found {}", value.kind())),
        }
    }
    let inline = rows(&mut fields);
    let csv = csv(&mut fields, files);
    if let (Some(_), Some((_, _, place))) = (&inline, &csv) {
        file.problem(*place, "bad-value", format!("the input `{name}` has both `rows` and `csv`: give one"));
    }
    if inline.as_ref().is_some_and(|table| table.columns.is_empty()) && types.is_empty() {
        let message = format!("the input `{name}` has no row, and nothing tells its columns");
        let hint = "name them with their types: `columns: {id: integer}`";
        file.report(at, Diagnostic::new("missing-key", message).hint(hint));
    }
    fields.finish();
    let csv = csv.map(|(path, text, _)| Rows::Csv { file: files.root.join(&path), path, text });
    let rows = inline.map(Rows::Inline).or(csv);
    Some(SaidInput { at: file.location(at), rows, types: declared.then_some(types) })
}

fn expected(mut fields: Fields<'_>, files: &mut Files<'_>) -> SaidExpected {
    let file = fields.file;
    let located = |found: Vec<(String, Place)>| -> Vec<(String, Location)> {
        found.into_iter().map(|(text, at)| (text, file.location(at))).collect()
    };
    let at = fields.at;
    let place = fields.node("relation").map(|node| node.at);
    let relation = fields.text("relation").zip(place).map(|(name, at)| (name, file.location(at)));
    let inline = rows(&mut fields);
    let csv = csv(&mut fields, files);
    if let (Some(_), Some((_, _, place))) = (&inline, &csv) {
        file.problem(*place, "bad-value", "`expect` has both `rows` and `csv`: give one");
    }
    let table = inline.or_else(|| csv.and_then(|(path, text, place)| of_csv(file, &path, &text, place)));
    let mut approx = std::collections::BTreeMap::new();
    for Entry { key, value, .. } in fields.entries("approx") {
        match value.json().as_f64().filter(|by| *by >= 0.0) {
            Some(by) => drop(approx.insert(key.clone(), by)),
            None => file.problem(value.at, "wrong-type", format!("`approx` of `{key}` must be a number, 0 or more")),
        }
    }
    let given = |fields: &mut Fields<'_>, key| fields.node(key).is_some();
    let order_by = given(&mut fields, "order_by").then(|| located(fields.texts("order_by")));
    let ignored = given(&mut fields, "ignore_columns").then(|| fields.texts("ignore_columns"));
    let said = SaidExpected {
        at: Some(file.location(at)),
        relation,
        table,
        order_by,
        any_order: fields.flag("any_order"),
        approx,
        ignore_columns: ignored.map(|names| names.into_iter().map(|(name, _)| name).collect()),
        subset: fields.flag("subset"),
    };
    fields.finish();
    said
}

/// `rows`: a mapping of columns to values for each row.
fn rows(fields: &mut Fields<'_>) -> Option<CellTable> {
    fields.node("rows")?;
    let (file, owner) = (fields.file, fields.owner.clone());
    let mut found = Vec::new();
    for node in fields.list("rows") {
        let Yaml::Map(entries) = &node.value else {
            let message = format!("a row of {owner} must be a mapping of columns to values, found {}", node.kind());
            file.problem(node.at, "wrong-type", message);
            continue;
        };
        let cell = |entry: &Entry| (entry.key.clone(), file.location(entry.at), cell(file, &entry.key, &entry.value));
        found.push(entries.iter().map(cell).collect());
    }
    Some(CellTable::of(found))
}

fn cell(file: &YamlFile, column: &str, node: &Node) -> Cell {
    match &node.value {
        _ if node.is_null() => Cell::Null,
        Yaml::Scalar { text, plain: true } => Cell::Plain(text.clone()),
        Yaml::Scalar { text, plain: false } => Cell::Text(text.clone()),
        Yaml::List(_) | Yaml::Map(_) => {
            let message = format!("a value must be text, a number, true, false or null: `{column}` is {}", node.kind());
            file.problem(node.at, "wrong-type", message);
            Cell::Null
        }
    }
}

/// The file that `csv` names, from the folder of the YAML file or from the project's, with its text.
fn csv(fields: &mut Fields<'_>, files: &mut Files<'_>) -> Option<(String, String, Place)> {
    let at = fields.node("csv")?.at;
    let given = fields.text("csv")?;
    let folder = fields.file.path.rsplit_once('/').map_or(DIR, |(folder, _)| folder);
    let places = [normal(&format!("{folder}/{given}")), normal(&given)];
    let there = places.into_iter().flatten().find(|path| files.world.exists(&files.root.join(path)));
    let Some(path) = there else {
        let problem = Diagnostic::new("missing-file", format!("there is no file `{given}`"));
        let hint = format!("it is looked for in {folder}/, then in the project's folder");
        fields.file.report(at, problem.hint(hint));
        return None;
    };
    let text = files.text(&path)?;
    Some((path, text, at))
}

/// The path without `.` and `..`; `None` for one that leads out of the project.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!path.starts_with('/')).then(|| parts.join("/"))
}

/// The table of a CSV file; an empty value is null.
fn of_csv(file: &YamlFile, path: &str, text: &str, place: Place) -> Option<CellTable> {
    let source = text.as_bytes();
    let wrong = |problem: Problem| {
        let message = match problem {
            Problem::Io(error) => format!("{path} can't be read: {error}"),
            Problem::Text { line: Some(line), message, .. } => format!("{path}:{line}: {message}"),
            Problem::Text { line: None, message, .. } => format!("{path} {message}"),
        };
        file.problem(place, "bad-value", message);
    };
    let read = || -> Result<CellTable, Problem> {
        let layout = Layout::of(&source, None)?;
        let at = Location::new(path, 1, 1);
        let columns = layout.columns.iter().map(|name| (name.clone(), at.clone())).collect();
        let mut rows = Vec::new();
        for record in layout.records(&source)?.into_records() {
            let record = record.map_err(crate::syntax::csv::unexpected)?;
            let cell = |value: &str| if value.is_empty() { Cell::Null } else { Cell::Csv(value.to_string()) };
            rows.push(record.iter().map(cell).collect());
        }
        Ok(CellTable { columns, rows })
    };
    read().map_err(wrong).ok()
}

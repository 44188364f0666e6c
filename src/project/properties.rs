//! `models/**/*.yml`: what people say of models.
//!
//! Takes one file, adds to the [`Properties`] of all, by the name they were declared for. Whether a model has that name
//! is the graph's to know.

use super::fields::Fields;
use super::test::{On, TableName, read as read_tests};
use super::yaml::{Node, Place, Yaml, YamlFile};
use super::{ColumnProperties, DeclaredColumn, DeclaredLineage, Properties, setting};
use crate::diagnostic::Diagnostic;
use std::collections::BTreeMap;

/// Reads one property file into `all`.
pub(super) fn read(file: &YamlFile, all: &mut BTreeMap<String, Properties>) {
    let Some(root) = file.parse() else { return };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return };
    if let Some(node) = fields.node("version").filter(|node| node.json() != 2) {
        file.problem(node.at, "bad-version", format!("{} has version {}, only 2 is known", file.path, node.json()));
    }
    for node in fields.list("models") {
        let Some((name, properties)) = model(file, node) else { continue };
        match all.get(&name).and_then(|first| first.at.as_ref()) {
            None => drop(all.insert(name, properties)),
            Some(first) => {
                file.problem(node.at, "duplicate-name", format!("model `{name}` is described twice, first at {first}"));
            }
        }
    }
    fields.finish();
}

fn model(file: &YamlFile, node: &Node) -> Option<(String, Properties)> {
    let mut fields = Fields::new(file, "a model", node)?;
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("model `{name}`");
    }
    let table = TableName::Plain(name.clone().unwrap_or_default());
    let properties = Properties {
        description: fields.text("description"),
        tags: fields.texts("tags").into_iter().map(|(tag, _)| tag).collect(),
        meta: fields.json("meta"),
        tests: read_tests(&mut fields, &On { table: Some(table.clone()), column: None }),
        columns: columns(&mut fields, &table),
        settings: setting::of_model(&mut fields),
        at: Some(file.location(node.at)),
    };
    fields.finish();
    Some((name?, properties))
}

fn columns(parent: &mut Fields<'_>, table: &TableName) -> Vec<ColumnProperties> {
    let mut columns: Vec<ColumnProperties> = Vec::new();
    for node in parent.list("columns") {
        let Some(mut fields) = Fields::new(parent.file, format!("a column of {}", parent.owner), node) else {
            continue;
        };
        let name = fields.required("name");
        let on = On { table: Some(table.clone()), column: Some(name.as_deref().unwrap_or_default()) };
        let (description, tests) = (fields.text("description"), read_tests(&mut fields, &on));
        let lineage = lineage(&mut fields, name.as_deref().unwrap_or_default());
        fields.finish();
        let Some(name) = name else { continue };
        if columns.iter().any(|column| column.name == name) {
            let message = format!("column `{name}` of {} is described twice", parent.owner);
            parent.file.problem(node.at, "duplicate-name", message);
            continue;
        }
        let at = Some(parent.file.location(node.at));
        columns.push(ColumnProperties { name, at, description, tests, lineage });
    }
    columns
}

/// `lineage: [stg_users.user_id]`, or by kind: `lineage: {direct: stg_users.user_id, filter: [stg_users.active]}`. A list
/// says `derived`.
fn lineage(column: &mut Fields<'_>, name: &str) -> Option<DeclaredLineage> {
    let node = column.node("lineage")?;
    let file = column.file;
    let read =
        |texts: Vec<(String, Place)>| texts.into_iter().filter_map(|(text, at)| reference(file, &text, at)).collect();
    if !matches!(node.value, Yaml::Map(_)) {
        return Some(DeclaredLineage { derived: read(column.texts("lineage")), ..DeclaredLineage::default() });
    }
    let mut kinds = Fields::new(file, format!("`lineage` of column `{name}`"), node)?;
    let found = DeclaredLineage {
        direct: read(kinds.texts("direct")),
        derived: read(kinds.texts("derived")),
        aggregate: read(kinds.texts("aggregate")),
        filter: read(kinds.texts("filter")),
    };
    kinds.finish();
    Some(found)
}

/// `node.column`; a node's name may have dots of its own.
fn reference(file: &YamlFile, text: &str, at: Place) -> Option<DeclaredColumn> {
    match text.rsplit_once('.').filter(|(node, column)| !node.is_empty() && !column.is_empty()) {
        Some((node, column)) => {
            Some(DeclaredColumn { node: node.into(), column: column.into(), at: file.location(at) })
        }
        None => {
            let message = format!("`{text}` is no column of a node");
            let hint = "write `model.column`, `seed.column` or `source:group.table.column`";
            file.report(at, Diagnostic::new("bad-lineage", message).hint(hint));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_columns_and_tests_are_read() {
        let text = "version: 2\nmodels:\n  - name: a.ff\n    description: A\n    tags: [x, y]\n    meta: {owner: me}\n    \
            tests: [{unique: {column: id}}]\n    columns:\n      - {name: id, description: Key, tests: [not_null]}\n      - {name: id}\n";
        let file = YamlFile::new("models/a.yml", text);
        let mut all = BTreeMap::new();
        read(&file, &mut all);
        let again = YamlFile::new("models/b.yml", "models: [{name: a.ff, descripton: B}]\n");
        read(&again, &mut all);
        let a = &all["a.ff"];
        assert_eq!((a.description.as_deref(), a.tags.len(), a.tests.len()), (Some("A"), 2, 1));
        assert_eq!(a.meta, Some(serde_json::json!({"owner": "me"})));
        let key = ColumnProperties {
            name: "id".into(),
            at: Some(crate::diagnostic::Location::new("models/a.yml", 9, 9)),
            description: Some("Key".into()),
            tests: vec!["not_null".into()],
            lineage: None,
        };
        assert_eq!(a.columns, [key]);
        let messages =
            |file: YamlFile| file.into_problems().into_iter().map(|problem| problem.message).collect::<Vec<_>>();
        assert_eq!(messages(file), ["column `id` of model `a.ff` is described twice"]);
        assert_eq!(
            messages(again),
            ["model `a.ff` is described twice, first at models/a.yml:3:5", "unknown key `descripton` in model `a.ff`"]
        );
    }

    #[test]
    fn lineage_is_read_with_its_slips() {
        let text = "models:\n  - name: a\n    columns:\n      - {name: x, lineage: [b.c, source:g.t.d]}\n      \
            - {name: y, lineage: {direct: b.ff.c, agregate: b.c, filter: [c]}}\n      - {name: z, lineage: []}\n";
        let file = YamlFile::new("models/a.yml", text);
        let mut all = BTreeMap::new();
        read(&file, &mut all);
        let lineage = |at: usize| all["a"].columns[at].lineage.clone().unwrap();
        let pairs = |columns: &[DeclaredColumn]| -> Vec<String> {
            columns.iter().map(|column| format!("{} {}", column.node, column.column)).collect()
        };
        assert_eq!(pairs(&lineage(0).derived), ["b c", "source:g.t d"]);
        assert_eq!(pairs(&lineage(1).direct), ["b.ff c"]);
        assert_eq!(lineage(2), DeclaredLineage::default());
        let problems: Vec<String> = file.into_problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("unknown key `agregate` in `lineage` of column `y`"), "{}", problems[0]);
        assert!(problems[0].contains("did you mean `aggregate`?"), "{}", problems[0]);
        assert!(problems[1].contains("`c` is no column of a node\n  --> models/a.yml:5:"), "{}", problems[1]);
    }
}

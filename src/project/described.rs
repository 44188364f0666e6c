//! `docs.models` of project.yml: what it says of models and their columns, beside the YAML of the models.

use super::fields::Fields;
use super::yaml::{Yaml, YamlFile};
use super::{ColumnProperties, Properties};
use crate::name::look_up;
use std::collections::BTreeMap;

/// Reads `models` of `docs`.
pub(super) fn read(docs: &mut Fields<'_>) -> BTreeMap<String, Properties> {
    let file = docs.file;
    let mut found = BTreeMap::new();
    for entry in docs.entries("models") {
        if entry.value.is_null() {
            continue;
        }
        let Some(mut fields) = Fields::new(file, format!("`docs.models.{}`", entry.key), &entry.value) else {
            continue;
        };
        let properties = Properties {
            description: fields.text("description"),
            columns: columns(file, &mut fields),
            at: Some(file.location(entry.at)),
            ..Properties::default()
        };
        fields.finish();
        found.insert(entry.key.clone(), properties);
    }
    found
}

/// `columns: {id: Number}`, or `columns: {id: {description: Number}}`.
fn columns(file: &YamlFile, parent: &mut Fields<'_>) -> Vec<ColumnProperties> {
    let mut columns = Vec::new();
    for entry in parent.entries("columns") {
        let description = match &entry.value.value {
            Yaml::Scalar { .. } if entry.value.is_null() => None,
            Yaml::Scalar { text, .. } => Some(text.clone()),
            _ => {
                let Some(mut fields) = Fields::new(file, format!("column `{}`", entry.key), &entry.value) else {
                    continue;
                };
                let description = fields.text("description");
                fields.finish();
                description
            }
        };
        let at = Some(file.location(entry.at));
        columns.push(ColumnProperties { name: entry.key.clone(), at, description, ..ColumnProperties::default() });
    }
    columns
}

/// Adds to what the models' own YAML says, which wins.
pub(super) fn add(described: BTreeMap<String, Properties>, all: &mut BTreeMap<String, Properties>) {
    for (name, more) in described {
        let known = look_up(&name, |name| all.contains_key(name).then(|| name.to_string()));
        let Some(known) = known.and_then(|name| all.get_mut(&name)) else {
            all.insert(name, more);
            continue;
        };
        known.description = known.description.take().or(more.description);
        for column in more.columns {
            match known.columns.iter_mut().find(|one| one.name == column.name) {
                Some(one) => one.description = one.description.take().or(column.description),
                None => known.columns.push(column),
            }
        }
    }
}

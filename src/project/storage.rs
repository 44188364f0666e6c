//! `models.storage` and `seeds.storage` of project.yml: how the tables of single nodes are stored.
//!
//! Takes a section, gives for each name the mapping that `config()` would take. What an engine makes of it is the graph's
//! and the engine's matter.

use super::Declared;
use super::fields::Fields;
use super::yaml::Yaml;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Reads `storage` of a section.
pub(super) fn read(section: &mut Fields<'_>) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::new();
    for entry in section.entries("storage") {
        let Some(mut fields) = Fields::new(section.file, format!("`storage` of `{}`", entry.key), &entry.value) else {
            continue;
        };
        let mut value = Map::new();
        for key in ["path", "format"] {
            value.extend(fields.text(key).map(|text| (key.to_string(), text.into())));
        }
        let options = options(&mut fields);
        if !options.is_empty() {
            value.insert("options".into(), options.into());
        }
        fields.finish();
        if value.is_empty() {
            let message = format!("`storage` of `{}` says nothing", entry.key);
            section.file.problem(entry.value.at, "missing-key", message);
            continue;
        }
        let at = section.file.location(entry.at);
        found.insert(entry.key.clone(), Declared { value: value.into(), at });
    }
    found
}

/// Values as they are written: a format knows what it makes of them.
fn options(fields: &mut Fields<'_>) -> Map<String, Value> {
    let entries = fields.entries("options");
    let mut found = Map::new();
    for entry in entries {
        match &entry.value.value {
            Yaml::Scalar { text, .. } if !entry.value.is_null() => {
                found.insert(entry.key.clone(), text.clone().into());
            }
            _ => {
                let message = format!("the option `{}` must be text, found {}", entry.key, entry.value.kind());
                fields.file.problem(entry.value.at, "wrong-type", message);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::YamlFile;
    use serde_json::json;

    #[test]
    fn each_table_has_path_format_and_options() {
        let text = "storage:\n  a.ff: {path: /d/a, format: delta}\n  b: {format: csv, options: {header: true, sep: ';'}}\n  \
                    c: {pth: x}\n  d: x\n  e: {options: {a: [1]}}\n";
        let file = YamlFile::new("project.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "`models`", &root).unwrap();
        let found = read(&mut fields);
        fields.finish();
        let values: Vec<_> = found.iter().map(|(name, declared)| (name.as_str(), declared.value.clone())).collect();
        assert_eq!(
            values,
            [
                ("a.ff", json!({"path": "/d/a", "format": "delta"})),
                ("b", json!({"format": "csv", "options": {"header": "true", "sep": ";"}}))
            ]
        );
        assert_eq!(found["b"].at.to_string(), "project.yml:3:3");
        let messages: Vec<_> = file.into_problems().into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            messages,
            [
                "`storage` of `c` says nothing",
                "unknown key `pth` in `storage` of `c`",
                "`storage` of `d` must be a mapping, found text",
                "`storage` of `e` says nothing",
                "the option `a` must be text, found a list",
            ]
        );
    }
}

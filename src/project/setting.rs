//! What is to be set at relations beside their rows, as project.yml and property files declare it.
//!
//! `models.indexes`, `models.grants`, `models.persist_docs` and the same of `seeds`: a mapping by a node's name, or `*` for
//! every one; in a property file the keys stand in a model's `config`. Gives each value as `config()` would take it: what is
//! right is the graph's to know.

use super::Declared;
use super::fields::Fields;
use std::collections::BTreeMap;

/// The keys, as `config()` has them too.
pub const SETTING_KEYS: [&str; 3] = ["grants", "indexes", "persist_docs"];
/// Stands for every node.
pub const EVERY: &str = "*";

/// By key, then by a node's name.
pub type DeclaredSettings = BTreeMap<String, BTreeMap<String, Declared>>;

/// Reads a section of project.yml.
pub(super) fn by_name(section: &mut Fields<'_>) -> DeclaredSettings {
    let mut found = DeclaredSettings::new();
    for key in SETTING_KEYS {
        let named: BTreeMap<String, Declared> = section
            .entries(key)
            .iter()
            .map(|entry| {
                let at = section.file.location(entry.at);
                (entry.key.clone(), Declared { value: entry.value.json(), at })
            })
            .collect();
        if !named.is_empty() {
            found.insert(key.into(), named);
        }
    }
    found
}

/// Reads `config` of a model in a property file: by key.
pub(super) fn of_model(model: &mut Fields<'_>) -> BTreeMap<String, Declared> {
    let Some(mut config) = model.fields("config") else { return BTreeMap::new() };
    config.owner = format!("`config` of {}", model.owner);
    let read = |key: &'static str| {
        let node = config.node(key)?;
        Some((key.to_string(), Declared { value: node.json(), at: config.file.location(node.at) }))
    };
    let found = SETTING_KEYS.into_iter().filter_map(read).collect();
    config.finish();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::YamlFile;
    use serde_json::json;

    #[test]
    fn a_section_has_them_by_key_and_name_and_a_model_by_key() {
        let text =
            "grants: {a.ff: {select: r}, '*': {select: [s]}}\nindexes:\n  a:\n    - columns: [x]\n      unique: true\n";
        let file = YamlFile::new("project.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "`models`", &root).unwrap();
        let found = by_name(&mut fields);
        fields.finish();
        assert_eq!(found["grants"]["*"].value, json!({"select": ["s"]}));
        assert_eq!(found["grants"]["a.ff"].value, json!({"select": "r"}));
        assert_eq!(found["indexes"]["a"].value, json!([{"columns": ["x"], "unique": true}]));
        assert_eq!(found["indexes"]["a"].at.to_string(), "project.yml:3:3");
        assert!(!found.contains_key("persist_docs"));
        assert!(file.into_problems().is_empty());

        let text = "config: {persist_docs: {relation: true}, grant: {}}\n";
        let file = YamlFile::new("models/a.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "model `a`", &root).unwrap();
        let found = of_model(&mut fields);
        assert_eq!(found["persist_docs"].value, json!({"relation": true}));
        let told: Vec<String> = file.into_problems().iter().map(|problem| problem.message.clone()).collect();
        assert_eq!(told, ["unknown key `grant` in `config` of model `a`"]);
    }
}

//! `models.snapshot` of project.yml: how single snapshots keep the versions of their rows.
//!
//! Takes the section, gives for each name the mapping that `config()` would take, its values as they are written: what they
//! may be is the graph's matter, which tells it for both places alike.

use super::Declared;
use super::fields::Fields;
use serde_json::Map;
use std::collections::BTreeMap;

/// What may be said of a snapshot.
const KEYS: [&str; 5] = ["strategy", "updated_at", "check_cols", "hard_deletes", "unique_key"];

/// Reads `snapshot` of the section.
pub(super) fn read(section: &mut Fields<'_>) -> BTreeMap<String, Declared> {
    let mut found = BTreeMap::new();
    for entry in section.entries("snapshot") {
        let Some(mut fields) = Fields::new(section.file, format!("`snapshot` of `{}`", entry.key), &entry.value) else {
            continue;
        };
        let given = KEYS.into_iter().filter_map(|key| Some((key.to_string(), fields.json(key)?)));
        let value: Map<_, _> = given.collect();
        fields.finish();
        if value.is_empty() {
            let message = format!("`snapshot` of `{}` says nothing", entry.key);
            section.file.problem(entry.value.at, "missing-key", message);
            continue;
        }
        found.insert(entry.key.clone(), Declared { value: value.into(), at: section.file.location(entry.at) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::yaml::YamlFile;
    use serde_json::json;

    #[test]
    fn each_snapshot_has_the_keys_of_its_config() {
        let text = "snapshot:\n  a.ff: {strategy: check, check_cols: all, unique_key: [id, day]}\n  b: {updated: at}\n  c: x\n  d: {}\n";
        let file = YamlFile::new("project.yml", text);
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "`models`", &root).unwrap();
        let found = read(&mut fields);
        fields.finish();
        let values: Vec<_> = found.iter().map(|(name, declared)| (name.as_str(), declared.value.clone())).collect();
        let expected = json!({"strategy": "check", "check_cols": "all", "unique_key": ["id", "day"]});
        assert_eq!(values, [("a.ff", expected)]);
        assert_eq!(found["a.ff"].at.to_string(), "project.yml:2:3");
        let messages: Vec<_> = file.into_problems().into_iter().map(|problem| problem.message).collect();
        assert_eq!(
            messages,
            [
                "`snapshot` of `b` says nothing",
                "unknown key `updated` in `snapshot` of `b`",
                "`snapshot` of `c` must be a mapping, found text",
                "`snapshot` of `d` says nothing",
            ]
        );
    }
}

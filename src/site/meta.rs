//! What a node's `meta` says: who answers for it, and anything else.

use crate::artifact::manifest::ManifestNode;
use serde_json::Value;

/// Keys of `meta` that name an owner.
const KEYS: [&str; 2] = ["owner", "owners"];
/// Keys of an owner that is more than a name, the first that is there.
const NAMES: [&str; 2] = ["name", "email"];

/// The owners of a node: `meta.owner` or `meta.owners`, each a name, or an object with a `name` or an `email`.
pub fn owners(node: &ManifestNode) -> Vec<String> {
    let Some(Value::Object(meta)) = &node.meta else { return Vec::new() };
    let mut names: Vec<String> = KEYS.iter().filter_map(|key| meta.get(*key)).flat_map(names).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a key of `meta` names owners.
pub fn is_key(name: &str) -> bool {
    KEYS.contains(&name)
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(name) if !name.trim().is_empty() => vec![name.trim().to_string()],
        Value::Array(all) => all.iter().flat_map(names).collect(),
        Value::Object(one) => NAMES.iter().find_map(|key| one.get(*key)).map(names).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What else `meta` says: key and value, an object or a list as JSON.
pub fn facts(node: &ManifestNode) -> Vec<(String, String)> {
    let Some(Value::Object(meta)) = &node.meta else { return Vec::new() };
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rest = meta.iter().filter(|(key, _)| !is_key(key));
    rest.map(|(key, value)| (key.clone(), words(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn owners_are_named_in_every_usual_form() {
        for (value, expected) in [
            (json!("Ada"), vec!["Ada"]),
            (json!([" Ada ", "Grace", "Ada"]), vec!["Ada", "Ada", "Grace"]),
            (json!({"email": "ada@example.org", "name": "Ada"}), vec!["Ada"]),
            (json!([{"email": "grace@example.org"}]), vec!["grace@example.org"]),
            (json!(""), vec![]),
            (json!(7), vec![]),
        ] {
            let mut found = names(&value);
            found.sort();
            assert_eq!(found, expected, "{value}");
        }
    }
}

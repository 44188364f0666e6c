//! The values of what is set at a relation: read, or told what is wrong with them on any engine.

use crate::diagnostic::did_you_mean;
use crate::dialect::{Grants, Index};
use serde_json::Value;

/// What an index may say.
const INDEX_KEYS: [&str; 3] = ["columns", "type", "unique"];
/// What is said of by comments.
const DOCS_KEYS: [&str; 2] = ["columns", "relation"];

/// What is wrong with the value of a key, on any engine; none of another key.
pub fn problem(key: &str, value: &Value) -> Option<String> {
    match key {
        "indexes" => indexes(value).err(),
        "grants" => grants(value).err(),
        "persist_docs" => persist_docs(value).err(),
        _ => None,
    }
}

/// `[{columns: [a, b], unique: true, type: btree}]`; each once, in their order.
pub fn indexes(value: &Value) -> Result<Vec<Index>, String> {
    let list = value.as_array().ok_or(format!("`indexes` is {value}; it must be a list of mappings with `columns`"))?;
    let mut found = Vec::new();
    for one in list {
        let entries = one.as_object().ok_or(format!("an index of `indexes` is {one}; it must be a mapping"))?;
        known("an index of `indexes`", entries.keys(), &INDEX_KEYS)?;
        let columns =
            texts(entries.get("columns")).ok_or("`columns` of an index must be a column or a list of them")?;
        if columns.is_empty() {
            return Err("`columns` of an index must name one at least".into());
        }
        let unique = entries.get("unique").unwrap_or(&Value::Bool(false));
        let unique = unique.as_bool().ok_or(format!("`unique` of an index is {unique}; it must be true or false"))?;
        let method = match entries.get("type") {
            None | Some(Value::Null) => None,
            Some(Value::String(method)) if !method.is_empty() => Some(method.to_lowercase()),
            Some(other) => return Err(format!("`type` of an index is {other}; it must be a text")),
        };
        let index = Index { columns, unique, method };
        if !found.contains(&index) {
            found.push(index);
        }
    }
    Ok(found)
}

/// `{select: [a, b]}`; a role may stand alone.
pub fn grants(value: &Value) -> Result<Grants, String> {
    let wrong = || format!("`grants` is {value}; it must be a mapping of privileges to roles");
    let mut found = Grants::new();
    for (privilege, roles) in value.as_object().ok_or_else(wrong)? {
        let roles = texts(Some(roles)).ok_or(format!("`{privilege}` of `grants` must be a role or a list of roles"))?;
        if !roles.is_empty() {
            // What is no word of SQL may have letters of both cases.
            let privilege = if privilege.contains('/') { privilege.clone() } else { privilege.to_lowercase() };
            found.entry(privilege).or_default().extend(roles);
        }
    }
    Ok(found)
}

/// `{relation: true, columns: true}`: whether relation and columns are said of.
pub fn persist_docs(value: &Value) -> Result<(bool, bool), String> {
    let wrong = || format!("`persist_docs` is {value}; it must be a mapping with `relation` and `columns`");
    let entries = value.as_object().ok_or_else(wrong)?;
    known("`persist_docs`", entries.keys(), &DOCS_KEYS)?;
    let flag = |key: &str| match entries.get(key) {
        None => Ok(false),
        Some(Value::Bool(wanted)) => Ok(*wanted),
        Some(other) => Err(format!("`{key}` of `persist_docs` is {other}; it must be true or false")),
    };
    Ok((flag("relation")?, flag("columns")?))
}

fn known<'a>(owner: &str, mut keys: impl Iterator<Item = &'a String>, all: &[&str]) -> Result<(), String> {
    let Some(unknown) = keys.find(|key| !all.contains(&key.as_str())) else { return Ok(()) };
    let hint = did_you_mean(unknown, all.iter().copied()).unwrap_or_else(|| format!("it has {}", all.join(", ")));
    Err(format!("unknown key `{unknown}` in {owner}: {hint}"))
}

/// A text or a list of texts, none of them empty.
fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(String::from);
    match value? {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_or_told_what_is_wrong() {
        let index = |columns: &[&str], unique, method: Option<&str>| Index {
            columns: columns.iter().map(ToString::to_string).collect(),
            unique,
            method: method.map(String::from),
        };
        let list =
            json!([{"columns": "a"}, {"columns": ["a", "b"], "unique": true, "type": "HASH"}, {"columns": ["a"]}]);
        assert_eq!(indexes(&list).unwrap(), [index(&["a"], false, None), index(&["a", "b"], true, Some("hash"))]);
        let given = grants(&json!({"SELECT": "r", "insert": ["s", "r"], "delete": []})).unwrap();
        let given = given.iter().map(|(of, to)| (of.as_str(), to.iter().map(String::as_str).collect::<Vec<_>>()));
        assert_eq!(given.collect::<Vec<_>>(), [("insert", vec!["r", "s"]), ("select", vec!["r"])]);
        assert_eq!(persist_docs(&json!({"columns": true})).unwrap(), (false, true));
        for (key, value, wanted) in [
            ("indexes", json!({"columns": ["a"]}), "it must be a list of mappings with `columns`"),
            ("indexes", json!(["a"]), "it must be a mapping"),
            ("indexes", json!([{"column": "a"}]), "did you mean `columns`?"),
            ("indexes", json!([{"columns": []}]), "must name one at least"),
            ("indexes", json!([{"columns": [1]}]), "must be a column or a list of them"),
            ("indexes", json!([{"columns": [""]}]), "must be a column or a list of them"),
            ("indexes", json!([{"columns": "a", "unique": "yes"}]), "must be true or false"),
            ("indexes", json!([{"columns": "a", "type": 1}]), "must be a text"),
            ("grants", json!(["select"]), "a mapping of privileges to roles"),
            ("grants", json!({"select": 1}), "must be a role or a list of roles"),
            ("persist_docs", json!(true), "a mapping with `relation` and `columns`"),
            ("persist_docs", json!({"column": true}), "did you mean `columns`?"),
            ("persist_docs", json!({"columns": "yes"}), "must be true or false"),
        ] {
            let told = problem(key, &value).unwrap_or_default();
            assert!(told.contains(wanted), "{key} {value}: {told}");
        }
        assert_eq!(problem("alias", &json!(1)), None);
    }
}

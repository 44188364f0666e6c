//! A checked reader of YAML mappings: what isn't asked for is an unknown key.
//!
//! Takes a [`Node`], gives typed values; every slip becomes a problem of the file with its place, and reading goes on.
//! A key whose value is null counts as absent.

use super::yaml::{Entry, Node, Place, Yaml, YamlFile};
use super::{foreign, scalar};
use crate::diagnostic::{Diagnostic, did_you_mean};
use serde_json::Value;
use std::collections::BTreeMap;

/// The entries of one mapping. Ask for each known key, then [`finish`](Fields::finish).
pub(super) struct Fields<'a> {
    pub file: &'a YamlFile,
    /// What the mapping is, for messages: ``source `raw` ``.
    pub owner: String,
    pub at: Place,
    entries: &'a [Entry],
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// `None`, and a problem, where the node isn't a mapping.
    pub fn new(file: &'a YamlFile, owner: impl Into<String>, node: &'a Node) -> Option<Fields<'a>> {
        let owner = owner.into();
        match &node.value {
            Yaml::Map(entries) => Some(Fields { file, owner, at: node.at, entries, known: Vec::new() }),
            _ => {
                file.problem(node.at, "wrong-type", format!("{owner} must be a mapping, found {}", node.kind()));
                None
            }
        }
    }

    /// Takes `key` for one that may be there; asked for twice it is still one of the hint's.
    fn know(&mut self, key: &'static str) {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
    }

    /// The value of `key`, whatever it is.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.know(key);
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value).filter(|node| !node.is_null())
    }

    /// Whether `key` is there with no value.
    pub fn is_null(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && entry.value.is_null())
    }

    pub fn json(&mut self, key: &'static str) -> Option<Value> {
        self.node(key).map(Node::json)
    }

    /// Text; a number or a boolean counts as it is written.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        match &node.value {
            Yaml::Scalar { text, .. } => Some(text.clone()),
            _ => self.mismatch(node, key, "text"),
        }
    }

    /// Text that must be there and not be empty.
    pub fn required(&mut self, key: &'static str) -> Option<String> {
        let there = self.entries.iter().any(|entry| entry.key == key && !entry.value.is_null());
        if !there {
            self.know(key);
            self.file.problem(self.at, "missing-key", format!("{} has no `{key}`", self.owner));
            return None;
        }
        self.text(key).filter(|text| {
            if text.is_empty() {
                self.file.problem(self.at, "missing-key", format!("`{key}` of {} is empty", self.owner));
            }
            !text.is_empty()
        })
    }

    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        node.json().as_bool().or_else(|| self.mismatch(node, key, "true or false"))
    }

    /// A whole number of at least `least`.
    pub fn count(&mut self, key: &'static str, least: u64) -> Option<u64> {
        let node = self.node(key)?;
        let number = node.json().as_u64().filter(|number| *number >= least);
        number.or_else(|| self.mismatch(node, key, &format!("a whole number of at least {least}")))
    }

    /// A list of text; a single text is a list of one.
    pub fn texts(&mut self, key: &'static str) -> Vec<(String, Place)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let items = match &node.value {
            Yaml::List(items) => items.as_slice(),
            Yaml::Scalar { .. } => std::slice::from_ref(node),
            Yaml::Map(_) => return self.mismatch(node, key, "a list of text").unwrap_or_default(),
        };
        let mut found = Vec::new();
        for item in items {
            match &item.value {
                Yaml::Scalar { text, .. } if !item.is_null() => found.push((text.clone(), item.at)),
                _ => drop(self.mismatch::<()>(item, key, "a list of text")),
            }
        }
        found
    }

    /// The items of a list; an absent one is empty.
    pub fn list(&mut self, key: &'static str) -> &'a [Node] {
        match self.node(key) {
            None => &[],
            Some(Node { value: Yaml::List(items), .. }) => items,
            Some(node) => self.mismatch(node, key, "a list").unwrap_or_default(),
        }
    }

    /// The mapping `vars`, whose values reach SQL: what isn't kept as it is written is a problem.
    pub fn vars(&mut self) -> BTreeMap<String, Value> {
        let entries = self.entries("vars");
        entries.iter().for_each(|entry| self.check_exact(&entry.key, &entry.value));
        entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect()
    }

    fn check_exact(&self, name: &str, node: &Node) {
        match &node.value {
            Yaml::Scalar { text, plain: true } => {
                let Some(ambiguity) = scalar::ambiguity(text) else { return };
                let problem = Diagnostic::new("ambiguous-value", format!("var `{name}` is {ambiguity}"));
                self.file.report(node.at, problem.hint("write it in quotes to keep it as it is"));
            }
            Yaml::Scalar { .. } => {}
            Yaml::List(items) => items.iter().for_each(|item| self.check_exact(name, item)),
            Yaml::Map(entries) => entries.iter().for_each(|entry| self.check_exact(name, &entry.value)),
        }
    }

    /// The entries of a mapping whose keys are free; an absent one is empty.
    pub fn entries(&mut self, key: &'static str) -> &'a [Entry] {
        match self.node(key) {
            None => &[],
            Some(Node { value: Yaml::Map(entries), .. }) => entries,
            Some(node) => self.mismatch(node, key, "a mapping").unwrap_or_default(),
        }
    }

    /// A mapping with known keys of its own.
    pub fn fields(&mut self, key: &'static str) -> Option<Fields<'a>> {
        let node = self.node(key)?;
        Fields::new(self.file, format!("`{key}`"), node)
    }

    /// Reports every key that was neither asked for nor is in `others`.
    pub fn finish_with(mut self, others: &[&'static str]) {
        self.known.extend(others);
        self.finish();
    }

    /// Reports every key that wasn't asked for.
    pub fn finish(self) {
        for entry in self.entries.iter().filter(|entry| !self.known.contains(&entry.key.as_str())) {
            let mut problem = Diagnostic::new("unknown-key", format!("unknown key `{}` in {}", entry.key, self.owner));
            let foreign = foreign::yaml_key(&entry.key).map(String::from);
            let near = || did_you_mean(&entry.key, self.known.iter().copied());
            let known = || format!("known keys: {}", self.known.join(", "));
            problem.hints.push(foreign.or_else(near).unwrap_or_else(known));
            self.file.report(entry.at, problem);
        }
    }

    fn mismatch<T>(&self, node: &Node, key: &str, wanted: &str) -> Option<T> {
        let found = match node.json() {
            Value::Number(number) => number.to_string(),
            _ => node.kind().to_string(),
        };
        let message = format!("`{key}` of {} must be {wanted}, found {found}", self.owner);
        self.file.problem(node.at, "wrong-type", message);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slip_is_told_with_its_place() {
        let file = YamlFile::new("a.yml", "name: [x]\nnam: y\nzzz: 1\nkeep: -1\non: 'true'\ntags: {a: b}\nrest: ~\n");
        let root = file.parse().unwrap();
        let mut fields = Fields::new(&file, "a.yml", &root).unwrap();
        assert_eq!(fields.text("name"), None);
        assert_eq!(fields.count("keep", 1), None);
        assert_eq!(fields.flag("on"), None);
        assert!(fields.texts("tags").is_empty());
        assert_eq!(fields.text("rest"), None);
        assert_eq!(fields.text("rest"), None, "asked for twice it is named once");
        assert_eq!(fields.required("missing"), None);
        fields.finish();
        let problems: Vec<_> =
            file.into_problems().into_iter().map(|problem| (problem.message, problem.hints)).collect();
        let expected = [
            ("a.yml has no `missing`", None),
            ("`name` of a.yml must be text, found a list", None),
            ("unknown key `nam` in a.yml", Some("did you mean `name`?")),
            ("unknown key `zzz` in a.yml", Some("known keys: name, keep, on, tags, rest, missing")),
            ("`keep` of a.yml must be a whole number of at least 1, found -1", None),
            ("`on` of a.yml must be true or false, found text", None),
            ("`tags` of a.yml must be a list of text, found a mapping", None),
        ];
        let expected = expected.map(|(message, hint)| (message.into(), hint.into_iter().map(String::from).collect()));
        assert_eq!(problems, expected);
    }
}

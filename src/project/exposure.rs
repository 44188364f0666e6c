//! exposures.yml: who uses what the project builds.

use super::fields::Fields;
use super::yaml::{Node, Place, Yaml, YamlFile};
use crate::diagnostic::{Diagnostic, Location};
use serde_json::Value;
use std::collections::BTreeMap;

/// A dashboard, a report, an application: something outside of the project that reads nodes or sources of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    pub name: String,
    /// What it is called beside its name.
    pub label: Option<String>,
    /// `dashboard`, `notebook` …, in the project's words.
    pub kind: Option<String>,
    /// Who answers for it: a name and an address, one of them at least.
    pub owner: Option<(Option<String>, Option<String>)>,
    /// Where it is: an address of the web.
    pub url: Option<String>,
    pub description: Option<String>,
    pub maturity: Option<String>,
    pub tags: Vec<String>,
    pub meta: Option<Value>,
    pub depends_on: Vec<Use>,
    pub at: Location,
}

/// Something that an exposure reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    pub of: Used,
    /// The columns that it takes, where it says so.
    pub columns: Vec<String>,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Used {
    /// With or without `.ff`.
    Node(String),
    /// Group and table.
    Source(String, String),
}

/// Reads exposures.yml.
pub(super) fn read(file: &YamlFile) -> BTreeMap<String, Exposure> {
    let mut found: BTreeMap<String, Exposure> = BTreeMap::new();
    let Some(root) = file.parse() else { return found };
    let Some(mut fields) = Fields::new(file, &file.path, &root) else { return found };
    fields.node("version");
    for node in fields.list("exposures") {
        let Some(exposure) = one(file, node) else { continue };
        if let Some(first) = found.get(&exposure.name) {
            let message = format!("exposure `{}` is declared twice, first in line {}", exposure.name, first.at.line);
            file.problem(node.at, "duplicate-name", message);
        } else {
            found.insert(exposure.name.clone(), exposure);
        }
    }
    fields.finish();
    found
}

fn one(file: &YamlFile, node: &Node) -> Option<Exposure> {
    let mut fields = Fields::new(file, "an exposure", node)?;
    let name = fields.required("name");
    if let Some(name) = &name {
        fields.owner = format!("exposure `{name}`");
    }
    let owner = owner(&mut fields);
    let url_at = fields.node("url").map(|node| node.at);
    let url = fields.text("url").filter(|url| {
        let fits = url.starts_with("https://") || url.starts_with("http://");
        if let Some(at) = url_at.filter(|_| !fits) {
            file.problem(at, "bad-value", format!("`url` is an address that begins with `https://`, not `{url}`"));
        }
        fits
    });
    let (label, kind, description) = (fields.text("label"), fields.text("type"), fields.text("description"));
    let (maturity, meta) = (fields.text("maturity"), fields.json("meta"));
    let tags = fields.texts("tags").into_iter().map(|(tag, _)| tag).collect();
    let depends_on = fields.list("depends_on").iter().filter_map(|node| used(file, &fields.owner, node)).collect();
    fields.finish();
    let at = file.location(node.at);
    Some(Exposure { name: name?, label, kind, owner, url, description, maturity, tags, meta, depends_on, at })
}

/// A name, or `{name, email}`.
fn owner(fields: &mut Fields<'_>) -> Option<(Option<String>, Option<String>)> {
    let node = fields.node("owner")?;
    if let Yaml::Scalar { text, .. } = &node.value {
        return Some((Some(text.clone()), None));
    }
    let mut own = fields.fields("owner")?;
    let (name, email) = (own.text("name"), own.text("email"));
    own.finish();
    (name.is_some() || email.is_some()).then_some((name, email))
}

/// `stg_users`, `ref('stg_users')`, `source('crm', 'users')`, or a mapping with one of them and columns.
fn used(file: &YamlFile, owner: &str, node: &Node) -> Option<Use> {
    if let Yaml::Scalar { text, .. } = &node.value {
        let of = named(file, node.at, text)?;
        return Some(Use { of, columns: Vec::new(), at: file.location(node.at) });
    }
    let mut fields = Fields::new(file, format!("an entry of `depends_on` of {owner}"), node)?;
    let place = fields.node("node").map_or(node.at, |node| node.at);
    let text = fields.required("node");
    let columns = fields.texts("columns").into_iter().map(|(name, _)| name).collect();
    fields.finish();
    Some(Use { of: named(file, place, &text?)?, columns, at: file.location(place) })
}

fn named(file: &YamlFile, at: Place, text: &str) -> Option<Used> {
    let text = text.trim();
    let Some((function, rest)) = text.split_once('(') else { return Some(Used::Node(text.to_string())) };
    let quoted = |part: &str| {
        let part = part.trim();
        let inside = |quote: char| part.strip_prefix(quote)?.strip_suffix(quote);
        inside('\'').or_else(|| inside('"')).map(String::from)
    };
    let parts: Option<Vec<String>> =
        rest.trim_end().strip_suffix(')').map(|rest| rest.split(',').filter_map(quoted).collect());
    match (function.trim(), parts.as_deref()) {
        ("ref", Some([name])) => Some(Used::Node(name.clone())),
        ("source", Some([group, table])) => Some(Used::Source(group.clone(), table.clone())),
        _ => {
            let problem = Diagnostic::new("bad-value", format!("`{text}` names no node and no source"));
            file.report(at, problem.hint("write `ref('stg_users')` or `source('crm', 'users')`"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> (BTreeMap<String, Exposure>, Vec<String>) {
        let file = YamlFile::new("exposures.yml", text);
        let found = read(&file);
        (found, file.into_problems().iter().map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn who_uses_what_is_read() {
        let (found, problems) = load(
            "version: 2
exposures:
  - name: weekly
    label: Weekly report
    type: dashboard
    owner: {name: Ana, email: ana@x.org}
    url: https://x.org/weekly
    description: For all.
    maturity: high
    tags: [board]
    meta: {room: 5}
    depends_on:
      - ref('mart_users')
      - \"source(\\\"crm\\\", 'users')\"
      - {node: mart_orders.ff, columns: [id, total]}
  - {name: other, owner: me}
",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let weekly = &found["weekly"];
        let uses: Vec<(&Used, usize)> = weekly.depends_on.iter().map(|one| (&one.of, one.columns.len())).collect();
        let expected = [
            (&Used::Node("mart_users".into()), 0),
            (&Used::Source("crm".into(), "users".into()), 0),
            (&Used::Node("mart_orders.ff".into()), 2),
        ];
        assert_eq!(uses, expected);
        assert_eq!(weekly.owner, Some((Some("Ana".into()), Some("ana@x.org".into()))));
        assert_eq!(weekly.depends_on[2].at.line, 15);
        assert_eq!(found["other"].owner, Some((Some("me".into()), None)));
    }

    #[test]
    fn slips_are_told() {
        let (_, problems) = load(
            "exposures:
  - {name: a, url: 'javascript:x', depends_on: [metric('m'), {columns: [x]}], typ: x}
  - {name: a}
  - {label: b}
",
        );
        let expected = [
            "`url` is an address that begins with `https://`, not `javascript:x`",
            "`metric('m')` names no node and no source",
            "an entry of `depends_on` of exposure `a` has no `node`",
            "unknown key `typ` in exposure `a`",
            "exposure `a` is declared twice, first in line 2",
            "an exposure has no `name`",
        ];
        assert_eq!(problems, expected);
    }
}

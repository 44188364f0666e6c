//! What is set at a node's relation beside its rows: from what is declared to what the engine is to have.
//!
//! The nearest place that declares a key says all of it: `config()`, the model's `config` in a property file, project.yml
//! by the node's name, project.yml for every node.

use super::build::Builder;
use super::draft::Draft;
use super::setting::{grants, indexes, persist_docs, problem};
use super::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Location};
use crate::dialect::{Comments, Dialect, Settings};
use crate::project::{Declared, EVERY, Project, SETTING_KEYS};
use serde_json::Value;
use std::collections::BTreeMap;

/// What people say of a node and its columns: Markdown first, then YAML.
pub fn said(project: &Project, node: &Node) -> Comments {
    let relation = project.documents.node(node.name.as_str()).map(String::from).or(node.description.clone());
    let properties = project.properties_of(&node.name).map(|found| found.columns.as_slice()).unwrap_or_default();
    let described = properties.iter().filter_map(|column| Some((column.name.clone(), column.description.clone()?)));
    let mut columns: BTreeMap<String, String> = described.collect();
    for ((_, name), text) in project.documents.files_of(&node.relation.name) {
        columns.retain(|known, _| !known.eq_ignore_ascii_case(name));
        columns.insert(name.clone(), text.clone());
    }
    let plain = |text: String| Some(text.trim().to_string()).filter(|text| !text.is_empty());
    Comments {
        relation: relation.and_then(plain),
        columns: columns.into_iter().filter_map(|(name, text)| Some((name, plain(text)?))).collect(),
    }
}

/// What one key says of a node, and where.
struct Said<'a> {
    value: &'a Value,
    at: &'a Location,
    /// In the model's own file, which one engine may read otherwise than another.
    own: bool,
    /// Of this node alone.
    named: bool,
}

impl Builder<'_> {
    /// What is declared to be set at relations, as far as the engine has it.
    pub(super) fn check_settings(&mut self, dialect: &dyn Dialect) {
        let mut problems = Vec::new();
        for draft in &mut self.drafts {
            let (settings, wrong) = of_draft(self.project, draft, dialect);
            draft.node.settings = settings;
            problems.extend(wrong);
        }
        self.problems.extend(problems);
    }
}

fn of_draft(project: &Project, draft: &Draft, dialect: &dyn Dialect) -> (Settings, Vec<Diagnostic>) {
    let (node, settable) = (&draft.node, dialect.settable());
    let (mut settings, mut problems) = (Settings::default(), Vec::new());
    for key in SETTING_KEYS {
        let Some(declared) = declared(project, draft, key) else { continue };
        let bad = |message: String| Diagnostic::new("bad-config", message).at(declared.at.clone());
        if let Some(wrong) = problem(key, declared.value) {
            // Of `config()` it was told when that was read.
            problems.extend((!declared.own).then(|| bad(format!("{wrong}, for `{}`", node.name))));
            continue;
        }
        let Some(kind) = node.materialization.kind() else {
            let message = format!("`{}` declares `{key}`, and no relation stands for it", node.name);
            problems
                .extend(declared.named.then(|| bad(message).hint("make it a `table` or a `view`, or take it away")));
            continue;
        };
        if let Some(why) = settable.lacking(key) {
            let message = format!("`{}` declares `{key}`, and {} {why}", node.name, dialect.name());
            let hint = format!(
                "declare it under `models.{key}` of project.yml or in a property file, which such an engine leaves alone, \
                 or within `{{% if ff_is_engine(…) %}}`"
            );
            problems.extend(declared.own.then(|| bad(message).hint(hint)));
            continue;
        }
        let mut own = Settings::default();
        match key {
            "indexes" => own.indexes = indexes(declared.value).unwrap_or_default(),
            "grants" => own.grants = grants(declared.value).unwrap_or_default(),
            _ => own.comments = persisted(project, node, declared.value),
        }
        // What is declared for every node is for those that it suits.
        match settable.problem(dialect.name(), kind, &own) {
            Some(_) if !declared.named && !own.indexes.is_empty() => continue,
            Some(wrong) => problems.push(bad(format!("`{}` {}", node.name, wrong.message)).hint(wrong.hint)),
            None => {}
        }
        match key {
            "indexes" => settings.indexes = own.indexes,
            "grants" => settings.grants = own.grants,
            _ => settings.comments = own.comments,
        }
    }
    (settings, problems)
}

fn persisted(project: &Project, node: &Node, value: &Value) -> Comments {
    let (relation, columns) = persist_docs(value).unwrap_or_default();
    let all = said(project, node);
    Comments {
        relation: all.relation.filter(|_| relation),
        columns: if columns { all.columns } else { BTreeMap::new() },
    }
}

/// The nearest place that says something of a key.
fn declared<'a>(project: &'a Project, draft: &'a Draft, key: &str) -> Option<Said<'a>> {
    let node = &draft.node;
    if let Some(value) = draft.settings.get(key) {
        return Some(Said { value, at: &draft.config_at, own: true, named: true });
    }
    let of = |named: bool| move |found: &'a Declared| Said { value: &found.value, at: &found.at, own: false, named };
    let seed = node.kind == NodeKind::Seed;
    let described = project.properties_of(&node.name).and_then(|found| found.settings.get(key));
    let by_name = || project.setting_of(&node.name, key, seed);
    let every = || project.settings_by_name(key, seed)?.get(EVERY);
    described.or_else(by_name).map(of(true)).or_else(|| every().map(of(false)))
}

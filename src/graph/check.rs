//! What is wrong with the drafts of a graph: names, marks, statements, files, declared lineage, edges that lead nowhere.

use super::build::Builder;
use super::config::{self, LAYOUT_KEYS, STORAGE};
use super::draft::Draft;
use super::snapshot::{Problem, SNAPSHOT, SNAPSHOT_KEYS, UNIQUE_KEY, problem, read};
use super::{Body, Edge, Node, NodeKind, audiences, declared, statement};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::dialect::Dialect;
use crate::name::{RelationName, stem};
use crate::render::Source;
use crate::render::mark::{Mark, intact, overwritten};
use crate::syntax::python::Frame;
use crate::syntax::relation::named;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    /// Every node and every relation once.
    pub(super) fn check_names(&mut self) {
        let mut names: BTreeMap<String, &Draft> = BTreeMap::new();
        let default = self.project.default_schema();
        let mut relations = BTreeMap::new();
        for draft in &self.drafts {
            let name = draft.node.name.stem().to_lowercase();
            if let Some(first) = names.insert(name, draft) {
                let message =
                    format!("two nodes are called `{}`; the other is in {}", draft.node.name.stem(), first.at);
                let problem = Diagnostic::new("duplicate-node", message).at(draft.at.clone());
                self.problems.push(problem.hint(
                    "rename one, or say for which engine each is: `config(engines=[…])`, `@engine_model(only=…)`",
                ));
                continue;
            }
            if !draft.node.materialization.has_relation() {
                continue;
            }
            let RelationName { catalog, schema, name } = &draft.node.relation;
            let lower = |part: Option<&str>| part.map(str::to_lowercase);
            let key = (lower(catalog.as_deref()), lower(schema.as_deref().or(default)), name.to_lowercase());
            let first: Option<&Draft> = relations.insert(key, draft);
            if let Some(first) = first {
                let message = format!(
                    "`{}` and `{}` build the same relation `{}`",
                    first.node.name, draft.node.name, draft.node.relation
                );
                let problem = Diagnostic::new("duplicate-relation", message).at(draft.at.clone());
                self.problems.push(problem.hint("give one another `alias` or `schema`"));
            }
        }
    }

    /// Nothing but relations that were asked for.
    pub(super) fn check_marks(&self, draft: &Draft) -> Option<Diagnostic> {
        let Body::Sql(body) = &draft.node.body else { return None };
        let known = |mark: Mark<'_>| match mark {
            Mark::This => true,
            Mark::Project | Mark::Hidden(_) => false,
            Mark::Secret(name) => body.env.contains_key(name),
            Mark::Reference(name) => draft.edges.iter().any(|edge| edge.name == name),
            Mark::Source(group, table) => draft.sources.iter().any(|(left, right)| left == group && right == table),
        };
        let mut texts = draft.increment.iter().chain([&draft.marked]);
        if texts.all(|text| intact(text, known)) {
            return None;
        }
        let what = "what `ref()`, `source()`, `this` or `env()` of a secret gives";
        let message = format!("`{}` alters {what}", draft.node.name);
        let problem = Diagnostic::new("bad-reference", message).at(draft.at.clone());
        Some(problem.hint(
            "write them without filters: `{{ ref('…') }}` stands for a whole relation, and a secret's value is put in \
             only when the text is sent",
        ))
    }

    /// The files of sources that models read are such as the engine can read; and what each text names of files itself.
    pub(super) fn check_files(&mut self, dialect: &dyn Dialect) {
        let read: BTreeSet<_> = self.drafts.iter().flat_map(|draft| &draft.node.external_sources).collect();
        for source in read.into_iter().filter_map(|key| self.project.sources.get(key)) {
            let problem = dialect.file_problem(source);
            let told = problem.map(|found| Diagnostic::new("source-files", found.message).hint(found.hint));
            self.problems.extend(told.map(|problem| problem.at(source.at.clone())));
        }
        let layout = dialect.grammar().layout;
        self.drafts.par_iter_mut().for_each(|draft| {
            if let Body::Sql(body) = &draft.node.body {
                let also = body.increment.as_ref().map(|increment| &increment.logical);
                for text in [&body.logical].into_iter().chain(also) {
                    draft.node.files.extend(dialect.file_reads(text));
                    let names = named(text, layout);
                    draft.node.named.extend(names.iter().filter_map(|parts| RelationName::of(parts)));
                }
                if also.is_some() {
                    each_once(&mut draft.node.files);
                    each_once(&mut draft.node.named);
                }
            }
        });
    }

    /// Only tables have rows that are stored in some way, and only some engines are told in which.
    pub(super) fn check_layouts(&mut self, dialect: &dyn Dialect) {
        let keys = dialect.layout_keys();
        for draft in &mut self.drafts {
            let node = &mut draft.node;
            let own = config::layout(&node.config).and_then(|layout| layout.storage);
            let declared = self.project.storage_of(&node.name, node.kind == NodeKind::Seed);
            if own.is_none() && keys.contains(&STORAGE) {
                node.storage_at = declared.map(|declared| declared.at.clone());
                node.config.extend(declared.map(|declared| (STORAGE.to_string(), declared.value.clone())));
            }
            let lacking =
                own.filter(|_| !keys.contains(&STORAGE)).and_then(|storage| dialect.storage_problem(&storage));
            self.problems.extend(lacking.map(|problem| config::bad_storage(node, problem)));
            for key in LAYOUT_KEYS.iter().filter(|key| !keys.contains(key)) {
                node.config.remove(*key);
            }
            if config::layout(&node.config).is_some() && !node.materialization.stores_rows() {
                let message = format!("`{}` says how its rows are stored, and stores none", node.name);
                let at = node.storage_at.as_ref().unwrap_or(&draft.at);
                let problem = Diagnostic::new("bad-config", message).at(at.clone());
                let keys = LAYOUT_KEYS.iter().filter(|key| node.config.contains_key(**key));
                let keys = keys.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
                self.problems.push(problem.hint(format!("take {keys} away, or make it a `table`")));
            }
        }
    }

    /// Snapshots say how they keep versions, nothing else does, and the engine is one on which they are kept.
    pub(super) fn check_snapshots(&mut self, dialect: &dyn Dialect) {
        let own = || SNAPSHOT_KEYS.into_iter().chain([UNIQUE_KEY, SNAPSHOT]);
        for draft in &mut self.drafts {
            let declared = self.project.snapshot_of(&draft.node.name);
            let keeps = draft.node.materialization.keeps_history();
            if !keeps {
                // Whether it may have one was told with how it is extended.
                draft.node.config.remove(UNIQUE_KEY);
            }
            // What stands nearer to the node wins.
            let mut at = draft.config_at.clone();
            let given = own().any(|key| draft.node.config.contains_key(key));
            if let Some(Value::Object(entries)) = declared.map(|declared| &declared.value) {
                at = declared.filter(|_| !given || !keeps).map_or(at, |declared| declared.at.clone());
                let inside = draft.node.config.get(SNAPSHOT).and_then(Value::as_object).cloned().unwrap_or_default();
                for (key, value) in entries.iter().filter(|(key, _)| !inside.contains_key(*key)) {
                    draft.node.config.entry(key.clone()).or_insert_with(|| value.clone());
                }
            }
            let found = match own().find(|key| draft.node.config.contains_key(*key)) {
                None if !keeps => continue,
                Some(key) if !keeps => Err(vec![stray(draft, key)]),
                _ => read(&draft.node.config),
            };
            own().for_each(|key| drop(draft.node.config.remove(key)));
            let problems = match found {
                Ok(_) if !dialect.keeps_history() => vec![problem(
                    format!("fft keeps no snapshots on {} yet", dialect.name()),
                    "`engines=…` in its `config()` declares a model for some engines alone",
                )],
                Ok(snapshot) => {
                    draft.node.config.extend(snapshot.config());
                    Vec::new()
                }
                Err(problems) => problems,
            };
            let name = &draft.node.name;
            let what = if keeps { "snapshot " } else { "" };
            self.problems.extend(problems.into_iter().map(|(message, hint)| {
                Diagnostic::new("bad-snapshot", format!("{what}`{name}`: {message}")).at(at.clone()).hint(hint)
            }));
        }
    }

    /// Frames of an engine's own are had there alone.
    pub(super) fn check_frames(&mut self, dialect: &dyn Dialect) {
        let takes = |draft: &&Draft| match &draft.node.body {
            Body::Python(body) => body.model.frame == Some(Frame::Spark),
            Body::Seed(_) | Body::Sql(_) => false,
        };
        for draft in self.drafts.iter().filter(takes).filter(|_| !dialect.lends_frames()) {
            let (name, engine) = (&draft.node.name, dialect.name());
            let message = format!("`{name}` takes or gives DataFrames of Spark's own, which {engine} doesn't have");
            let hint = "`@engine_model(only=…)` declares a model for some engines alone; `frame=\"pandas\"` has the rows \
                        handed over";
            self.problems.push(Diagnostic::new("bad-frame", message).at(draft.at.clone()).hint(hint));
        }
    }

    /// One query each, whole.
    pub(super) fn check_statements(&mut self, dialect: &dyn Dialect) {
        let lexicon = dialect.grammar().lexicon;
        let problem = |draft: &Draft| {
            let Body::Sql(body) = &draft.node.body else { return None };
            let (name, own, also) = (&draft.node, &draft.marked, &draft.increment);
            let (path, template) = (&name.path, &body.template);
            let told = |text: &str, source: &dyn Fn(usize) -> Option<Source>, template| {
                statement::problem(name, &overwritten(text), source, template, lexicon)
            };
            let also = || {
                let increment = body.increment.as_ref()?;
                let own = || Some(template.as_ref());
                let file = increment.written.as_ref().map_or_else(own, |written| written.file.as_deref());
                told(also.as_deref()?, &|offset| increment.source(offset, path, template), file)
            };
            told(own, &|offset| body.origin.source(offset, path, template), Some(template)).or_else(also)
        };
        let found: Vec<Diagnostic> = self.drafts.par_iter().filter_map(problem).collect();
        self.problems.extend(found);
    }

    /// Declared lineage names nothing but what the model reads.
    pub(super) fn check_lineage(&self, draft: &Draft, edges: &BTreeMap<String, usize>) -> Vec<Diagnostic> {
        let Some(properties) = self.project.properties_of(&draft.node.name) else { return Vec::new() };
        let upstream: Vec<&Node> = edges.values().map(|up| &self.drafts[*up].node).collect();
        declared::problems(&draft.node, &upstream, properties)
    }

    pub(super) fn cycle(&self, path: &[usize]) -> Diagnostic {
        let names: Vec<&str> = path.iter().map(|at| self.drafts[*at].node.name.as_str()).collect();
        let edge = &self.drafts[path[1]];
        let first = &self.drafts[path[0]].node.name;
        let at = edge.edges.iter().find(|edge| first.is_called(&edge.name));
        Diagnostic::new("cycle", format!("the models form a cycle: {}", names.join(" → ")))
            .at(at.map_or(edge.at.clone(), |edge| edge.at.clone()))
            .hint("take out one of these references")
    }

    /// A node that is none of the package that a reference names.
    pub(super) fn misplaced(&self, edge: &Edge, node: &Node, up: &Node) -> Option<Diagnostic> {
        let own = &self.project.settings.name;
        let of = up.package.as_deref().unwrap_or(own);
        let wanted = edge.package.as_deref().filter(|wanted| *wanted != of)?;
        let message = format!("`{}` refers to `{}` of `{wanted}`, and that is of `{of}`", node.name, edge.name);
        let problem = Diagnostic::new("unknown-ref", message).at(edge.at.clone());
        let text = self.templates.get(edge.at.path.as_str());
        let problem = text.map_or(problem.clone(), |model| problem.excerpt(&model.text));
        Some(problem.hint(format!("write `ref('{}')`, or `ref('{of}', '{}')`", edge.name, edge.name)))
    }

    pub(super) fn unknown(&self, edge: &Edge, node: &Node) -> Diagnostic {
        let problem = Diagnostic::new("unknown-ref", format!("`{}` refers to unknown node `{}`", node.name, edge.name))
            .at(edge.at.clone());
        let text = self.templates.get(edge.at.path.as_str());
        let problem = text.map_or(problem.clone(), |model| problem.excerpt(&model.text));
        let others: Vec<_> = self.elsewhere.iter().filter(|model| stem(&model.name) == stem(&edge.name)).collect();
        if !others.is_empty() {
            let (whom, engine) = (audiences(others), &self.project.profile.engine);
            return problem.hint(format!("it is only for {whom}, and this profile's engine is {engine}"));
        }
        let names: Vec<&str> = self.drafts.iter().map(|draft| draft.node.name.as_str()).collect();
        let stems = self.drafts.iter().map(|draft| draft.node.name.stem());
        let unread = self.unread.iter().map(|name| stem(name));
        match did_you_mean(&edge.name, names.iter().copied().chain(stems).chain(unread)) {
            Some(hint) => problem.hint(hint),
            None => problem.hint("`fft ls` lists the nodes of this project"),
        }
    }
}

/// Takes away what is there more than once.
fn each_once<T: PartialEq + Clone>(all: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(all.len());
    all.iter().for_each(|one| {
        if !kept.contains(one) {
            kept.push(one.clone())
        }
    });
    *all = kept;
}

/// A setting of snapshots on what is none.
fn stray(draft: &Draft, key: &str) -> Problem {
    let word = draft.node.materialization.word();
    let message = format!("`{key}` says how a snapshot keeps versions, and this is a {word}");
    problem(message, format!("take `{key}` away, or write `materialized='snapshot'`"))
}

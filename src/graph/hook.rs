//! `pre_hook` and `post_hook` of a node: what runs in front of its statements and behind them.
//!
//! Takes the rendered texts, `config()` before project.yml; gives each hook's text as it is fingerprinted and as it is
//! sent, a statement at a time.

use super::build::Builder;
use super::compile::{Compiler, Texts};
use super::draft::Draft;
use super::{Body, Edge};
use crate::diagnostic::{Diagnostic, Location};
use crate::name::look_up;
use crate::render::mark::{Mark, intact, overwritten, replace};
use crate::render::{Concealed, HookText, Rendered};
use crate::syntax::sql::{Lexicon, normalized, outline, statements};
use std::collections::BTreeMap;
use std::sync::Arc;

/// In the order in which they run.
#[derive(Clone, Debug, Default)]
pub struct NodeHooks {
    pub pre: Vec<NodeHook>,
    pub post: Vec<NodeHook>,
}

/// One text.
#[derive(Clone, Debug)]
pub struct NodeHook {
    /// As it is fingerprinted: relations by the names of nodes, secrets as placeholders.
    pub logical: Arc<str>,
    /// As the engine is sent it.
    pub statements: Vec<Concealed>,
    /// Where it is declared.
    pub at: Location,
}

impl NodeHooks {
    pub fn is_empty(&self) -> bool {
        self.pre.is_empty() && self.post.is_empty()
    }

    /// Both with the key that declares them.
    pub fn by_key(&self) -> [(&'static str, &[NodeHook]); 2] {
        [("pre_hook", &self.pre), ("post_hook", &self.post)]
    }
}

/// The text of several hooks as one component has it.
pub fn joined(hooks: &[NodeHook]) -> Arc<str> {
    hooks.iter().map(|hook| &*hook.logical).collect::<Vec<_>>().join(";\n").into()
}

impl Draft {
    /// Takes what project.yml declares, as far as the model's own `config()` says nothing.
    pub(super) fn declare_hooks(&mut self, declared: &Rendered) {
        let (pre, post) = (self.hooks.pre.is_empty(), self.hooks.post.is_empty());
        let (own, said) = (&mut self.hooks, &declared.hooks);
        if pre {
            own.pre.clone_from(&said.pre);
        }
        if post {
            own.post.clone_from(&said.post);
        }
        let known: Vec<String> = self.edges.iter().map(|edge| edge.name.clone()).collect();
        let new = declared.refs.iter().filter(|found| !known.contains(&found.name));
        self.edges.extend(new.cloned().map(Edge::from));
        self.sources.extend(declared.sources.iter().map(|found| (found.group.clone(), found.table.clone())));
        if let Body::Sql(body) = &mut self.node.body {
            body.vars = declared.vars.clone().into_iter().chain(std::mem::take(&mut body.vars)).collect();
            body.env = declared.env.clone().into_iter().chain(std::mem::take(&mut body.env)).collect();
            body.macros.extend(declared.macros.clone());
        }
    }
}

impl Builder<'_> {
    /// Gives the drafts of models what project.yml declares for them.
    pub(super) fn declare_hooks(&mut self, declared: &BTreeMap<String, Rendered>) {
        let models = self.drafts.iter_mut().filter(|draft| !matches!(draft.node.body, Body::Seed(_)));
        for draft in models {
            if let Some(found) = look_up(draft.node.name.as_str(), |name| declared.get(name)) {
                draft.declare_hooks(found);
            }
        }
    }

    /// Hooks stand around a build, and name nothing but relations.
    pub(super) fn check_hooks(&mut self, resolved: &[BTreeMap<String, usize>], lexicon: Lexicon) {
        let mut problems = Vec::new();
        for (draft, targets) in self.drafts.iter().zip(resolved) {
            let texts = draft.hooks.pre.iter().chain(&draft.hooks.post);
            problems.extend(texts.filter_map(|hook| self.hook_problem(draft, hook, targets, lexicon)));
        }
        self.problems.extend(problems);
    }

    fn hook_problem(
        &self,
        draft: &Draft,
        hook: &HookText,
        targets: &BTreeMap<String, usize>,
        lexicon: Lexicon,
    ) -> Option<Diagnostic> {
        let name = &draft.node.name;
        let told = |code, message: String, hint: &str| Diagnostic::new(code, message).hint(hint).at(hook.at.clone());
        if !draft.node.materialization.has_relation() {
            let message = format!("`{name}` has hooks and is never built: its text stands in those of others");
            return Some(told("bad-config", message, "make it a `table` or a `view`, or take the hooks away"));
        }
        let secret = |name: &str| self.project.env.vars.get(name).is_some_and(|var| var.secret);
        let known = |mark: Mark<'_>| match mark {
            Mark::This => true,
            Mark::Project | Mark::Hidden(_) => false,
            Mark::Secret(name) => secret(name),
            Mark::Reference(name) => draft.edges.iter().any(|edge| edge.name == name),
            Mark::Source(group, table) => draft.sources.iter().any(|(left, right)| left == group && right == table),
        };
        if !intact(&hook.text, known) {
            let message =
                format!("a hook of `{name}` alters what `ref()`, `source()`, `this` or `env()` of a secret gives");
            return Some(told(
                "bad-reference",
                message,
                "write them without filters: `{{ this }}` stands for a whole relation",
            ));
        }
        if outline(&overwritten(&hook.text), lexicon).open.is_some() {
            let message = format!("a hook of `{name}` opens a quote or a comment that nothing closes");
            return Some(told("unclosed-text", message, "close it"));
        }
        let mut inlined = None;
        replace(&hook.text, |mark| {
            let target = targets.get(mark.to_string().as_str()).map(|at| &self.drafts[*at].node);
            inlined = inlined.or(target.filter(|node| node.materialization.is_inlined()));
            String::new()
        });
        inlined.map(|node| {
            let message = format!("a hook of `{name}` reads `{}`, which has no relation", node.name);
            told("bad-reference", message, "make that a `view`, or write its query into the hook")
        })
    }
}

impl Compiler<'_> {
    /// What a draft compiles to, and its hooks.
    pub fn with_hooks(
        &self,
        at: usize,
        targets: &BTreeMap<String, usize>,
        schema: Option<&str>,
    ) -> (Option<Texts>, NodeHooks) {
        (self.compile(at, targets, schema), self.hooks(at, targets, schema))
    }

    /// The hooks of a draft, their marks filled in as in its text.
    pub fn hooks(&self, at: usize, targets: &BTreeMap<String, usize>, schema: Option<&str>) -> NodeHooks {
        let hooks = &self.drafts[at].hooks;
        let one = |hook: &HookText| self.hook(at, hook, targets, schema);
        NodeHooks { pre: hooks.pre.iter().map(one).collect(), post: hooks.post.iter().map(one).collect() }
    }

    fn hook(&self, at: usize, hook: &HookText, targets: &BTreeMap<String, usize>, schema: Option<&str>) -> NodeHook {
        let grammar = self.dialect.grammar();
        let text = self.filled(at, &hook.text, targets, schema);
        let ranges = statements(text.shown(), grammar.lexicon);
        NodeHook {
            logical: normalized(&replace(&hook.text, |mark| mark.logical()), grammar.layout).into(),
            statements: ranges.into_iter().map(|range| text.slice(range)).collect(),
            at: hook.at.clone(),
        }
    }
}

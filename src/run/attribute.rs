//! What is behind the digests of a plan's changes: texts of now, kept evidence, and what git has of other checkouts' builds.

use super::modules::slices_at;
use super::{Standing, git};
use crate::dialect::Grammar;
use crate::digest::Digest;
use crate::execute;
use crate::fingerprint::{Content, Fingerprint, Input, InputKind, Kind, leaf};
use crate::graph::{Body, Node, NodeId};
use crate::plan::{About, Outline, Plan, attribution};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Standing {
    /// Adds to the plan's causes what their contents tell.
    pub(super) fn attribute(&mut self, plan: &mut Plan) {
        let outlines = self.outlines(plan);
        let graph = &self.graph;
        let before = |id: NodeId| self.state.entries.get(&graph.nodes[id].name).map(|entry| &entry.fingerprint);
        let wanted = attribution::wanted(plan, before);
        let seeds =
            plan.decisions.iter().flat_map(|decision| decision.causes()).any(|cause| cause.kind == Some(Kind::Seed));
        if wanted.is_empty() && !seeds {
            return;
        }
        let now: BTreeMap<_, _> =
            plan.decisions.iter().flat_map(|decision| contents(&decision.fingerprint, &wanted)).collect();
        let world = &self.checkout.world;
        let content = |digest: &Digest| match now.get(digest) {
            Some((_, Content::Text(text))) => Some(Arc::from(text.as_bytes())),
            // A file that changed meanwhile isn't what was hashed: nothing is told of it.
            Some((name, Content::File(path))) => {
                let bytes = world.read(path).ok()?;
                (leaf(Kind::Seed.as_str(), name, &bytes) == *digest).then(|| Arc::from(bytes))
            }
            _ => self.evidence.content(digest),
        };
        let mut found: BTreeMap<_, _> = wanted.iter().filter_map(|digest| Some((*digest, content(digest)?))).collect();
        self.fetch(plan, &wanted, &mut found);
        let grammar = self.checkout.dialect.grammar();
        attribution::attribute(plan, &found, before, |id| {
            let outlines = outlines.get(&id).map(|(before, after)| (before, after));
            let elsewhere = self.state.ledger.contains(&graph.nodes[id].name);
            About { outlines, elsewhere, ..about(&graph.nodes[id], grammar) }
        });
    }

    /// Adds what the commits of builds by other checkouts have of the contents that aren't at hand. It is believed only
    /// where its digest is the one that was recorded.
    fn fetch(&self, plan: &Plan, wanted: &BTreeSet<Digest>, contents: &mut attribution::Contents) {
        let (graph, root) = (&self.graph, &self.checkout.project.root);
        let mut sought: BTreeMap<Digest, Sought<'_>> = BTreeMap::new();
        for decision in &plan.decisions {
            let node = &graph.nodes[decision.node];
            let entry = self.state.entries.get(&node.name).filter(|_| self.state.ledger.contains(&node.name));
            let Some((entry, at)) = entry.and_then(|entry| Some((entry, entry.git_commit.as_ref()?))) else { continue };
            let parts = entry.fingerprint.components.iter().filter_map(|one| {
                let path = match one.kind {
                    Kind::Seed | Kind::PythonModule => &one.name,
                    Kind::Python => &node.path,
                    _ => return None,
                };
                Some((one.digest, one.kind.as_str(), &*one.name, path))
            });
            let templates = entry.fingerprint.inputs.iter().filter(|one| one.kind == InputKind::Template);
            let templates = templates.map(|one| (one.digest, one.kind.as_str(), &*one.name, &one.name));
            for (digest, kind, name, path) in parts.chain(templates) {
                if wanted.contains(&digest) && !contents.contains_key(&digest) {
                    sought.insert(digest, Sought { kind, name, place: (at.clone(), path.clone()) });
                }
            }
        }
        let Some(mut objects) = sought.values().next().and_then(|_| git::Objects::open(root)) else { return };
        for (digest, one) in sought {
            let Some(text) = objects.file(&one.place) else { continue };
            let told = if one.kind == Kind::Python.as_str() {
                slices_at(&mut objects, &one.place, &text, one.name)
            } else {
                vec![text]
            };
            let content = told.into_iter().find(|content| leaf(one.kind, one.name, content) == digest);
            contents.extend(content.map(|content| (digest, content.into())));
        }
    }

    /// Of changed seeds whose rows aren't compared: what is recorded of the file before, and what the engine says of it
    /// now.
    fn outlines(&mut self, plan: &Plan) -> BTreeMap<NodeId, (Outline, Outline)> {
        let mut found = BTreeMap::new();
        let world = self.checkout.world.clone();
        for decision in &plan.decisions {
            let changed =
                decision.causes().iter().any(|cause| cause.kind == Some(Kind::Seed) && cause.before.is_some());
            let node = &self.graph.nodes[decision.node];
            let Body::Seed(seed) = &node.body else { continue };
            let before = self.state.entries.get(&node.name).and_then(|entry| entry.outline.clone());
            let Some(before) = before.filter(|_| changed && execute::is_outlined(seed)) else { continue };
            if let Ok(Some(after)) = execute::outline(&*world, self.database.session(), seed, &decision.fingerprint) {
                found.insert(decision.node, (before, after));
            }
        }
        found
    }
}

/// A content, and the file that has it or that it is a part of.
struct Sought<'a> {
    kind: &'a str,
    name: &'a str,
    place: git::Place,
}

/// What the project says of a node for the explanation of a change.
fn about<'a>(node: &'a Node, grammar: &'a Grammar) -> About<'a> {
    let about = About { name: node.name.as_str(), path: &node.path, ..About::default() };
    match &node.body {
        Body::Seed(seed) => About { key: &seed.key, declared: &seed.columns, delimiter: seed.delimiter, ..about },
        Body::Python(body) => About { text: Some(&body.source), ..about },
        Body::Sql(_) => About { grammar: Some(grammar), ..about },
    }
}

/// Contents that a fingerprint of now has at hand, with their components' names.
fn contents<'a>(fingerprint: &'a Fingerprint, wanted: &BTreeSet<Digest>) -> Vec<(Digest, (&'a str, Content))> {
    let components = fingerprint.components.iter().map(|one| (one.digest, (one.name.as_str(), one.content.clone())));
    let text = |input: &'a Input| Some((input.digest, (input.name.as_str(), Content::Text(input.content.clone()?))));
    let inputs = fingerprint.inputs.iter().filter_map(text);
    components.chain(inputs).filter(|(digest, _)| wanted.contains(digest)).collect()
}

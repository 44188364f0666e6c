//! Which nodes a command is about: selectors, and what git says has changed.

use super::Failure;
use super::option::{CacheOptions, SelectOptions};
use super::prepare::Prepared;
use crate::artifact::results::RunResults;
use crate::artifact::wire::{self, Word};
use crate::diagnostic::Diagnostic;
use crate::execute::Status;
use crate::graph::{Facts, NodeId, NodeKind, affected, exclude, select};
use crate::plan::{self, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

impl Prepared {
    /// The nodes that the options ask for, with their upstream nodes unless those are left out.
    pub fn selection(&self, options: &SelectOptions) -> Result<BTreeSet<NodeId>, Failure> {
        let graph = &self.loaded.graph;
        let all: BTreeSet<NodeId> = (0..graph.nodes.len()).collect();
        if options.is_empty() {
            return Ok(all);
        }
        let known = self.known();
        let facts = known.facts();
        let mut selected = if options.select.is_empty() { all } else { self.select(&options.select, &facts)? };
        if options.only_seeds {
            let named = !selected.is_empty();
            selected.retain(|id| graph.nodes[*id].kind == NodeKind::Seed);
            if named && selected.is_empty() && !options.select.is_empty() {
                let message = format!("`{}` selects no seed", options.select.join(" "));
                return Err(Failure::Usage(message, vec!["`fft run --select` builds models too".into()]));
            }
        }
        if let Some(reference) = &options.changed_since {
            let changed = changed_since(&self.loaded.project.root, reference)?;
            let affected = affected(graph, &changed, self.loaded.project.settings.python.requirements.as_deref());
            selected.retain(|id| affected.contains(id));
        }
        if !options.no_upstream {
            selected.extend(graph.ancestors(&selected));
        }
        if !options.exclude.is_empty() {
            let excluded = self.select(&options.exclude, &facts)?;
            selected = exclude(graph, &selected, &excluded);
        }
        Ok(selected)
    }

    /// What selectors ask that the graph doesn't know.
    fn known(&self) -> Known {
        let (new, modified) = self.new_and_modified(&(0..self.loaded.graph.nodes.len()).collect());
        Known { new, modified, results: self.last_results() }
    }

    /// Nodes never built, and nodes whose fingerprint isn't that of their last build, by the computation of every run.
    fn new_and_modified(&self, all: &BTreeSet<NodeId>) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
        let request = Request { selected: all.clone(), ..Request::default() };
        let plan = plan::plan(&self.loaded.graph, &self.components, &self.state, &self.found, &request);
        let other = |decision: &plan::Decision| {
            decision.baseline.as_ref().is_some_and(|baseline| baseline.fingerprint != decision.fingerprint.value)
        };
        let ids = |test: &dyn Fn(&plan::Decision) -> bool| {
            plan.decisions.iter().filter(|decision| test(decision)).map(|decision| decision.node).collect()
        };
        (ids(&|decision| decision.baseline.is_none()), ids(&other))
    }

    fn last_results(&self) -> BTreeMap<NodeId, String> {
        let bytes = self.loaded.world.read(&self.loaded.layout.run_results()).unwrap_or_default();
        let Ok(results) = wire::read::<RunResults>(&bytes) else { return BTreeMap::new() };
        let status = |status: &Word<Status>| {
            serde_json::to_value(status).ok().and_then(|value| value.as_str().map(String::from))
        };
        let row =
            |row: &crate::artifact::results::ResultRow| Some((self.loaded.graph.id(&row.name)?, status(&row.status)?));
        results.results.iter().filter_map(row).collect()
    }

    /// Nodes named by `--rebuild`, all of them with `--full-refresh`.
    pub fn forced(&self, options: &CacheOptions, selected: &BTreeSet<NodeId>) -> Result<BTreeSet<NodeId>, Failure> {
        if options.full_refresh {
            return Ok(selected.clone());
        }
        if options.rebuild.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.select(&options.rebuild, &self.known().facts())
    }

    /// What selectors stand for. Where they name nothing it is said without what might be a secret's value.
    fn select(&self, texts: &[String], facts: &Facts<'_>) -> Result<BTreeSet<NodeId>, Failure> {
        let redact = |text: String| self.loaded.project.env.redact(&text);
        select(&self.loaded.graph, &texts.join(" "), facts).map_err(|problem| {
            let (message, excerpt) = (redact(problem.message), problem.excerpt.map(redact));
            Failure::Project(vec![Diagnostic { message, excerpt, ..problem }])
        })
    }
}

/// What is known of nodes from records and the database.
struct Known {
    new: BTreeSet<NodeId>,
    modified: BTreeSet<NodeId>,
    results: BTreeMap<NodeId, String>,
}

impl Known {
    fn facts(&self) -> Facts<'_> {
        Facts { new: &self.new, modified: &self.modified, results: &self.results }
    }
}

impl SelectOptions {
    /// Why nothing is selected, where it isn't a mistake.
    pub fn nothing(&self) -> String {
        let parts: Vec<&str> = self.select.iter().flat_map(|text| text.split_whitespace()).collect();
        match (&self.changed_since, parts.as_slice()) {
            (Some(reference), _) => format!("nothing to do: no selected node differs from {reference}"),
            (None, []) if self.only_seeds => "nothing to do: the project has no seeds".into(),
            (None, []) => "nothing to do: all nodes are excluded".into(),
            (None, _) if !self.exclude.is_empty() => "nothing to do: all selected nodes are excluded".into(),
            (None, parts) => format!("nothing to do: nothing is {}", parts.join(" or ")),
        }
    }
}

/// Project-relative paths that differ from `reference`: commits since, the index, the work tree, and files that git
/// doesn't know yet.
fn changed_since(root: &Path, reference: &str) -> Result<BTreeSet<String>, Failure> {
    let commit = commit(root, reference)?;
    let mut changed = git(root, &["diff", "--name-only", "--relative", "--no-renames", "-z", &commit])?;
    changed.push_str(&git(root, &["ls-files", "--others", "--exclude-standard", "-z"])?);
    Ok(changed.split('\0').filter(|path| !path.is_empty()).map(String::from).collect())
}

/// The commit that `reference` is in the repository around `root`, as hexadecimal digits.
pub fn commit(root: &Path, reference: &str) -> Result<String, Failure> {
    // A name that begins with a dash would be an option.
    let commit = format!("{reference}^{{commit}}");
    let commit = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    let commit = commit.map_err(|failure| match failure {
        Failure::Usage(..) => unknown_reference(reference),
        other => other,
    })?;
    Ok(commit.trim().to_string())
}

fn unknown_reference(reference: &str) -> Failure {
    let message = format!("git doesn't know `{reference}` in this project's repository");
    Failure::Usage(message, vec!["name a commit, a branch or a tag; the project must be in a git repository".into()])
}

#[expect(clippy::disallowed_methods, reason = "git alone knows its commits")]
fn git(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| Failure::Io("git can't be started".into(), error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_string();
        return Err(Failure::Usage(format!("git {} failed: {said}", arguments[0]), Vec::new()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

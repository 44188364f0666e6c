//! Which nodes a command is about: selectors, and what git says has changed.

use super::Failure;
use super::option::{CacheOptions, SelectOptions};
use super::prepare::Prepared;
use crate::artifact::results::RunResults;
use crate::graph::{Facts, NodeId, affected, exclude, select};
use crate::plan::{self, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

impl Prepared {
    /// The nodes that the options ask for, with their upstream nodes unless those are left out.
    pub fn selection(&self, options: &SelectOptions) -> Result<BTreeSet<NodeId>, Failure> {
        let graph = &self.loaded.graph;
        let all: BTreeSet<NodeId> = (0..graph.nodes.len()).collect();
        if options.select.is_empty() && options.exclude.is_empty() && options.changed_since.is_none() {
            return Ok(all);
        }
        let (new, modified) = self.new_and_modified(&all);
        let results = self.last_results();
        let facts = Facts { new: &new, modified: &modified, results: &results };
        let mut selected = match options.select.is_empty() {
            true => all,
            false => select(graph, &options.select.join(" "), &facts)?,
        };
        if let Some(reference) = &options.changed_since {
            let changed = changed_since(&self.loaded.project.root, reference)?;
            let affected = affected(graph, &changed, self.loaded.project.settings.python.requirements.as_deref());
            selected.retain(|id| affected.contains(id));
        }
        if !options.no_upstream {
            selected.extend(graph.ancestors(&selected));
        }
        if !options.exclude.is_empty() {
            let excluded = select(graph, &options.exclude.join(" "), &facts)?;
            selected = exclude(graph, &selected, &excluded);
        }
        Ok(selected)
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
        let Ok(results) = serde_json::from_slice::<RunResults>(&bytes) else { return BTreeMap::new() };
        let status = |status| serde_json::to_value(status).ok().and_then(|value| value.as_str().map(String::from));
        let row =
            |row: &crate::artifact::results::ResultRow| Some((self.loaded.graph.id(&row.name)?, status(row.status)?));
        results.results.iter().filter_map(row).collect()
    }

    /// Nodes named by `--rebuild`, all of them with `--full-refresh`.
    pub fn forced(&self, options: &CacheOptions, selected: &BTreeSet<NodeId>) -> Result<BTreeSet<NodeId>, Failure> {
        if options.full_refresh {
            return Ok(selected.clone());
        }
        let empty = (BTreeSet::new(), BTreeMap::new());
        let facts = Facts { new: &empty.0, modified: &empty.0, results: &empty.1 };
        let mut forced = BTreeSet::new();
        for glob in &options.rebuild {
            forced.extend(select(&self.loaded.graph, glob, &facts)?);
        }
        Ok(forced)
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
    let commit = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
        .map_err(|_| unknown_reference(reference))?;
    Ok(commit.trim().to_string())
}

fn unknown_reference(reference: &str) -> Failure {
    let message = format!("git doesn't know `{reference}` in this project's repository");
    Failure::Usage(message, vec!["name a commit, a branch or a tag; the project must be in a git repository".into()])
}

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

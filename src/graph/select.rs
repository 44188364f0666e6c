//! Selectors: which nodes a text such as `+mart_*,tag:daily state:modified+` stands for.
//!
//! [`select`] takes the graph, the text and what is known of the nodes from elsewhere ([`Facts`]). Each term must name
//! something that the project has: a name, tag, path or source of which there is none is a problem that names what is
//! near. What only the state of things decides (`state:modified`, `result:error`) may select nothing. The grammar is in
//! [`parse`].

mod parse;

use super::{Graph, Node, NodeId, NodeKind};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use globset::{GlobBuilder, GlobMatcher};
use parse::{Atom, Method, bad};
use std::collections::{BTreeMap, BTreeSet};

/// What selectors ask that the graph doesn't know.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Nodes never built.
    pub new: &'a BTreeSet<NodeId>,
    /// Nodes whose fingerprint differs from their last build's.
    pub modified: &'a BTreeSet<NodeId>,
    /// How each node ended in the last run: `success error skipped blocked not_selected`.
    pub results: &'a BTreeMap<NodeId, String>,
    /// How fresh the data of sources were when they were looked at, by group and table: `pass warn error`.
    pub fresh: &'a BTreeMap<(String, String), String>,
}

/// The nodes that `text` stands for; none only where that is a state of things and no slip.
///
/// # Errors
///
/// `bad-selector` with the column for text that is no selector; `empty-selection` with the nearest names where a term
/// names nothing of this project.
pub fn select(graph: &Graph, text: &str, facts: &Facts<'_>) -> Result<BTreeSet<NodeId>, Diagnostic> {
    let parts = parse::parse(text)?;
    let mut selected: Option<BTreeSet<NodeId>> = None;
    for terms in &parts {
        let found = union(graph, text, terms, facts)?;
        selected = Some(selected.map_or(found.clone(), |selected| &selected & &found));
    }
    let selected = selected.unwrap_or_default();
    // Names that are never true of one node together are a slip as well.
    let terms = || parts.iter().flatten();
    let several = |term: &Vec<Atom<'_>>| term.len() > 1 || parts.len() > 1;
    let at_odds = |term: &Vec<Atom<'_>>| several(term) && !term.iter().any(|atom| passes(atom.method));
    if selected.is_empty() && terms().all(at_odds) {
        Err(nothing(graph, text.trim(), terms().flatten()))
    } else {
        Ok(selected)
    }
}

/// The nodes that any of the terms stands for.
fn union(
    graph: &Graph,
    text: &str,
    terms: &[Vec<Atom<'_>>],
    facts: &Facts<'_>,
) -> Result<BTreeSet<NodeId>, Diagnostic> {
    let mut selected = BTreeSet::new();
    for term in terms {
        let mut common: Option<BTreeSet<NodeId>> = None;
        for atom in term {
            let found = matches(graph, text, atom, facts)?;
            if found.is_empty() && names_something(atom.method) {
                return Err(nothing(graph, word_at(text, atom.offset), term.iter()));
            }
            let found = spread(graph, atom, found);
            common = Some(common.map_or(found.clone(), |common| &common & &found));
        }
        selected.append(&mut common.unwrap_or_default());
    }
    Ok(selected)
}

/// Whether a pattern of this method is a name: of what isn't there it is a slip.
fn names_something(method: Method) -> bool {
    matches!(method, Method::Name | Method::Tag | Method::Path | Method::Package | Method::Source | Method::Exposure)
}

/// Whether what the method selects changes while the project stays the same.
fn passes(method: Method) -> bool {
    matches!(method, Method::State | Method::Outcome | Method::SourceStatus)
}

/// `selected` without `excluded` and everything downstream of it.
pub fn exclude(graph: &Graph, selected: &BTreeSet<NodeId>, excluded: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    let below = graph.descendants(excluded);
    selected.iter().filter(|id| !excluded.contains(id) && !below.contains(id)).copied().collect()
}

/// The nodes that an atom's pattern itself matches.
fn matches(graph: &Graph, text: &str, atom: &Atom<'_>, facts: &Facts<'_>) -> Result<BTreeSet<NodeId>, Diagnostic> {
    let test = |test: &dyn Fn(&Node) -> bool| -> BTreeSet<NodeId> {
        graph.nodes.iter().enumerate().filter(|(_, node)| test(node)).map(|(id, _)| id).collect()
    };
    let pattern = atom.pattern;
    Ok(match atom.method {
        Method::Name if is_plain(pattern) => {
            let found = graph.find(pattern).ok_or_else(|| unknown(graph, text, atom))?;
            BTreeSet::from([found])
        }
        Method::Name => {
            let glob = glob(text, atom, pattern)?;
            test(&|node| glob.is_match(node.name.as_str()) || glob.is_match(node.name.stem()))
        }
        Method::Tag => {
            let glob = glob(text, atom, pattern)?;
            test(&|node| node.tags.iter().any(|tag| glob.is_match(tag)))
        }
        Method::Kind => test(&|node| is_kind(node, pattern)),
        Method::Path => {
            let pattern = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
            let (file, folder) = (glob(text, atom, pattern)?, glob(text, atom, &format!("{pattern}/**"))?);
            test(&|node| file.is_match(&node.path) || folder.is_match(&node.path))
        }
        Method::Package => {
            let glob = glob(text, atom, pattern)?;
            test(&|node| glob.is_match(package_of(graph, node)))
        }
        Method::State if pattern == "new" => facts.new.clone(),
        Method::State => facts.modified.clone(),
        Method::Outcome => {
            let pattern = match pattern {
                "ok" => "success",
                "fail" => "error",
                other => other,
            };
            facts.results.iter().filter(|(_, result)| *result == pattern).map(|(id, _)| *id).collect()
        }
        Method::Exposure => {
            let glob = glob(text, atom, pattern)?;
            let meant = graph.exposures.iter().filter(|(name, _)| glob.is_match(name));
            meant.flat_map(|(_, nodes)| nodes).copied().collect()
        }
        Method::SourceStatus => {
            test(&|node| node.sources.iter().any(|source| facts.fresh.get(source).is_some_and(|word| word == pattern)))
        }
        Method::Source => {
            let glob = glob(text, atom, pattern)?;
            let reads =
                |(group, table): &(String, String)| glob.is_match(group) || glob.is_match(format!("{group}.{table}"));
            test(&|node| node.sources.iter().any(reads))
        }
    })
}

/// Whether a pattern is a name and no glob.
fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

fn glob(text: &str, atom: &Atom<'_>, pattern: &str) -> Result<GlobMatcher, Diagnostic> {
    // In a path `*` stays in one folder and `**` doesn't; other names have no folders.
    let built = GlobBuilder::new(pattern).literal_separator(atom.method == Method::Path).build();
    match built {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(error) => Err(bad(text, atom.offset, format!("`{}` is no pattern: {}", atom.pattern, error.kind()))),
    }
}

fn is_kind(node: &Node, word: &str) -> bool {
    match word {
        "seed" => node.kind == NodeKind::Seed,
        "sql" => node.kind == NodeKind::Sql,
        "python" => node.kind == NodeKind::Python,
        _ => node.materialization.word() == word,
    }
}

/// The package of a node; the project's own are of one of its name.
fn package_of<'g>(graph: &'g Graph, node: &'g Node) -> &'g str {
    node.package.as_deref().unwrap_or(&graph.project)
}

/// Adds what `+` and `@` ask for.
fn spread(graph: &Graph, atom: &Atom<'_>, start: BTreeSet<NodeId>) -> BTreeSet<NodeId> {
    if atom.closure {
        let down = &start | &graph.descendants(&start);
        return &down | &graph.ancestors(&down);
    }
    let up = graph.reach(&start, atom.up, |node| &node.upstream);
    let down = graph.reach(&start, atom.down, |node| &node.downstream);
    &(&start | &up) | &down
}

fn unknown(graph: &Graph, text: &str, atom: &Atom<'_>) -> Diagnostic {
    let message = format!("no node is called `{}`", atom.pattern);
    let problem = Diagnostic::new("empty-selection", message)
        .at(Location::at_offset("selector", text, atom.offset))
        .excerpt(text);
    problem.hint(near(graph, atom).unwrap_or_else(|| "`fft ls` lists the nodes of this project".into()))
}

/// The word of `text` that `offset` lies in.
fn word_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].char_indices().rfind(|(_, character)| character.is_whitespace());
    let start = start.map_or(0, |(at, character)| at + character.len_utf8());
    text[start..].split_whitespace().next().unwrap_or_default()
}

/// The problem of a selector that names nothing, or of a part of one.
fn nothing<'a>(graph: &Graph, shown: &str, atoms: impl Iterator<Item = &'a Atom<'a>>) -> Diagnostic {
    let problem = Diagnostic::new("empty-selection", format!("`{shown}` selects nothing"));
    let hints: Vec<String> = atoms.filter_map(|atom| near(graph, atom)).collect();
    let problem = if hints.is_empty() && shown.contains(',') {
        problem.hint("a comma asks for nodes that match both sides; a space for those that match either")
    } else {
        problem
    };
    if hints.is_empty() {
        problem.hint("`fft ls` lists the nodes of this project")
    } else {
        hints.into_iter().fold(problem, Diagnostic::hint)
    }
}

/// What an atom that matches nothing may have meant.
fn near(graph: &Graph, atom: &Atom<'_>) -> Option<String> {
    let nodes = || graph.nodes.iter();
    let candidates: BTreeSet<String> = match atom.method {
        Method::Name => nodes().flat_map(|node| [node.name.as_str(), node.name.stem()]).map(String::from).collect(),
        Method::Tag => nodes().flat_map(|node| node.tags.iter().cloned()).collect(),
        Method::Path => nodes().flat_map(|node| folders(&node.path)).map(String::from).collect(),
        Method::Package => nodes().map(|node| package_of(graph, node).to_string()).collect(),
        Method::Source => nodes()
            .flat_map(|node| &node.sources)
            .flat_map(|(group, table)| [group.clone(), format!("{group}.{table}")])
            .collect(),
        Method::Exposure => graph.exposures.keys().cloned().collect(),
        Method::Kind | Method::State | Method::Outcome | Method::SourceStatus => BTreeSet::new(),
    };
    let pattern = atom.pattern.trim_end_matches('/');
    if candidates.contains(pattern) { None } else { did_you_mean(pattern, candidates.iter().map(String::as_str)) }
}

/// A path and the folders it is in.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).chain([path])
}

#[cfg(test)]
mod tests;

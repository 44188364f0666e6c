//! Advice from the records of runs, as it is written and in words: a fact that they prove, and the setting that would
//! change it.

use super::listed::count;
use crate::diagnostic::grouped;
use crate::project::shown_duration;
use serde::Serialize;

/// Nodes that a sentence names.
const NAMED: usize = 3;

/// What is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceCode {
    /// Edits of comments rebuilt nodes.
    Cosmetic,
    /// A variable that no model names rebuilt nodes.
    Variable,
    /// A node is built again and again with as many rows, and others follow it.
    SameRows,
    /// One chain of nodes bounds the runs.
    SlowChain,
    /// Workers are lacking.
    Workers,
    /// Nothing reads the nodes.
    Unread,
}

/// A fact with the runs that prove it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Advice {
    pub code: AdviceCode,
    /// Oldest run first.
    pub evidence: Vec<Evidence>,
    /// The nodes that it is about, those that matter most first.
    pub nodes: Vec<String>,
    /// Milliseconds of building, or of waiting for it, that the runs would have saved; `None` where that can't be told.
    pub saved_ms: Option<u64>,
    pub sentence: String,
    /// What to write, and where.
    pub setting: Option<String>,
}

/// What one run proves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    pub run_id: String,
    pub sentence: String,
}

/// `a, b and c`, `a, b, c and 4 more`.
fn list(names: &[impl AsRef<str>]) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    match (names.len().saturating_sub(NAMED), named.split_last()) {
        (0, Some((last, [_, ..]))) => format!("{} and {last}", named[..named.len() - 1].join(", ")),
        (0, _) => named.join(", "),
        (more, _) => format!("{} and {} more", named.join(", "), grouped(more)),
    }
}

/// Nodes that a run rebuilt for something, how many of them for nothing else, and the time of those.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rebuilt {
    pub nodes: usize,
    pub alone: usize,
    pub alone_ms: u64,
}

impl Rebuilt {
    /// `rebuilt 99 nodes, 6 of them only because of it (36 ms)`.
    fn words(&self) -> String {
        let all = count(self.nodes, "node");
        match self.alone {
            0 => format!("rebuilt {all}, none of them only because of it"),
            alone if alone == self.nodes => format!("rebuilt {all} ({})", shown_duration(self.alone_ms)),
            alone => {
                let time = shown_duration(self.alone_ms);
                format!("rebuilt {all}, {} of them only because of it ({time})", grouped(alone))
            }
        }
    }
}

/// What edits of comments did in a run: the nodes where they were, and what was rebuilt.
pub struct Comments<'a> {
    pub run_id: &'a str,
    pub nodes: &'a [String],
    pub rebuilt: Rebuilt,
}

/// What a change of a variable did in a run.
pub struct Variable<'a> {
    pub run_id: &'a str,
    pub rebuilt: Rebuilt,
}

/// A node that is built again and again.
pub struct Repeated<'a> {
    pub node: &'a str,
    /// Rows, the same each time.
    pub rows: u64,
    /// Kept runs that could have built it.
    pub runs: usize,
    /// Each run that built it, with the nodes that followed it and nothing else, and their time.
    pub builds: Vec<(&'a str, usize, u64)>,
}

/// A run that its longest chain bounds.
pub struct Bounded<'a> {
    pub run_id: &'a str,
    pub last: &'a str,
    pub chain_ms: u64,
    pub slowest: &'a str,
    pub slowest_ms: u64,
    /// With a chain twice as fast.
    pub saved_ms: u64,
}

/// A run that more workers would have made shorter.
pub struct Crowded<'a> {
    pub run_id: &'a str,
    pub workers: usize,
    pub more: usize,
    pub saved_ms: u64,
}

impl Advice {
    pub fn comments(runs: &[Comments<'_>]) -> Advice {
        let alone: usize = runs.iter().map(|run| run.rebuilt.alone).sum();
        let saved: u64 = runs.iter().map(|run| run.rebuilt.alone_ms).sum();
        let mut nodes: Vec<String> = runs.iter().rev().flat_map(|run| run.nodes.iter().cloned()).collect();
        let mut seen = std::collections::BTreeSet::new();
        nodes.retain(|node| seen.insert(node.clone()));
        let evidence = runs.iter().map(|run| Evidence {
            run_id: run.run_id.into(),
            sentence: format!("an edit of comments in {} {}", list(run.nodes), run.rebuilt.words()),
        });
        Advice {
            code: AdviceCode::Cosmetic,
            evidence: evidence.collect(),
            sentence: format!(
                "Only comments and white space were edited in {}, in {}: {} {} rebuilt for no other reason, {}.",
                list(&nodes),
                count(runs.len(), "run"),
                count(alone, "node"),
                if alone == 1 { "was" } else { "were" },
                shown_duration(saved)
            ),
            nodes,
            saved_ms: Some(saved),
            setting: Some("project.yml: fingerprint: {cosmetic: skip}".into()),
        }
    }

    /// `variable` is its name.
    pub fn variable(variable: &str, runs: &[Variable<'_>]) -> Advice {
        let saved = runs.iter().map(|run| run.rebuilt.alone_ms).sum();
        let counts: Vec<String> = runs.iter().map(|run| grouped(run.rebuilt.nodes)).collect();
        let evidence = runs.iter().map(|run| Evidence {
            run_id: run.run_id.into(),
            sentence: format!("a change of {variable} {}", run.rebuilt.words()),
        });
        let total: usize = runs.iter().map(|run| run.rebuilt.nodes).sum();
        let rebuilt = match counts.len() {
            1 => format!("{} in a run", count(total, "node")),
            2..=4 => format!("{} nodes in {} runs", list(&counts), counts.len()),
            many => format!("nodes {} times in {}", grouped(total), count(many, "run")),
        };
        Advice {
            code: AdviceCode::Variable,
            evidence: evidence.collect(),
            nodes: Vec::new(),
            saved_ms: Some(saved),
            sentence: format!("{variable} rebuilt {rebuilt}, and no model names it."),
            setting: Some(format!("project.yml: fingerprint: {{env: {{ignore: [{variable}]}}}}")),
        }
    }

    pub fn same_rows(repeated: &Repeated<'_>) -> Advice {
        let Repeated { node, rows, runs, builds } = repeated;
        let followed: usize = builds.iter().map(|build| build.1).sum();
        let saved: u64 = builds.iter().map(|build| build.2).sum();
        let rows = count(usize::try_from(*rows).unwrap_or(usize::MAX), "row");
        let evidence = builds.iter().map(|(run_id, followed, ms)| Evidence {
            run_id: (*run_id).into(),
            sentence: match followed {
                0 => format!("built {node} with {rows}"),
                _ => format!(
                    "built {node} with {rows}; {} followed it alone ({})",
                    count(*followed, "node"),
                    shown_duration(*ms)
                ),
            },
        });
        let (builds_words, were) = (count(followed, "build"), if followed == 1 { "was" } else { "were" });
        Advice {
            code: AdviceCode::SameRows,
            evidence: evidence.collect(),
            nodes: vec![(*node).into()],
            saved_ms: Some(saved),
            sentence: format!(
                "{node} was built in {} of {}, each time with {rows}, and {builds_words} ({}) {were} made only because of \
                 that: if the rows were the same, early cutoff would have skipped them.",
                grouped(builds.len()),
                count(*runs, "run"),
                shown_duration(saved)
            ),
            setting: Some("project.yml: run: {cutoff: true}".into()),
        }
    }

    /// `timed` is the number of runs of which the times are known.
    pub fn slow_chain(runs: &[Bounded<'_>], timed: usize) -> Advice {
        let evidence = runs.iter().map(|run| Evidence {
            run_id: run.run_id.into(),
            sentence: format!(
                "the chain ending in {} needed {}, {} of it for {}",
                run.last,
                shown_duration(run.chain_ms),
                shown_duration(run.slowest_ms),
                run.slowest
            ),
        });
        let mut counts: std::collections::BTreeMap<&str, (usize, u64)> = Default::default();
        for run in runs {
            let count = counts.entry(run.slowest).or_default();
            (count.0, count.1) = (count.0 + 1, count.1 + run.slowest_ms);
        }
        let mut nodes: Vec<&str> = counts.keys().copied().collect();
        nodes.sort_by_key(|node| std::cmp::Reverse(counts[node]));
        let saved: u64 = runs.iter().map(|run| run.saved_ms).sum();
        let most = nodes.first().copied().unwrap_or_default();
        Advice {
            code: AdviceCode::SlowChain,
            evidence: evidence.collect(),
            sentence: format!(
                "In {} of {} the longest chain of nodes was what took the time, and more workers wouldn't help; {most} was \
                 its slowest node in {} of them. A chain twice as fast would have saved about {}.",
                grouped(runs.len()),
                count(timed, "run"),
                grouped(counts.get(most).map_or(0, |count| count.0)),
                shown_duration(saved)
            ),
            nodes: nodes.into_iter().map(String::from).collect(),
            saved_ms: Some(saved),
            setting: None,
        }
    }

    /// `timed` is the number of runs of which the times are known.
    pub fn workers(runs: &[Crowded<'_>], timed: usize) -> Advice {
        let evidence = runs.iter().map(|run| Evidence {
            run_id: run.run_id.into(),
            sentence: format!(
                "{} instead of {} would have saved about {}",
                count(run.more, "worker"),
                grouped(run.workers),
                shown_duration(run.saved_ms)
            ),
        });
        let saved: u64 = runs.iter().map(|run| run.saved_ms).sum();
        let jobs = runs.last().map_or(1, |run| run.more);
        Advice {
            code: AdviceCode::Workers,
            evidence: evidence.collect(),
            nodes: Vec::new(),
            saved_ms: Some(saved),
            sentence: format!(
                "In {} of {} nodes waited for a free worker: with more of them about {} would have been saved, as far as \
                 the database takes them side by side.",
                grouped(runs.len()),
                count(timed, "run"),
                shown_duration(saved)
            ),
            setting: Some(format!("fft run --jobs {jobs}")),
        }
    }

    /// `built` has each run that built any of them, how many, and their time.
    pub fn unread(nodes: Vec<String>, built: &[(&str, usize, u64)]) -> Advice {
        let evidence = built.iter().map(|(run_id, count, ms)| Evidence {
            run_id: (*run_id).into(),
            sentence: format!("built {} of them in {}", grouped(*count), shown_duration(*ms)),
        });
        let spent: u64 = built.iter().map(|build| build.2).sum();
        let runs = count(built.len(), "kept run");
        let cost =
            if built.is_empty() { String::new() } else { format!("; they took {} in {runs}", shown_duration(spent)) };
        let cost = if nodes.len() == 1 { cost.replace("they took", "it took") } else { cost };
        Advice {
            code: AdviceCode::Unread,
            evidence: evidence.collect(),
            sentence: format!(
                "Nothing in the project reads {}, though most of what stands beside {} is read{cost}.",
                list(&nodes),
                if nodes.len() == 1 { "it" } else { "them" },
            ),
            nodes,
            saved_ms: Some(spent),
            setting: None,
        }
    }
}

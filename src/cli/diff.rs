//! `fft diff A B`: two recorded states of a project, node by node and component by component.

use super::Exit;
use super::cause::print_causes;
use super::option::RecordOptions;
use super::printer::root_line;
use super::reference::References;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::Layout;
use crate::artifact::comparison::{Comparison, NodeChange, NodeComparison, NodeSide};
use crate::artifact::evidence::Evidence;
use crate::artifact::markdown::markdown;
use crate::artifact::snapshot::{Origin, OriginKind, Snapshot};
use crate::artifact::wire::Came;
use crate::diagnostic::did_you_mean;
use crate::project::published;
use crate::run::{Failure, layout, recorded_root, tell_newer};
use crate::site::run::compared_at;
use crate::world::World;
use clap::{Args, ValueEnum};
use std::path::Path;
use std::sync::Arc;

/// Roots that are shown unless asked for more.
const SHOWN: usize = 8;

#[derive(Args, Debug)]
pub struct DiffOptions {
    /// The earlier state: a run's id or the beginning of one, `latest~N`, a manifest.json, a git commit
    #[arg(value_name = "A")]
    before: String,
    /// The later state
    #[arg(value_name = "B", default_value = "latest")]
    after: String,
    #[command(flatten)]
    records: RecordOptions,
    /// This node alone
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown, as for a pull request
    #[arg(long)]
    markdown: bool,
    /// Exit with 3 when a node isn't the same
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Change,
}

pub fn diff(world: Arc<dyn World>, terminal: &Terminal, options: DiffOptions) -> Result<Exit, Failure> {
    // Records are compared, so that a project which can't be read now can still be asked for what it was.
    let root = recorded_root(&*world, options.records.project.as_deref())?;
    let layout = layout(&*world, &root)?;
    let references = References::new(&*world, &root, &layout).of_profile(options.records.env.clone());
    let (before, after) = (references.snapshot(&options.before)?, references.snapshot(&options.after)?);
    for state in [&before, &after] {
        tell_newer(terminal, &state.origin.words(), &state.schema_version);
    }
    let comparison = compared(&world, &layout, &before, &after, options.node.as_deref())?;
    if options.json {
        terminal.json(&comparison);
    } else if options.markdown {
        terminal.raw(&markdown(&comparison, link(&*world, &root, &comparison).as_deref()));
    } else {
        print(terminal, &comparison);
    }
    let unmet = options.fail_on == Some(FailOn::Change) && comparison.totals.differ();
    Ok(if unmet { Exit::Unmet } else { Exit::Done })
}

/// Where a published site compares the two, as `docs.url` of project.yml says.
fn link(world: &dyn World, root: &Path, comparison: &Comparison) -> Option<String> {
    let address = published(world, root)?;
    let runs = [&comparison.before, &comparison.after];
    let run = |origin: &&Origin| origin.kind == OriginKind::Run;
    runs.iter().all(run).then(|| compared_at(&address, &runs[0].run_id, &runs[1].run_id))
}

/// Two states compared, with what the project's evidence tells of them; one node alone where `node` is given.
pub fn compared(
    world: &Arc<dyn World>,
    layout: &Layout,
    before: &Snapshot,
    after: &Snapshot,
    node: Option<&str>,
) -> Result<Comparison, Failure> {
    let mut comparison = Comparison::of(before, after);
    if let Some(name) = node {
        comparison = comparison.only(name).ok_or_else(|| {
            let names = before.nodes.keys().chain(after.nodes.keys()).map(String::as_str);
            Failure::Usage(format!("no node `{name}` in either state"), did_you_mean(name, names).into_iter().collect())
        })?;
    }
    let evidence = Evidence::new(world.clone(), layout.evidence());
    comparison.attribute(before, after, |digest| evidence.content(digest));
    Ok(comparison)
}

fn print(terminal: &Terminal, comparison: &Comparison) {
    let origins = [&comparison.before, &comparison.after].map(Origin::words);
    terminal.result(&terminal.paint(Style::Strong, &clean(&origins.join(" → "))));
    if !comparison.roots.is_empty() {
        terminal.result(&format!("Roots of run {}", comparison.after.run_id));
        let bound = if terminal.verbose > 0 { usize::MAX } else { SHOWN };
        comparison
            .roots
            .iter()
            .take(bound)
            .for_each(|root| terminal.result(&format!("  {}", root_line(root, Came::Done))));
        if comparison.roots.len() > bound {
            terminal.result(&format!("  … and {} more (-v)", comparison.roots.len() - bound));
        }
    }
    terminal.result("");
    let mut shown = comparison.differing();
    if terminal.verbose > 0 {
        shown.extend(comparison.nodes.iter().filter(|node| node.change == NodeChange::Same));
    }
    shown.iter().for_each(|node| print_node(terminal, node));
    if !shown.is_empty() {
        terminal.result("");
    }
    terminal.result(&terminal.paint(Style::Strong, &comparison.totals.words()));
}

/// A node's line, and below it what its own reasons hold.
pub fn print_node(terminal: &Terminal, node: &NodeComparison) {
    let style = match node.change {
        NodeChange::Added => Style::Good,
        NodeChange::Removed => Style::Bad,
        NodeChange::Changed => Style::Changed,
        NodeChange::Same => Style::Quiet,
    };
    let word = terminal.paint(style, &format!("{:<7}", node.change.word()));
    let rest = clean(&format!("{}  {}", node.name, node.summary())).replace('\n', " ");
    terminal.result(format!("{word}  {rest}").trim_end());
    if terminal.verbose > 1 {
        let side = |side: &Option<NodeSide>| side.as_ref().map_or("absent".into(), |side| side.fingerprint.to_string());
        terminal.result(&format!("    {} → {}", side(&node.before), side(&node.after)));
    }
    if !node.is_cascade() {
        print_causes(terminal, &node.causes, "    ");
    }
}

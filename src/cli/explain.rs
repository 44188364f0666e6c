//! `fft explain NODE`: one node's decision with everything that led to it.

use super::Exit;
use super::cause::print_causes;
use super::diff::{compared, print_node};
use super::inputs;
use super::option::{ProjectOptions, WaitOptions};
use super::printer::duration;
use super::reference::References;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::comparison::Comparison;
use crate::artifact::evidence::Evidence;
use crate::artifact::reach;
use crate::artifact::results::{ResultRow, RunResults};
use crate::artifact::wire::{self, Cause, Manifest, Word, commit_words};
use crate::diagnostic::did_you_mean;
use crate::execute::{Outcome, Run, Status};
use crate::graph::NodeId;
use crate::name::look_up;
use crate::plan::{Action, RootKind};
use crate::project::shown_size;
use crate::run::{self, Caching, Decided, Failure, Only, Purpose, Selection, layout, recorded_root, tell_newer};
use crate::world::World;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct ExplainOptions {
    /// The node's name
    node: String,
    /// The project's folder; the nearest folder upward with a project.yml by default
    project: Option<PathBuf>,
    /// Only runs of this profile; with --next the profile (default: FFT_ACTIVE_ENV)
    #[arg(long, value_name = "PROFILE")]
    env: Option<String>,
    /// With --next: vars, as `name=value`; a value is read as JSON where it is JSON, else as text
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., requires = "next")]
    vars: Vec<String>,
    /// The run to explain; the last one by default
    #[arg(long, value_name = "RUN", conflicts_with = "next")]
    run: Option<String>,
    /// Explain what a run now would decide
    #[arg(long)]
    next: bool,
    /// Compare with this run, manifest.json or git commit as well
    #[arg(long, value_name = "STATE", conflicts_with = "next")]
    against: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn explain(world: Arc<dyn World>, terminal: &Terminal, options: ExplainOptions) -> Result<Exit, Failure> {
    let root = recorded_root(&*world, options.project.as_deref())?;
    let layout = layout(&*world, &root)?;
    let references = References::new(&*world, &root, &layout).of_profile(options.env.clone());
    let mut equal = Vec::new();
    let results = if options.next {
        let decided = next(world.clone(), terminal, &options)?;
        equal = inputs::of_next(&decided, &options.node);
        planned(&decided)
    } else {
        recorded(&references, options.run.as_deref())?
    };
    tell_newer(terminal, &format!("run {}", results.metadata.run_id), &results.metadata.schema_version);
    let row = find(&results, &options.node)?;
    let against = match &options.against {
        None => None,
        Some(wanted) => {
            let (before, after) = (references.snapshot(wanted)?, references.snapshot(&results.metadata.run_id)?);
            Some(compared(&world, &layout, &before, &after, Some(&row.name))?)
        }
    };
    if options.json {
        terminal.json(&row_json(&results, row, against));
        return Ok(Exit::Done);
    }
    let run = if options.next { "the next run".to_string() } else { format!("run {}", results.metadata.run_id) };
    Explanation { terminal, row, results: &results, run, next: options.next }.print();
    if terminal.verbose > 0 {
        if !options.next {
            equal = inputs::of_row(&references, &results.metadata.run_id, row)?;
        }
        inputs::print(terminal, &equal, &Evidence::new(world.clone(), layout.evidence()));
    }
    if let Some(against) = &against {
        terminal.result("");
        terminal.result(&terminal.paint(Style::Strong, &format!("Against {}", against.before.words())));
        against.nodes.iter().for_each(|node| print_node(terminal, node));
    }
    Ok(Exit::Done)
}

/// A root of another node's rebuilding, with its own reasons.
#[derive(Serialize)]
struct RootCauses<'a> {
    causes: Vec<Cause>,
    name: &'a str,
}

/// Roots that are told with what is different there.
const TOLD: usize = 3;

/// What is different in the roots that `row` was rebuilt for, itself left out; the first ones.
fn root_causes<'a>(results: &'a RunResults, row: &'a ResultRow) -> Vec<RootCauses<'a>> {
    let others = row.decision.roots.iter().filter(|name| **name != row.name);
    let node = |name: &'a String| {
        let root = results.roots.iter().find(|root| root.name == *name && root.kind == RootKind::Node)?;
        let row = results.results.iter().find(|row| row.name == root.name)?;
        let own = row.decision.causes.iter().filter(|cause| !cause.code.is_upstream());
        Some(RootCauses { causes: own.cloned().collect(), name })
    };
    others.filter_map(node).take(TOLD).collect()
}

/// The row, with what is different in its roots, and the comparison that was asked for as `against`.
fn row_json(results: &RunResults, row: &ResultRow, against: Option<Comparison>) -> serde_json::Value {
    let mut value = serde_json::to_value(row).expect("invariant: a row is JSON");
    value["root_causes"] = serde_json::to_value(root_causes(results, row)).expect("invariant: causes are JSON");
    if let Some(against) = against {
        value["against"] = serde_json::to_value(against).expect("invariant: a comparison is JSON");
    }
    value
}

/// What a run of everything would decide now.
fn next(world: Arc<dyn World>, terminal: &Terminal, options: &ExplainOptions) -> Result<Decided, Failure> {
    let (project, env, vars) = (options.project.clone(), options.env.clone(), options.vars.clone());
    let project = ProjectOptions { project, env, vars, ..ProjectOptions::default() };
    let opened = run::open(world, terminal, &project.wanted()?, Purpose::Look, options.wait.no_wait)?;
    let standing = opened.observe(terminal)?;
    project.warn_unread(terminal, standing.graph());
    // A snapshot is explained by the verb that runs it.
    let keeps_history = |id: NodeId| standing.graph().nodes[id].materialization.keeps_history();
    let only = if standing.graph().find(&options.node).is_some_and(keeps_history) { Only::All } else { Only::Rebuilt };
    standing.decide(terminal, &Selection { only, ..Selection::default() }, Caching::default())
}

/// The decisions of the next run in the form of a run's results.
fn planned(decided: &Decided) -> RunResults {
    let (checkout, plan) = (decided.checkout(), decided.plan());
    let outcome = |decision: &crate::plan::Decision| {
        let status = match decision.action {
            Action::Build => Status::Success,
            Action::Skip => Status::Skipped,
            Action::NotSelected => Status::NotSelected,
        };
        Outcome::instant(decision.node, status)
    };
    let now = checkout.world().now();
    let run = Run {
        run_id: "next".into(),
        started_at: now,
        finished_at: now,
        duration_ms: 0,
        cache_mode: Default::default(),
        git_commit: None,
        git_dirty: None,
        origin: Default::default(),
        outcomes: plan.decisions.iter().map(outcome).collect(),
        hooks: Vec::new(),
        tests: Vec::new(),
        suite: Default::default(),
        standing: Default::default(),
        interrupted: false,
        workers: None,
    };
    let mut results = RunResults::new(checkout.project(), decided.graph(), plan, &run);
    // What columns come from is what the last run wrote.
    let manifest = checkout.world().read(&checkout.layout().manifest()).ok();
    if let Some(manifest) = manifest.and_then(|bytes| wire::read::<Manifest>(&bytes).ok()) {
        reach::add(&mut results.roots, decided.graph(), plan, &reach::written(&manifest));
    }
    results
}

fn recorded(references: &References<'_>, run: Option<&str>) -> Result<RunResults, Failure> {
    let run = match run {
        None => references.newest()?,
        Some(wanted) => references.run(wanted)?,
    };
    Ok(references.record(&run)?.results)
}

fn find<'a>(results: &'a RunResults, name: &str) -> Result<&'a ResultRow, Failure> {
    let row = look_up(name, |name| results.results.iter().find(|row| row.name == name));
    row.ok_or_else(|| {
        let hint = did_you_mean(name, results.results.iter().map(|row| row.name.as_str()));
        Failure::Usage(format!("no node `{name}` in that run"), hint.into_iter().collect())
    })
}

struct Explanation<'a> {
    terminal: &'a Terminal,
    row: &'a ResultRow,
    results: &'a RunResults,
    run: String,
    /// Nothing has happened yet.
    next: bool,
}

impl Explanation<'_> {
    fn print(&self) {
        self.head();
        self.causes();
        self.list("Path", &self.path());
        self.roots();
        self.list("Inputs", &self.row.notes);
        self.checks();
        self.baseline();
        self.result();
    }

    fn say(&self, text: &str) {
        self.terminal.result(&clean(text));
    }

    fn heading(&self, text: &str) {
        self.terminal.result("");
        self.terminal.result(&self.terminal.paint(Style::Strong, text));
    }

    fn head(&self) {
        let done = match (&self.row.status, self.next) {
            (Word::Known(Status::Success), true) => "would be built",
            (Word::Known(Status::Success), false) => "was built",
            (Word::Known(Status::Skipped), true) => "would be skipped",
            (Word::Known(Status::Skipped), false) => "was skipped",
            (Word::Known(Status::Error), _) => "failed",
            (Word::Known(Status::Blocked), _) => "was blocked",
            (Word::Known(Status::NotSelected), _) => "was not selected",
            (Word::Unknown(word), _) => &format!("ended as `{word}`"),
        };
        let role = self.row.decision.role.as_ref().map_or(String::new(), |role| {
            format!(
                " ({})",
                serde_json::to_value(role).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
            )
        });
        self.say(&format!("{} {done} in {}{role}: {}", self.row.name, self.run, self.row.decision.summary));
    }

    fn causes(&self) {
        self.heading("Causes");
        print_causes(self.terminal, &self.row.decision.causes, "  ");
    }

    fn path(&self) -> Vec<String> {
        let path = &self.row.decision.path;
        if path.len() > 1 { vec![path.join(" → ")] } else { Vec::new() }
    }

    /// What the rebuilding began with: each root's sentence, of the first ones with what is different there.
    fn roots(&self) {
        let names = &self.row.decision.roots;
        if names.is_empty() {
            return;
        }
        self.heading("Roots");
        for name in names {
            let root = self.results.roots.iter().find(|root| root.name == *name);
            let sentence = root.map_or("", |root| root.sentence.as_str());
            self.say(format!("  {name}  {sentence}").trim_end());
            if let Some(columns) = root.and_then(|root| root.columns.as_ref()) {
                self.say(&format!("      {}", columns.told_to(name, &self.row.name)));
            }
            let causes = root_causes(self.results, self.row);
            let causes = causes.iter().find(|one| one.name == *name).map_or(&[][..], |one| &one.causes);
            print_causes(self.terminal, causes, "      ");
        }
    }

    fn list(&self, title: &str, lines: &[String]) {
        if !lines.is_empty() {
            self.heading(title);
            lines.iter().for_each(|line| self.say(&format!("  {line}")));
        }
    }

    fn checks(&self) {
        if self.row.decision.checks.is_empty() {
            return;
        }
        self.heading("Checks: a node is skipped when all hold");
        for check in &self.row.decision.checks {
            let glyph = if check.ok { "✓" } else { "✗" };
            self.say(&format!("  {glyph} {:<12} {}", check.name, check.evidence));
        }
    }

    fn baseline(&self) {
        self.heading("Compared with");
        match &self.row.decision.baseline {
            None => self.say("  nothing: no successful build is recorded"),
            Some(baseline) => {
                let commit =
                    baseline.git_commit.as_deref().map(|commit| commit_words(commit, baseline.git_dirty, None));
                let commit = commit.map_or(String::new(), |commit| format!(", commit {commit}"));
                self.say(&format!("  run {} of {}{commit}", baseline.run_id, baseline.built_at));
                self.say(&format!("  fingerprint {}", baseline.fingerprint));
            }
        }
    }

    fn result(&self) {
        if self.next {
            return;
        }
        let row = self.row;
        let mut facts = Vec::new();
        facts.extend(row.rows.map(|rows| if rows == 1 { "1 row".into() } else { format!("{rows} rows") }));
        facts.extend(row.duration_ms.map(duration));
        let estimated = if row.bytes_estimated { " (estimated)" } else { "" };
        facts.extend(row.bytes_scanned.map(|bytes| format!("{} scanned{estimated}", shown_size(bytes))));
        facts.extend(row.peak_memory.map(|bytes| format!("{} of memory at most", shown_size(bytes))));
        facts.extend(row.other_measures().map(|(name, value)| format!("{name}: {value}")));
        facts.extend(row.message.clone());
        facts.extend(row.details.clone());
        if let Some(http) = &row.http {
            facts.push(format!(
                "HTTP: {} requests, {} cache hits, {} bytes",
                http.requests, http.cache_hits, http.bytes
            ));
            facts.extend(http.notes.clone());
        }
        self.list("Result", &facts);
    }
}

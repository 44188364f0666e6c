//! `fft plan`: the next run's decisions, without building.

use super::Exit;
use super::option::{CacheOptions, ProjectOptions, SelectOptions, WaitOptions, nothing};
use super::outlook;
use super::printer::Printer;
use super::progress::tell_plan;
use super::signal::on_signal;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::wire::{PlannedHook, planned, words_of_hooks};
use crate::diagnostic::Diagnostic;
use crate::run::{self, Ahead, Failure, LOOK, Outlook, Planned, Purpose, Selection};
use crate::world::World;
use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Args, Debug)]
pub struct PlanOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    select: SelectOptions,
    #[command(flatten)]
    cache: CacheOptions,
    #[command(flatten)]
    wait: WaitOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Exit with 3 when a node would be built
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Tell it again after each change of the project's files, until Ctrl-C; with --json a line a time
    #[arg(short, long, conflicts_with = "fail_on")]
    watch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Build,
}

pub fn plan(world: Arc<dyn World>, terminal: &Terminal, options: PlanOptions) -> Result<Exit, Failure> {
    if options.watch {
        return watch(world, terminal, options);
    }
    let PlanOptions { project, select, cache, wait, json, fail_on, watch: _ } = options;
    let opened = run::open(world, terminal, &project.wanted()?, Purpose::Look, wait.no_wait)?;
    let limit = opened.query_limit()?;
    let standing = opened.observe(terminal)?;
    standing.can_hold(limit.as_ref())?;
    project.warn_unread(terminal, standing.graph());
    let selection = Selection::from(select);
    let mut decided = standing.decide(terminal, &selection, cache.into())?;
    tell_plan(terminal, decided.plan());
    if decided.plan().selects_nothing() {
        terminal.note(&nothing(&selection));
    }
    decided.python_notes().iter().for_each(|note| terminal.note(note));
    let expected = decided.expected(limit.as_ref());
    if json {
        terminal.json(&planned(decided.graph(), decided.plan(), &decided.hooks(), &expected));
    } else {
        Printer::new(terminal, decided.graph(), decided.plan()).planned();
        print_hooks(terminal, &decided.hooks());
        expected.iter().for_each(|expected| expected.print(terminal));
    }
    Ok(if decided.builds() && fail_on == Some(FailOn::Build) { Exit::Unmet } else { Exit::Done })
}

/// Tells what a run now would do, and again whenever that is another, until it is asked to end.
fn watch(world: Arc<dyn World>, terminal: &Terminal, options: PlanOptions) -> Result<Exit, Failure> {
    let PlanOptions { project, select, cache, json, .. } = options;
    let terminal = &terminal.for_program(json);
    let mut ahead = Ahead::new(world.clone(), project.wanted()?, select.into(), cache.into())?;
    let ended = end_by_signal();
    terminal.note("What a run now would do is told again after each save. Ctrl-C ends this.");
    let mut warned: Vec<Diagnostic> = Vec::new();
    while !ended.load(Ordering::Relaxed) && !terminal.output().is_lost() {
        if let Some(outlook) = ahead.look(terminal) {
            let at = world.now();
            if json {
                terminal.line(&outlook::line(&outlook, at));
            } else {
                #[expect(clippy::disallowed_methods, reason = "who looks on has a clock of the same zone beside")]
                let zone = TimeZone::system();
                let time = at.to_zoned(zone).strftime("%H:%M:%S").to_string();
                terminal.say("");
                print(terminal, &time, outlook, &mut warned);
            }
        }
        std::thread::sleep(LOOK);
    }
    Ok(Exit::Done)
}

fn print(terminal: &Terminal, time: &str, outlook: Outlook, warned: &mut Vec<Diagnostic>) {
    match outlook {
        Outlook::Busy(words) => terminal.waiting(&format!("{time}  {words}; told again when it has ended")),
        Outlook::Wrong(failure) => {
            terminal.say(&terminal.paint(Style::Bad, &format!("{time}  There is no plan: the project has problems.")));
            failure.print(terminal);
        }
        Outlook::Planned(planned) => {
            let Planned { graph, plan, hooks, scans, warnings, notes, .. } = &*planned;
            // Once, as long as they hold.
            warnings.iter().filter(|warning| !warned.contains(warning)).for_each(|warning| terminal.warn(warning));
            warned.clone_from(warnings);
            notes.iter().for_each(|note| terminal.note(note));
            terminal.say(&terminal.paint(Style::Strong, &clean(&format!("{time}  {}", outlook::sentence(&planned)))));
            Printer::new(terminal, graph, plan).planned();
            print_hooks(terminal, hooks);
            scans.iter().for_each(|scans| terminal.say(&format!("  expected to scan {}", scans.words())));
        }
    }
}

/// What would run beside building, in a line.
fn print_hooks(terminal: &Terminal, hooks: &[PlannedHook]) {
    if !hooks.is_empty() {
        terminal.say(&format!("  hooks: {}", clean(&words_of_hooks(hooks))));
    }
}

/// Set once it is asked to end; asked again, the process ends.
fn end_by_signal() -> Arc<AtomicBool> {
    let ended = Arc::new(AtomicBool::new(false));
    let shared = ended.clone();
    on_signal(move |_, count| {
        shared.store(true, Ordering::Relaxed);
        if count > 1 {
            std::process::exit(Exit::Interrupted.status());
        }
    });
    ended
}

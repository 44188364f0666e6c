//! The command line: options, one file a verb, the printer.

mod advice;
mod arguments;
mod asked;
mod budget;
mod build;
mod cause;
mod check;
mod clean;
mod comments;
mod completions;
mod dag;
mod deps;
mod diff;
mod docs;
mod exit;
mod expected;
mod explain;
mod failure;
mod history;
mod init;
mod inputs;
mod junit;
mod ls;
mod option;
mod outlook;
mod output;
mod plan;
mod printer;
mod progress;
mod reference;
mod render;
mod report;
mod run;
mod serve;
mod signal;
mod snapshot;
mod source;
mod terminal;
mod test;
mod tested;
mod utest;
mod verify;
mod version;
mod visible;

pub use exit::Exit;

use crate::project::process_environment;
use crate::run::{Failure, Rest, caught};
use crate::syntax::depth::STACK;
use crate::world::{OsWorld, World};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::sync::Arc;

/// Runs SQL and Python data models, builds only what changed, and explains every node of every run.
#[derive(Parser, Debug)]
#[command(name = "fft", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    terminal: terminal::TerminalOptions,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Build what changed
    Run(run::RunOptions),
    /// Build what changed, and test each node before what is below it
    Build(test::BuildOptions),
    /// Run the tests of what stands, without building
    Test(test::TestOptions),
    /// Show what the next run would do, and why, without building
    Plan(plan::PlanOptions),
    /// Explain one node's decision: causes, differences, path, checks
    Explain(explain::ExplainOptions),
    /// Compare two recorded states: runs, manifests, git commits
    Diff(diff::DiffOptions),
    /// Read, render and wire a project without a database, and say what is wrong with it
    #[command(visible_alias = "ci-check")]
    Check(check::CheckOptions),
    /// Fetch the packages that packages.yml asks for, and lock them
    Deps(deps::DepsOptions),
    /// Load seeds alone
    Seed(run::SeedOptions),
    /// Keep the history of data that changes in place
    Snapshot(snapshot::SnapshotOptions),
    /// List the nodes of a selection
    Ls(ls::LsOptions),
    /// Tell how old the data of sources are
    Source(source::SourceOptions),
    /// Try models over rows that unit tests give, and hold what they give against what is expected
    Utest(utest::UtestOptions),
    /// Show a model's compiled SQL
    Render(render::RenderOptions),
    /// Show the graph
    Dag(dag::DagOptions),
    /// Build the site
    Docs(docs::DocsOptions),
    /// Build the site: the same as `fft docs build`
    Docgen(build::BuildOptions),
    /// List, show and prune recorded runs
    History(history::HistoryOptions),
    /// Compute again what is recorded, and name what doesn't agree
    Verify(verify::VerifyOptions),
    /// Remove what fft wrote
    Clean(clean::CleanOptions),
    /// Write descriptions of relations and columns to the database's comments
    SyncDbComments(comments::SyncOptions),
    /// Start a new project
    Init(init::InitOptions),
    /// Print a shell's completion script
    Completions(completions::CompletionsOptions),
}

/// How a command ended, with what it has in memory.
struct Ended {
    exit: Exit,
    rest: Option<Rest>,
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Ended {
        Ended { exit, rest: None }
    }
}

/// Parses the process's arguments, does what they say, and ends the process with the exit status. A bug ends with one line
/// and a status of its own.
pub fn main() -> ! {
    signal::outlive_file_limit();
    few_threads();
    let watch = |terminal: &terminal::Terminal| {
        let terminal = terminal.clone();
        std::panic::set_hook(Box::new(move |panic| terminal.bug(&panic.to_string())));
    };
    // The rest is whole while the process ends: [`Rest`] says why.
    let Ended { exit, rest: _rest } = run_watched(Arc::new(OsWorld::new()), std::env::args_os(), &watch);
    std::process::exit(exit.status())
}

/// Makes the pool of threads for what is read and rendered side by side, with stacks that hold deep texts; this one alone,
/// where the system doesn't give as many. A pool that fails can't be made again, so threads are tried before.
fn few_threads() {
    let wanted = std::thread::available_parallelism().map_or(1, usize::from);
    let start = |_| std::thread::Builder::new().stack_size(STACK).spawn(std::thread::park).ok();
    let started: Vec<_> = (0..wanted).map_while(start).collect();
    let given = started.len();
    for thread in started {
        thread.thread().unpark();
        drop(thread.join());
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    let pool = if given < wanted { pool.num_threads(1).use_current_thread() } else { pool.num_threads(wanted) };
    drop(pool.build_global());
}

/// Does what the arguments say, the first of which is the program's name, with this world's files and clocks.
pub fn run_in(world: Arc<dyn World>, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    run_watched(world, arguments, &|_| ()).exit
}

fn run_watched(
    world: Arc<dyn World>,
    arguments: impl IntoIterator<Item = OsString>,
    watch: &dyn Fn(&terminal::Terminal),
) -> Ended {
    let sorted = arguments::sort(&*world, arguments.into_iter().collect());
    let arguments = match Arguments::try_parse_from(&sorted.arguments) {
        Ok(arguments) => arguments,
        Err(error) => return arguments::refused(world, error, &sorted.arguments).into(),
    };
    let terminal = terminal::Terminal::new(&arguments.terminal, &world);
    watch(&terminal);
    let variables = world.clone();
    let ended = match caught(|| carry_out(world, &terminal, arguments.verb)) {
        Some(Ok(ended)) => ended,
        Some(Err(failure)) => {
            // A failure may repeat the command line; where no project was read, the process's variables tell what is
            // secret.
            output::hide_if_unknown(|| Arc::new(process_environment(&*variables).forms()));
            failure.print(&terminal);
            failure.exit().into()
        }
        None => Exit::Bug.into(),
    };
    if let Some((option, value)) = sorted.doubtful.filter(|_| ended.exit == Exit::Project) {
        terminal.error(&format!(
            "  hint: `{option}` took `{value}`, which is a project's folder too: name PROJECT in front of the options"
        ));
    }
    Ended { exit: terminal.end(ended.exit), ..ended }
}

fn carry_out(world: Arc<dyn World>, terminal: &terminal::Terminal, verb: Verb) -> Result<Ended, Failure> {
    let exit = match verb {
        Verb::Run(options) => return run::run(world, terminal, options),
        Verb::Seed(options) => return run::seed(world, terminal, options),
        Verb::Build(options) => return test::build(world, terminal, options),
        Verb::Test(options) => return test::test(world, terminal, options),
        Verb::Snapshot(options) => return snapshot::snapshot(world, terminal, options),
        Verb::Plan(options) => plan::plan(world, terminal, options),
        Verb::Explain(options) => explain::explain(world, terminal, options),
        Verb::Diff(options) => diff::diff(world, terminal, options),
        Verb::Ls(options) => ls::ls(world, terminal, options),
        Verb::Source(options) => source::source(world, terminal, options),
        Verb::Utest(options) => utest::utest(world, terminal, options),
        Verb::Render(options) => render::render(world, terminal, options),
        Verb::Dag(options) => dag::dag(world, terminal, options),
        Verb::Deps(options) => deps::deps(world, terminal, options),
        Verb::Check(options) => check::check(world, terminal, options),
        Verb::Docs(options) => docs::docs(world, terminal, options),
        Verb::Docgen(options) => build::build(world, terminal, options),
        Verb::History(options) => history::history(world, terminal, options),
        Verb::Verify(options) => verify::verify(world, terminal, options),
        Verb::Clean(options) => clean::clean(world, terminal, options),
        Verb::SyncDbComments(options) => comments::sync(world, terminal, options),
        Verb::Init(options) => init::init(world, terminal, options),
        Verb::Completions(options) => completions::completions::<Arguments>(terminal, options),
    };
    exit.map(Ended::from)
}

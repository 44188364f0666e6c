//! The command line: options, one file a verb, the printer.

mod arguments;
mod attribute;
mod budget;
mod cause;
mod clean;
mod commit;
mod completions;
mod dag;
mod diff;
mod docs;
mod exit;
mod expected;
mod explain;
mod history;
mod hold;
mod init;
mod inputs;
mod ls;
mod markdown;
mod modules;
mod option;
mod output;
mod packages;
mod place;
mod plan;
mod prepare;
mod printer;
mod progress;
mod record;
mod reference;
mod render;
mod run;
mod selection;
mod serve;
mod signal;
mod standing;
mod terminal;
mod verify;
mod version;
mod work_tree;

pub use exit::Exit;

use crate::diagnostic::{Diagnostic, grouped};
use crate::engine::{EngineError, ErrorKind};
use crate::project::process_environment;
use crate::world::{OsWorld, World};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
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
    /// Show what the next run would do, and why, without building
    Plan(plan::PlanOptions),
    /// Explain one node's decision: causes, differences, path, checks
    Explain(explain::ExplainOptions),
    /// Compare two recorded states: runs, manifests, git commits
    Diff(diff::DiffOptions),
    /// Load seeds alone
    Seed(run::SeedOptions),
    /// List the nodes of a selection
    Ls(ls::LsOptions),
    /// Show a model's compiled SQL
    Render(render::RenderOptions),
    /// Show the graph
    Dag(dag::DagOptions),
    /// Build the site
    Docs(docs::DocsOptions),
    /// List, show and prune recorded runs
    History(history::HistoryOptions),
    /// Compute again what is recorded, and name what doesn't agree
    Verify(verify::VerifyOptions),
    /// Remove what fft wrote
    Clean(clean::CleanOptions),
    /// Start a new project
    Init(init::InitOptions),
    /// Print a shell's completion script
    Completions(completions::CompletionsOptions),
}

/// Problems of a project that are told one by one unless asked for more.
const PROBLEMS: usize = 50;

/// Why a command ended without doing what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The project is wrong; nothing was run.
    Project(Vec<Diagnostic>),
    /// A secret would have got into an artifact; nothing was run.
    Secret(Vec<Diagnostic>),
    Engine(EngineError),
    Io(String, io::Error),
    /// Records of a run that could not be written, each with why.
    Records(Vec<(&'static str, String)>),
    /// A sentence, with how to mend it.
    Usage(String, Vec<String>),
    /// Who holds what is needed, with what can be done.
    Busy(String, Vec<String>),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(problems: Vec<Diagnostic>) -> Failure {
        Failure::Project(problems)
    }
}

impl From<Diagnostic> for Failure {
    fn from(problem: Diagnostic) -> Failure {
        Failure::Project(vec![problem])
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        Failure::Engine(error)
    }
}

impl Failure {
    fn exit(&self) -> Exit {
        match self {
            Failure::Project(_) | Failure::Usage(..) => Exit::Project,
            Failure::Busy(..) => Exit::Busy,
            Failure::Engine(error) => match error.kind {
                ErrorKind::Settings => Exit::Project,
                ErrorKind::Locked => Exit::Busy,
                ErrorKind::Statement | ErrorKind::Connection | ErrorKind::Interrupted => Exit::System,
            },
            Failure::Io(..) | Failure::Records(_) | Failure::Secret(_) => Exit::System,
        }
    }

    /// As something that leaves a gap in what a command tells.
    fn print_as_warning(&self, terminal: &terminal::Terminal) {
        match self {
            Failure::Io(what, error) => terminal.warning(&format!("{what}: {error}")),
            other => other.print(terminal),
        }
    }

    fn print(&self, terminal: &terminal::Terminal) {
        let simple = |code, message: String, hints: Vec<String>| {
            terminal.failure(code, &Diagnostic { hints, ..Diagnostic::new("", message) });
        };
        match self {
            Failure::Project(problems) | Failure::Secret(problems) => {
                let (warnings, errors): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.is_warning());
                warnings.into_iter().for_each(|warning| terminal.warn(warning));
                let bound = if terminal.verbose > 0 { errors.len() } else { PROBLEMS };
                errors.iter().take(bound).for_each(|problem| terminal.problem(problem));
                if errors.len() > bound {
                    terminal.error(&format!("and {} more problems (-v)", grouped(errors.len() - bound)));
                }
                if errors.len() > 1 && !terminal.json_log {
                    terminal.error(&format!("{} problems; nothing was run", grouped(errors.len())));
                }
            }
            Failure::Engine(error) => {
                let code = match error.kind {
                    ErrorKind::Settings => "settings",
                    ErrorKind::Locked => "busy",
                    ErrorKind::Statement | ErrorKind::Connection | ErrorKind::Interrupted => "engine",
                };
                simple(code, error.message.clone(), error.hint.iter().cloned().collect());
            }
            Failure::Io(what, error) => simple("io", format!("{what}: {error}"), Vec::new()),
            Failure::Records(problems) => {
                for (what, problem) in problems {
                    simple("io", format!("{what} could not be written: {problem}"), Vec::new());
                }
            }
            Failure::Usage(message, hints) => simple("usage", message.clone(), hints.clone()),
            Failure::Busy(message, hints) => simple("busy", message.clone(), hints.clone()),
        }
    }
}

/// Parses the process's arguments, does what they say, and gives the exit status. A bug ends with one line and a status of
/// its own.
pub fn main() -> ExitCode {
    signal::outlive_file_limit();
    few_threads();
    let watch = |terminal: &terminal::Terminal| {
        let terminal = terminal.clone();
        std::panic::set_hook(Box::new(move |panic| terminal.bug(&panic.to_string())));
    };
    run_watched(Arc::new(OsWorld::new()), std::env::args_os(), &watch).into()
}

/// Makes the pool of threads for what is read and rendered side by side; this one alone, where the system doesn't give as
/// many. A pool that fails can't be made again, so threads are tried before.
fn few_threads() {
    let wanted = std::thread::available_parallelism().map_or(1, usize::from);
    let start = |_| std::thread::Builder::new().spawn(std::thread::park).ok();
    let started: Vec<_> = (0..wanted).map_while(start).collect();
    let given = started.len();
    for thread in started {
        thread.thread().unpark();
        drop(thread.join());
    }
    let pool = rayon::ThreadPoolBuilder::new();
    let pool = if given < wanted { pool.num_threads(1).use_current_thread() } else { pool.num_threads(wanted) };
    drop(pool.build_global());
}

/// Does what the arguments say, the first of which is the program's name, with this world's files and clocks.
pub fn run_in(world: Arc<dyn World>, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    run_watched(world, arguments, &|_| ())
}

fn run_watched(
    world: Arc<dyn World>,
    arguments: impl IntoIterator<Item = OsString>,
    watch: &dyn Fn(&terminal::Terminal),
) -> Exit {
    let sorted = arguments::sort(&*world, arguments.into_iter().collect());
    let arguments = match Arguments::try_parse_from(&sorted.arguments) {
        Ok(arguments) => arguments,
        Err(error) => return arguments::refused(world, error, &sorted.arguments),
    };
    let terminal = terminal::Terminal::new(&arguments.terminal, &world);
    watch(&terminal);
    let variables = world.clone();
    // What a panic leaves half done is the command, which is over.
    let done = catch_unwind(AssertUnwindSafe(|| carry_out(world, &terminal, arguments.verb)));
    let exit = match done {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            // A failure may repeat the command line; where no project was read, the process's variables tell what is
            // secret.
            output::hide_if_unknown(|| Arc::new(process_environment(&*variables).forms()));
            failure.print(&terminal);
            failure.exit()
        }
        Err(_) => Exit::Bug,
    };
    if let Some((option, value)) = sorted.doubtful.filter(|_| exit == Exit::Project) {
        terminal.error(&format!(
            "  hint: `{option}` took `{value}`, which is a project's folder too: name PROJECT in front of the options"
        ));
    }
    terminal.end(exit)
}

fn carry_out(world: Arc<dyn World>, terminal: &terminal::Terminal, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Run(options) => run::run(world, terminal, options),
        Verb::Plan(options) => plan::plan(world, terminal, options),
        Verb::Explain(options) => explain::explain(world, terminal, options),
        Verb::Diff(options) => diff::diff(world, terminal, options),
        Verb::Seed(options) => run::seed(world, terminal, options),
        Verb::Ls(options) => ls::ls(world, terminal, options),
        Verb::Render(options) => render::render(world, terminal, options),
        Verb::Dag(options) => dag::dag(world, terminal, options),
        Verb::Docs(options) => docs::docs(world, terminal, options),
        Verb::History(options) => history::history(world, terminal, options),
        Verb::Verify(options) => verify::verify(world, terminal, options),
        Verb::Clean(options) => clean::clean(world, terminal, options),
        Verb::Init(options) => init::init(world, terminal, options),
        Verb::Completions(options) => completions::completions::<Arguments>(terminal, options),
    }
}

//! The command line: options, one file a verb, the printer.

mod budget;
mod cause;
mod clean;
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
mod ls;
mod markdown;
mod option;
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
mod terminal;
mod verify;

pub use exit::Exit;

use crate::diagnostic::Diagnostic;
use crate::engine::{EngineError, ErrorKind};
use crate::world::{OsWorld, World};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::io;
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

/// Why a command ended without doing what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The project is wrong; nothing was run.
    Project(Vec<Diagnostic>),
    /// A secret would have got into an artifact; nothing was run.
    Secret(Vec<Diagnostic>),
    Engine(EngineError),
    Io(String, io::Error),
    /// A sentence, with how to mend it.
    Usage(String, Vec<String>),
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
            Failure::Engine(error) if error.kind == ErrorKind::Settings => Exit::Project,
            Failure::Engine(_) | Failure::Io(..) | Failure::Secret(_) => Exit::System,
        }
    }

    fn print(&self, terminal: &terminal::Terminal) {
        match self {
            Failure::Project(problems) | Failure::Secret(problems) => {
                for problem in problems {
                    terminal.error(&problem.to_string());
                }
                if problems.len() > 1 {
                    terminal.error(&format!("{} problems; nothing was run", problems.len()));
                }
            }
            Failure::Engine(error) => terminal.error(&format!("error: {error}")),
            Failure::Io(what, error) => terminal.error(&format!("error: {what}: {error}")),
            Failure::Usage(message, hints) => {
                let hints: String = hints.iter().map(|hint| format!("\n  hint: {hint}")).collect();
                terminal.error(&format!("error: {message}{hints}"));
            }
        }
    }
}

/// Parses the process's arguments, does what they say, and gives the exit status.
pub fn main() -> ExitCode {
    run_in(Arc::new(OsWorld::new()), std::env::args_os()).into()
}

/// Does what the arguments say, the first of which is the program's name, with this world's files and clocks.
pub fn run_in(world: Arc<dyn World>, arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Project } else { Exit::Done };
            // A closed pipe is the reader's choice.
            let _ = error.print();
            return code;
        }
    };
    let terminal = terminal::Terminal::new(&arguments.terminal, &*world);
    let result = match arguments.verb {
        Verb::Run(options) => run::run(world, &terminal, options),
        Verb::Plan(options) => plan::plan(world, &terminal, options),
        Verb::Explain(options) => explain::explain(world, &terminal, options),
        Verb::Diff(options) => diff::diff(world, &terminal, options),
        Verb::Seed(options) => run::seed(world, &terminal, options),
        Verb::Ls(options) => ls::ls(world, &terminal, options),
        Verb::Render(options) => render::render(world, &terminal, options),
        Verb::Dag(options) => dag::dag(world, &terminal, options),
        Verb::Docs(options) => docs::docs(world, &terminal, options),
        Verb::History(options) => history::history(world, &terminal, options),
        Verb::Verify(options) => verify::verify(world, &terminal, options),
        Verb::Clean(options) => clean::clean(world, &terminal, options),
        Verb::Init(options) => init::init(world, &terminal, options),
        Verb::Completions(options) => completions::completions::<Arguments>(&terminal, options),
    };
    result.unwrap_or_else(|failure| {
        failure.print(&terminal);
        failure.exit()
    })
}

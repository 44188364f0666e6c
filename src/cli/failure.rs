//! Why a command ended, in words, and the exit status that tells it.

use super::Exit;
use super::terminal::Terminal;
use crate::diagnostic::{Diagnostic, grouped};
use crate::engine::ErrorKind;
use crate::run::Failure;

/// Problems of a project that are told one by one unless asked for more.
const PROBLEMS: usize = 50;

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Failure::Project(_) | Failure::Usage(..) => Exit::Project,
            Failure::Busy(..) => Exit::Busy,
            Failure::Engine(error) => match error.kind {
                ErrorKind::Settings => Exit::Project,
                ErrorKind::Locked => Exit::Busy,
                ErrorKind::Statement | ErrorKind::Connection | ErrorKind::Interrupted => Exit::System,
            },
            Failure::Io(..) | Failure::Records(_) | Failure::Secret(_) => Exit::System,
            Failure::Panicked => Exit::Bug,
        }
    }

    /// As something that leaves a gap in what a command tells.
    pub(super) fn print_as_warning(&self, terminal: &Terminal) {
        match self {
            Failure::Io(what, error) => terminal.warning(&format!("{what}: {error}")),
            other => other.print(terminal),
        }
    }

    pub(super) fn print(&self, terminal: &Terminal) {
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
            _ => {
                // Its code is for programs alone.
                for problem in self.problems() {
                    terminal.failure(problem.code, &Diagnostic { code: "", ..problem });
                }
            }
        }
    }
}

//! One run at a time: the lock of a checkout, and the claim on a database that other machines build in too.

use super::Failure;
use super::terminal::Terminal;
use crate::engine::{Claim, EngineError, ErrorKind, Session};
use crate::project::Project;
use crate::world::{Lock, World};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long one waits before one asks again.
const PAUSE: Duration = Duration::from_millis(100);

/// The lock of a checkout. Waits for another run with a message, or fails at once.
pub fn lock(world: &dyn World, terminal: &Terminal, path: &Path, no_wait: bool) -> Result<Box<dyn Lock>, Failure> {
    let mut told = false;
    loop {
        let taken = world.try_lock(path).map_err(|error| Failure::Io(format!("the lock {}", path.display()), error))?;
        if let Some(lock) = taken {
            return Ok(lock);
        }
        let holder = world.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let holder = holder.map_or(String::new(), |process| format!(" (process {})", process.trim()));
        if no_wait {
            let message = format!("another run holds this project{holder}");
            return Err(Failure::Io(message, io::Error::other("--no-wait was given")));
        }
        if !told {
            terminal.note(&format!("waiting for another run of this project{holder} …"));
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

/// The claim on the project's database, held until the session ends. Waits for another run with a message, or fails at
/// once.
pub fn claim(
    session: &mut dyn Session,
    project: &Project,
    terminal: &Terminal,
    no_wait: bool,
) -> Result<(), EngineError> {
    let mut told = false;
    while let Claim::Taken(holder) = session.claim(&project.settings.name)? {
        if no_wait {
            let message = format!("another run of this project holds {holder}");
            let hint = Some("--no-wait was given".into());
            return Err(EngineError { kind: ErrorKind::Locked, message, position: None, hint });
        }
        if !told {
            terminal.note(&format!("waiting for another run of this project, which holds {holder} …"));
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

//! Signals from outside. Ctrl-C, SIGTERM and SIGHUP ask alike: the first asks a command to come to its end, the second to
//! end with what it has, the third ends the process.

use super::Exit;
use crate::run::Interrupts;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

/// The signals that a run was sent.
pub struct Sent {
    /// What they ask of it.
    pub interrupts: Interrupts,
    /// The first one's number; 0 before it.
    first: Arc<AtomicI32>,
}

impl Sent {
    /// From now on, signals are asked of the run instead of ending the process.
    pub fn to_process() -> Sent {
        let (interrupts, first) = (Interrupts::default(), Arc::new(AtomicI32::new(0)));
        let (asked, number) = (interrupts.clone(), first.clone());
        on_signal(move |signal, count| match count {
            1 => {
                number.store(signal, Ordering::Relaxed);
                asked.cancelled.store(true, Ordering::Relaxed);
            }
            2 => asked.abandoned.store(true, Ordering::Relaxed),
            _ => std::process::exit(Exit::Interrupted.status()),
        });
        Sent { interrupts, first }
    }

    /// How a run ends that was asked to, where that says something else than what came of its nodes.
    pub fn exit(&self) -> Option<Exit> {
        match self.first.load(Ordering::Relaxed) {
            SIGTERM => Some(Exit::Terminated),
            SIGHUP => Some(Exit::HungUp),
            _ if self.interrupts.abandoned.load(Ordering::Relaxed) => Some(Exit::Interrupted),
            _ => None,
        }
    }
}

/// Calls `asked` at each signal that asks for the end, with its number and how many came. Where no handler can be set, the
/// first ends the process at once, which loses nothing that is finished.
pub fn on_signal(asked: impl Fn(i32, u32) + Send + 'static) {
    // What was started with `nohup` is to outlive its terminal.
    let wanted = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| *signal != SIGHUP || !is_ignored(SIGHUP));
    let Ok(mut signals) = Signals::new(wanted) else { return };
    let listen = move || {
        for (count, signal) in (1..).zip(signals.forever()) {
            asked(signal, count);
        }
    };
    drop(std::thread::Builder::new().name("signals".into()).spawn(listen));
}

/// Whether the process was started with this signal ignored, as far as the system tells.
fn is_ignored(signal: i32) -> bool {
    let Ok(status) = crate::world::World::read(&crate::world::OsWorld::new(), "/proc/self/status".as_ref()) else {
        return false;
    };
    let text = String::from_utf8_lossy(&status);
    let mask = text.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// A file that grows beyond what the process may write is an error of writing then, as a full disk is.
pub fn outlive_file_limit() {
    // The flag is nobody's: that the signal is taken is what counts.
    drop(signal_hook::flag::register(SIGXFSZ, Arc::default()));
}

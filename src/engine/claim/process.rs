//! Whether the process that holds a claim, or says that it builds, still runs, where that is one of this machine: nobody need wait
//! for its silence.

#![expect(clippy::disallowed_methods, reason = "what the system tells of processes is no file of a project")]

use crate::digest::Digest;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::{Pid, gethostname};
use std::fs::{read_link, read_to_string};
use std::process::id;

/// A process as no other one of any machine is called: the system that was started and the process' view of it, its
/// number there, and since when it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    machine: String,
    number: u32,
    since: String,
}

impl Process {
    /// This one; `None` where the system doesn't tell.
    pub fn this() -> Option<Process> {
        let boot = read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // Within another namespace the same number means another process.
        let namespace = read_link("/proc/self/ns/pid").ok()?;
        // Two that were started from one picture of a machine differ by their names alone.
        let host = gethostname().ok()?;
        let machine = format!("{} {} {}", boot.trim(), namespace.display(), host.display());
        let machine = Digest::of(machine.as_bytes()).short();
        Some(Process { machine, number: id(), since: since(id())? })
    }

    pub fn text(&self) -> String {
        format!("{}-{}-{}", self.machine, self.number, self.since)
    }

    fn read(text: &str) -> Option<Process> {
        let mut parts = text.split('-');
        let (machine, number, since) = (parts.next()?.into(), parts.next()?.parse().ok()?, parts.next()?.into());
        Some(Process { machine, number, since })
    }
}

/// This process as a text; `None` where the system doesn't tell.
pub fn this_process() -> Option<String> {
    Some(Process::this()?.text())
}

/// Whether a text of [`this_process`] is of a process of this machine that has ended; what can't be told hasn't.
pub fn is_gone(text: &str) -> bool {
    let (Some(told), Some(own)) = (Process::read(text), Process::this()) else { return false };
    let number = told.number.try_into().map(Pid::from_raw);
    let ended = || number.is_ok_and(|number| kill(number, None) == Err(Errno::ESRCH));
    let another = || since(told.number).is_some_and(|since| since != told.since);
    told.machine == own.machine && (ended() || another())
}

/// When the process began, in the system's own count.
fn since(number: u32) -> Option<String> {
    let stat = read_to_string(format!("/proc/{number}/stat")).ok()?;
    // Behind the command's name, which may hold anything; the state comes first, the beginning as the 20th.
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split(' ').nth(19)?.into())
}

/// One of this machine that has ended.
#[cfg(test)]
pub fn ended() -> Option<String> {
    let mut child = std::process::Command::new("true").spawn().expect("it can be started");
    let since = since(child.id());
    child.wait().expect("it ends");
    Some(Process { number: child.id(), since: since?, ..Process::this()? }.text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_is_gone_once_it_has_ended() {
        let Some(own) = Process::this() else { return };
        assert!(!is_gone(&own.text()), "{}", own.text());
        let mut child = Command::new("sleep").arg("100").spawn().unwrap();
        let other = Process { number: child.id(), since: since(child.id()).unwrap(), ..own.clone() };
        assert!(!is_gone(&other.text()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&other.text()));
        let again = Process { since: "1".into(), ..own.clone() };
        assert!(is_gone(&again.text()), "its number is that of another one now");
        let elsewhere = Process { machine: "0123456789ab".into(), ..other };
        assert!(!is_gone(&elsewhere.text()), "of another machine nothing is known");
        for text in ["", "a", "a-b-c", "f00d"] {
            assert!(!is_gone(text), "{text}");
        }
    }
}

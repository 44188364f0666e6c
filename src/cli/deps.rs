//! `fft deps`: fetches the packages that packages.yml asks for, and locks them.

use super::Exit;
use super::option::{FolderOptions, WaitOptions};
use super::terminal::Terminal;
use crate::run::{self, Failure, Given, Refresh};
use crate::world::World;
use clap::Args;
use std::sync::Arc;
use std::time::Duration;

#[derive(Args, Debug)]
pub struct DepsOptions {
    #[command(flatten)]
    folder: FolderOptions,
    /// Forget what is locked: follow branches to where they are now
    #[arg(long)]
    upgrade: bool,
    /// How long one call of git may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn deps(world: Arc<dyn World>, terminal: &Terminal, options: DepsOptions) -> Result<Exit, Failure> {
    let DepsOptions { folder, upgrade, timeout, wait } = options;
    let refresh = Refresh { upgrade, timeout: Duration::from_secs(timeout), no_wait: wait.no_wait };
    match run::deps(&*world, terminal, folder.project.as_deref(), refresh)? {
        None => terminal.note("nothing to do: the project has no packages.yml"),
        Some(packages) if packages.is_empty() => terminal.note("nothing to do: packages.yml asks for no package"),
        Some(packages) => packages.iter().for_each(|package| terminal.result(&line(package))),
    }
    Ok(Exit::Done)
}

/// `utils 1.2.0  https://example.com/utils.git, tag v1 at 0123456789ab (was 456789abcdef)`.
fn line(package: &Given) -> String {
    let Given { name, version, from, before, changed } = package;
    let version = if version.is_empty() { String::new() } else { format!(" {version}") };
    let what = match (before, changed) {
        (Some(before), _) => format!(" (was {before})"),
        (None, true) => String::new(),
        (None, false) => " (as before)".into(),
    };
    format!("{name}{version}  {from}{what}")
}

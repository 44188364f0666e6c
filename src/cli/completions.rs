//! `fft completions`: a shell's completion script.

use super::Exit;
use super::terminal::Terminal;
use crate::run::Failure;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Args, Debug)]
pub struct CompletionsOptions {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn completions<C: CommandFactory>(terminal: &Terminal, options: CompletionsOptions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut C::command(), "fft", &mut script);
    terminal.raw(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}

//! `fft docs`: the site of the project's runs, written or shown.

use super::Exit;
use super::build::{BuildOptions, build};
use super::serve::{ServeOptions, serve};
use super::terminal::Terminal;
use crate::run::Failure;
use crate::world::World;
use clap::{Args, Subcommand};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct DocsOptions {
    #[command(subcommand)]
    verb: DocsVerb,
}

#[derive(Subcommand, Debug)]
enum DocsVerb {
    /// Write the site; only pages that changed are made again
    Build(BuildOptions),
    /// Show the site on this machine; open pages follow the project's runs
    Serve(ServeOptions),
}

pub fn docs(world: Arc<dyn World>, terminal: &Terminal, options: DocsOptions) -> Result<Exit, Failure> {
    match options.verb {
        DocsVerb::Build(options) => build(world, terminal, options),
        DocsVerb::Serve(options) => serve(world, terminal, options),
    }
}

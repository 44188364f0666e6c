//! `fft render MODEL`: a model's SQL as it can be run anywhere: relations with their schemas, ephemeral models inside,
//! secrets as placeholders.

use super::Exit;
use super::option::ProjectOptions;
use super::terminal::Terminal;
use super::visible::clean;
use crate::diagnostic::did_you_mean;
use crate::graph::{Body, Spelling};
use crate::run::{self, Failure};
use crate::world::World;
use clap::Args;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct RenderOptions {
    /// The model's name
    model: String,
    #[command(flatten)]
    project: ProjectOptions,
}

pub fn render(world: Arc<dyn World>, terminal: &Terminal, options: RenderOptions) -> Result<Exit, Failure> {
    let loaded = run::load(world, terminal, &options.project.wanted()?, Spelling::Qualified)?;
    let graph = loaded.graph();
    options.project.warn_unread(terminal, graph);
    let Some(id) = graph.find(&options.model) else {
        let hint = did_you_mean(&options.model, graph.names());
        return Err(Failure::Usage(format!("no node `{}` in this project", options.model), hint.into_iter().collect()));
    };
    match &graph.nodes[id].body {
        Body::Sql(_) => {
            let text = graph.compiled(id).text;
            terminal.result(&clean(text.shown()));
            if text.has_secrets() {
                terminal.note("note: `‹env:NAME›` stands for a secret's value: put it in before you run this");
            }
        }
        Body::Python(body) => terminal.result(&clean(&body.model.slice)),
        Body::Seed(seed) => terminal.result(&seed.path),
    }
    Ok(Exit::Done)
}

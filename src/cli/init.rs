//! `fft init`: the smallest project that runs.

use super::Exit;
use super::terminal::Terminal;
use crate::run::Failure;
use crate::world::World;
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct InitOptions {
    /// The new project's folder
    folder: PathBuf,
}

const FILES: [(&str, &str); 6] = [
    ("profiles.yml", "dev:\n  engine: duckdb\n  duckdb:\n    path: .local/{name}.duckdb\n"),
    (
        "sources.yml",
        "version: 2\nsources:\n  - name: raw\n    tables:\n      - name: people\n        identifier: seed_people\n",
    ),
    ("seeds/seed_people.csv", "id,name\n1,Ada\n2,Grace\n"),
    (
        "models/people.ff.sql",
        "{{ config(materialized='table') }}\nselect id, upper(name) as name\nfrom {{ source('raw', 'people') }}\n",
    ),
    (".gitignore", ".local/\n.fastflowtransform/\nsite/\n"),
    ("project.yml", "name: {name}\nversion: '1.0'\n"),
];

pub fn init(world: Arc<dyn World>, terminal: &Terminal, options: InitOptions) -> Result<Exit, Failure> {
    if world.exists(&options.folder.join("project.yml")) {
        let message = format!("{} already holds a project", options.folder.display());
        return Err(Failure::Usage(message, vec!["name another folder".into()]));
    }
    let name = options.folder.file_name().map_or("project".into(), |name| name.to_string_lossy().into_owned());
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    for (path, text) in FILES {
        let file = options.folder.join(path);
        if world.exists(&file) {
            terminal.note(&format!("kept {}", file.display()));
            continue;
        }
        let text = text.replace("{name}", &plain);
        world
            .write(&file, text.as_bytes())
            .map_err(|error| Failure::Io(format!("{} could not be written", file.display()), error))?;
        terminal.note(&format!("wrote {}", file.display()));
    }
    terminal.result(&format!("fft run {}", options.folder.display()));
    Ok(Exit::Done)
}

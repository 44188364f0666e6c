//! `fft history advice`: what the kept runs of a profile prove, with the runs that prove it and the setting that would
//! change it.

use super::Exit;
use super::option::RecordOptions;
use super::reference::References;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::Layout;
use crate::artifact::advice::{Facts, advice};
use crate::artifact::manifest::Manifest;
use crate::artifact::wire::{self, Advice};
use crate::project::shown_duration;
use crate::run::{Failure, layout, recorded_root};
use crate::world::World;
use serde_json::json;
use std::sync::Arc;

/// Runs that prove an advice and are shown unless asked for more.
const SHOWN: usize = 3;

pub fn advise(world: Arc<dyn World>, terminal: &Terminal, of: RecordOptions, as_json: bool) -> Result<Exit, Failure> {
    let root = recorded_root(&*world, of.project.as_deref())?;
    let layout = layout(&*world, &root)?;
    let references = References::new(&*world, &root, &layout).of_profile(of.env);
    let runs = references.runs()?;
    // The profile of the newest run that can be read, where none is asked for.
    let mut facts: Vec<Facts> = Vec::new();
    for run in runs.iter().rev() {
        match references.record(run) {
            Ok(record) => {
                let found = Facts::of(&record);
                if facts.first().is_none_or(|newest| newest.profile == found.profile) {
                    facts.push(found);
                }
            }
            Err(failure) => failure.print_as_warning(terminal),
        }
    }
    facts.reverse();
    let profile = facts.first().map(|facts| facts.profile.clone());
    let all = match profile {
        Some(_) => advice(&manifest(&*world, &layout)?, &facts.iter().collect::<Vec<_>>()),
        None => Vec::new(),
    };
    if as_json {
        terminal.json(&json!({ "advice": all, "profile": profile, "runs": facts.len() }));
        return Ok(Exit::Done);
    }
    match profile {
        None => terminal.note(&references.none()),
        Some(profile) => print(terminal, &all, &profile, facts.len()),
    }
    Ok(Exit::Done)
}

/// The project as the last run left it.
fn manifest(world: &dyn World, layout: &Layout) -> Result<Manifest, Failure> {
    let failed = |error| Failure::Io("the manifest of the last run".into(), error);
    let bytes = world.read(&layout.manifest()).map_err(failed)?;
    wire::read(&bytes).map_err(|error| failed(std::io::Error::other(error)))
}

fn print(terminal: &Terminal, all: &[Advice], profile: &str, runs: usize) {
    let runs = if runs == 1 { "1 kept run".to_string() } else { format!("{runs} kept runs") };
    if all.is_empty() {
        return terminal.result(&format!("{runs} of profile {profile} prove nothing that is worth an advice"));
    }
    terminal.result(&terminal.paint(Style::Strong, &format!("{runs} of profile {profile} prove")));
    for one in all {
        terminal.result("");
        terminal.result(&clean(&one.sentence));
        if let Some(setting) = &one.setting {
            let saved = one.saved_ms.filter(|ms| *ms > 0);
            let saved = saved.map_or(String::new(), |ms| format!("would have saved {}: ", shown_duration(ms)));
            terminal.result(&clean(&format!("  {saved}{setting}")));
        }
        let bound = if terminal.verbose > 0 { usize::MAX } else { SHOWN };
        for proof in one.evidence.iter().rev().take(bound) {
            terminal.result(&clean(&format!("    {}  {}", proof.run_id, proof.sentence)));
        }
        if one.evidence.len() > bound {
            terminal.result(&format!("    … and {} more (-v)", one.evidence.len() - bound));
        }
    }
}

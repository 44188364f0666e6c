//! `fft verify`: computes again what the records of a project say.

use super::hold::{Hold, lock};
use super::option::{ProfileOptions, WaitOptions};
use super::prepare::{Opened, open, redacted};
use super::printer::plural;
use super::terminal::{Style, Terminal, clean};
use super::{Exit, Failure};
use crate::artifact::evidence::Evidence;
use crate::artifact::history::History;
use crate::artifact::sums;
use crate::artifact::verify::{Counts, Finding, Report, Verification};
use crate::engine::{self, Access};
use crate::execute::ledger;
use crate::fingerprint::Key;
use crate::plan::State;
use crate::world::World;
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args, Debug)]
pub struct VerifyOptions {
    #[command(flatten)]
    project: ProfileOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    wait: WaitOptions,
}

pub fn verify(world: Arc<dyn World>, terminal: &Terminal, options: VerifyOptions) -> Result<Exit, Failure> {
    let opened = open(world.clone(), terminal, &options.project.into())?;
    if !world.exists(opened.layout.root()) {
        let hint = vec!["`fft run` records what it does".into()];
        return Err(Failure::Usage("no run is recorded yet".into(), hint));
    }
    // A run in progress adds to what is read here.
    let _lock = lock(&*world, terminal, &opened.layout.lock(), options.wait.no_wait)?;
    let key = Key::new(opened.project.env.get("FFT_FINGERPRINT_KEY"));
    let evidence = Evidence::new(world, opened.layout.evidence());
    let mut verification = Verification::new(&evidence, &key);
    let states = records(&opened, &mut verification);
    let hold = Hold::new(terminal, options.wait.no_wait);
    let database = relations(&opened, &states, &mut verification, &hold);
    let report = verification.finish();
    if terminal.verbose > 0 && !options.json {
        records_read(&opened, &report)?.iter().for_each(|line| terminal.result(line));
    }
    print(terminal, &report, options.json);
    // The records are told of even where the database can't be asked.
    database?;
    Ok(if report.findings.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Hands over every record; gives the entries of each database by their file.
fn records(opened: &Opened, verification: &mut Verification<'_>) -> BTreeMap<PathBuf, State> {
    let (world, layout) = (&*opened.world, &opened.layout);
    let mut states = BTreeMap::new();
    let caches = world.walk(&layout.caches()).unwrap_or_else(|error| unread("cache", &error, verification));
    for file in caches {
        if let Some(bytes) = read(opened, &file.path, verification) {
            let state = verification.cache(&shown(opened, &file.path), &bytes);
            states.insert(file.path, state);
        }
    }
    if let Some(bytes) = read(opened, &layout.manifest(), verification) {
        verification.manifest(&shown(opened, &layout.manifest()), &bytes);
    }
    if let Some(bytes) = read(opened, &layout.pruned(), verification) {
        verification.pruned(&shown(opened, &layout.pruned()), &bytes);
    }
    let history = History::new(world, layout.runs());
    for run in history.list().unwrap_or_else(|error| unread("runs", &error, verification)) {
        if let Some(bytes) = read(opened, &history.path(&run), verification) {
            verification.run(&run, &bytes);
        }
    }
    if let Some(bytes) = read(opened, &layout.run_results(), verification) {
        verification.last_results(&shown(opened, &layout.run_results()), &bytes);
    }
    if world.exists(&layout.sums()) {
        for (file, problem) in sums::check(world, layout) {
            verification.changed(&file, &problem);
        }
    }
    states
}

/// The record's bytes; `None` where it isn't there or can't be read, which is a finding of its own.
fn read(opened: &Opened, path: &Path, verification: &mut Verification<'_>) -> Option<Vec<u8>> {
    match opened.world.read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => unread(&shown(opened, path), &error, verification),
    }
}

fn unread<T: Default>(file: &str, error: &io::Error, verification: &mut Verification<'_>) -> T {
    verification.changed(file, &format!("can't be read: {error}"));
    T::default()
}

/// A line for each record that was read, with whether all that it says agrees.
fn records_read(opened: &Opened, report: &Report) -> Result<Vec<String>, Failure> {
    let (world, layout) = (&*opened.world, &opened.layout);
    let listed = |error| Failure::Io("the records".into(), error);
    let singles = [layout.manifest(), layout.pruned(), layout.run_results(), layout.sums()];
    let mut files: Vec<PathBuf> =
        world.walk(&layout.caches()).map_err(listed)?.into_iter().map(|file| file.path).collect();
    files.extend(singles.into_iter().filter(|path| world.exists(path)));
    files.extend(world.walk(&layout.runs()).map_err(listed)?.into_iter().map(|file| file.path));
    let line = |path: &PathBuf| {
        let file = shown(opened, path);
        let of_file = |found: &[Finding]| found.iter().any(|finding| finding.file == file);
        let glyph = match () {
            () if of_file(&report.findings) => "✗",
            () if of_file(&report.notes) => "?",
            () => "✓",
        };
        format!("  {glyph} {file}")
    };
    Ok(files.iter().map(line).collect())
}

/// The path below `.fastflowtransform/`.
fn shown(opened: &Opened, path: &Path) -> String {
    path.strip_prefix(opened.layout.root()).unwrap_or(path).display().to_string()
}

/// The rows of the profile's database against its entries. It isn't opened where nothing is recorded of it.
fn relations(
    opened: &Opened,
    states: &BTreeMap<PathBuf, State>,
    verification: &mut Verification<'_>,
    hold: &Hold<'_>,
) -> Result<(), Failure> {
    let failed = |error| redacted(&opened.project, error);
    let open = || engine::open(&*opened.world, &opened.project, Access::Look);
    let engine = hold.open(&opened.project, open).map_err(failed)?;
    let Some(state) = states.get(&opened.layout.cache(&engine.target())) else { return Ok(()) };
    let mut session = engine.session().map_err(failed)?;
    let relations = session.relations().map_err(failed)?;
    let rows = session.ledger().map_err(failed)?;
    let project = &opened.project.settings.name;
    verification.relations(state, &relations, &rows, |row| ledger::entry(row, project));
    Ok(())
}

fn print(terminal: &Terminal, report: &Report, as_json: bool) {
    let Report { findings, notes, counts } = report;
    if as_json {
        let value = json!({ "counts": counts, "findings": findings, "notes": notes, "ok": findings.is_empty() });
        return terminal.json(&value);
    }
    for finding in findings {
        terminal.result(&terminal.paint(Style::Bad, &format!("✗ {}", clean(&finding.to_string()))));
    }
    for note in notes {
        terminal.result(&clean(&format!("? {note}")));
    }
    terminal.result(&computed(counts));
    let left = [
        (counts.withheld, "withheld", "could not be recomputed"),
        (counts.keyed, "keyed", "could not be recomputed: FFT_FINGERPRINT_KEY isn't the key they were made with"),
    ];
    for (count, word, what) in left.iter().filter(|(count, ..)| *count > 0) {
        let leaves = if *count == 1 { "leaf" } else { "leaves" };
        terminal.result(&format!("  {count} {word} {leaves} {what}"));
    }
    let contents = |count: usize| format!("  {count} {}", plural(count, "content"));
    if counts.not_kept > 0 {
        let contents = contents(counts.not_kept);
        terminal.result(&format!("{contents} not kept: of builds that failed or weren't recorded, or very large"));
    }
    if counts.elsewhere > 0 {
        let relations = plural(counts.elsewhere, "relation");
        let words = "built by another checkout since: its record is in the database";
        terminal.result(&format!("  {} {relations} {words}", counts.elsewhere));
    }
    if counts.unreferenced > 0 {
        let contents = contents(counts.unreferenced);
        terminal.result(&format!("{contents} of no record, which `fft history prune` removes"));
    }
    let (style, verdict) = match findings.len() {
        0 if notes.is_empty() => (Style::Good, "✓ all of it agrees".to_string()),
        0 => (Style::Good, "✓ all that could be checked agrees".to_string()),
        1 => (Style::Bad, "✗ 1 mismatch".to_string()),
        more => (Style::Bad, format!("✗ {more} mismatches")),
    };
    terminal.result(&terminal.paint(style, &verdict));
}

fn computed(counts: &Counts) -> String {
    format!(
        "{} {} and {} leaves recomputed · {} {} in the chain · {} {} compared",
        counts.fingerprints,
        plural(counts.fingerprints, "fingerprint"),
        counts.leaves,
        counts.runs,
        plural(counts.runs, "run"),
        counts.relations,
        plural(counts.relations, "relation")
    )
}

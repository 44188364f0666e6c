//! `fft verify`: computes again what the records of a project say.

use super::Exit;
use super::option::{ProfileOptions, ProjectOptions, WaitOptions};
use super::printer::plural;
use super::terminal::{Style, Terminal};
use super::visible::clean;
use crate::artifact::verify::{Counts, Finding, Report};
use crate::run::{self, Failure, Opened, Purpose};
use crate::world::World;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
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
    let wanted = ProjectOptions::from(options.project).wanted()?;
    // A run in progress adds to what is read here.
    let opened = run::open(world, terminal, &wanted, Purpose::Records, options.wait.no_wait)?;
    if !opened.has_records() {
        let hint = vec!["`fft run` records what it does".into()];
        return Err(Failure::Usage("no run is recorded yet".into(), hint));
    }
    let (report, database) = opened.verify(terminal);
    if terminal.verbose > 0 && !options.json {
        records_read(&opened, &report)?.iter().for_each(|line| terminal.result(line));
    }
    print(terminal, &report, options.json);
    // The records are told of even where the database can't be asked.
    database?;
    Ok(if report.findings.is_empty() { Exit::Done } else { Exit::Failed })
}

/// A line for each record that was read, with whether all that it says agrees.
fn records_read(opened: &Opened, report: &Report) -> Result<Vec<String>, Failure> {
    let line = |path: &PathBuf| {
        let file = opened.checkout().shown(path);
        let of_file = |found: &[Finding]| found.iter().any(|finding| finding.file == file);
        let glyph = match () {
            () if of_file(&report.findings) => "✗",
            () if of_file(&report.notes) => "?",
            () => "✓",
        };
        format!("  {glyph} {file}")
    };
    Ok(opened.records()?.iter().map(line).collect())
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

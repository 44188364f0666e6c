//! The shop demo: its story ends as it is told, and `site/shop` of this repository is the site that it leaves.
//!
//! That site has the durations of real runs, which are others each time: `FFT_RENEW=1 cargo test --test it shop` makes it
//! anew, and here it is held to what doesn't depend on time, the files of the pages themselves and each decision.

use crate::altered::{Altered, Change, kept};
use crate::project::{CHECKOUT, Sandbox, copy, snapshot};
use fft::cli::{Exit, run_in};
use fft::world::OsWorld;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The clock of this machine, begun at a time of the story.
struct Moved {
    start: Timestamp,
    begun: Instant,
}

impl Change for Moved {
    fn env(&self, machine: &OsWorld) -> BTreeMap<String, String> {
        kept(machine)
    }

    fn now(&self, _: &OsWorld) -> Timestamp {
        self.start + self.begun.elapsed()
    }
}

/// A step of `story/steps`.
struct Step {
    name: String,
    fails: bool,
    options: Vec<String>,
}

fn example() -> PathBuf {
    Path::new(CHECKOUT).join("examples/shop_demo")
}

fn steps() -> Vec<Step> {
    let text = fs::read_to_string(example().join("story/steps")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(String::from);
            let name = words.next().expect("a name");
            let mut options: Vec<String> = words.collect();
            let fails = options.first().is_some_and(|word| word == "!");
            options.drain(..usize::from(fails));
            Step { name, fails, options }
        })
        .collect()
}

/// One run of the story, a day after the one before, at a commit of its own.
fn run(sandbox: &Sandbox, at: usize, step: &Step) {
    let overlay = example().join("story").join(&step.name);
    if overlay.is_dir() {
        copy(&overlay, sandbox.root());
    }
    sandbox.write(".git/HEAD", &format!("{}\n", format!("{:x}", at + 1).repeat(40)));
    let first: Timestamp = "2026-11-02T06:30:00Z".parse().unwrap();
    let start = first + Duration::from_secs(86_400 * at as u64 + 420 * (at as u64 % 5));
    let root = sandbox.root().as_os_str().to_owned();
    let words = ["--env", "dev_duckdb", "--jobs", "2", "--quiet"].map(OsString::from);
    let options = step.options.iter().map(OsString::from);
    let arguments = ["fft".into(), "run".into(), root].into_iter().chain(words).chain(options);
    let ended = run_in(Arc::new(Altered::new(Moved { start, begun: Instant::now() })), arguments);
    assert_eq!(ended, if step.fails { Exit::Failed } else { Exit::Done }, "{}", step.name);
}

/// What each run did with each node, and why, as the records beside the pages tell it.
fn decisions(site: &Path) -> Vec<Vec<[String; 3]>> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_string();
    let row = |row: &Value| [text(row, "name"), text(row, "status"), text(&row["decision"], "primary_code")];
    let files = snapshot(&site.join("runs"));
    // A run's name begins with its time; beside the records is what tells of all of them.
    let records = files.iter().filter(|(name, _)| name.starts_with("2026") && name.ends_with(".json"));
    let read = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).expect("a record") };
    records
        .map(|(_, bytes)| read(bytes)["results"]["results"].as_array().expect("rows").iter().map(row).collect())
        .collect()
}

/// The files of a site but for those whose names tell of a run or of a content, or whose content tells a time.
fn lasting(site: &Path) -> (Vec<String>, BTreeMap<String, Vec<u8>>) {
    let files = snapshot(site);
    let pages = files.keys().filter(|name| ["nodes/", "columns/"].iter().any(|folder| name.starts_with(folder)));
    let assets = files.iter().filter(|(name, _)| name.starts_with("assets/"));
    (pages.cloned().collect(), assets.map(|(name, bytes)| (name.clone(), bytes.clone())).collect())
}

#[test]
fn the_shop_has_the_history_that_its_site_tells() {
    let sandbox = Sandbox::example("shop_demo");
    let steps = steps();
    steps.iter().enumerate().for_each(|(at, step)| run(&sandbox, at, step));
    let made = sandbox.path("site/dag");
    let kept = Path::new(CHECKOUT).join("site/shop");
    if std::env::var_os("FFT_RENEW").is_some() {
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).unwrap();
        return copy(&made, &kept);
    }
    let told = decisions(&made);
    assert_eq!(told.len(), steps.len(), "a record a run");
    for (step, rows) in steps.iter().zip(&told) {
        let failed = rows.iter().filter(|row| row[1] == "error").count();
        assert_eq!(failed, usize::from(step.fails), "{}", step.name);
    }
    let renew = "`FFT_RENEW=1 cargo test --test it shop` renews site/shop";
    assert!(decisions(&kept) == told, "runs decide otherwise now; {renew}");
    let (there, here) = (lasting(&kept), lasting(&made));
    assert_eq!(there.0, here.0, "pages; {renew}");
    for (name, bytes) in &here.1 {
        assert!(there.1.get(name) == Some(bytes), "{name} is another now; {renew}");
    }
}

//! `site/dag` of this repository is the demo's site after a small story, byte for byte, at fixed times and commits.
//!
//! Whoever changes a page renews it: `FFT_RENEW=1 cargo test --test it example_site`, and looks at what changed.

use crate::altered::{Altered, Change, kept};
use crate::browser::change_demo;
use crate::project::{CHECKOUT, Ran, Sandbox, copy, snapshot};
use fft::cli::{Exit, run_in};
use fft::world::{OsWorld, Stopwatch};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Python's version is an input of every Python model: pages of another one are others.
const PYTHON: &str = "3.11";

/// Milliseconds that pass between two looks at the clock.
const STEP: u64 = 3;

/// A clock that moves when it is looked at.
struct Staged {
    start: Timestamp,
    looks: Arc<AtomicU64>,
}

impl Staged {
    fn new(start: &str) -> Staged {
        Staged { start: start.parse().unwrap(), looks: Arc::default() }
    }
}

impl Change for Staged {
    fn env(&self, machine: &OsWorld) -> BTreeMap<String, String> {
        let mut env = kept(machine);
        env.insert("FF_HTTP_OFFLINE".into(), "1".into());
        env
    }

    fn now(&self, _: &OsWorld) -> Timestamp {
        self.start + Duration::from_millis(STEP * self.looks.load(Ordering::Relaxed))
    }

    fn stopwatch(&self, _: &OsWorld) -> Stopwatch {
        let looks = self.looks.clone();
        Arc::new(move || Duration::from_millis(STEP * looks.fetch_add(1, Ordering::Relaxed)))
    }
}

/// One run of the project at a time and a commit. One worker, so that its looks at the clock have one order.
fn run(sandbox: &Sandbox, start: &str, commit: char) {
    sandbox.write(".git/HEAD", &format!("{}\n", commit.to_string().repeat(40)));
    let root = sandbox.root().as_os_str().to_owned();
    let words = ["--env", "dev_duckdb", "--jobs", "1", "--quiet"].map(OsString::from);
    let arguments = ["fft".into(), "run".into(), root].into_iter().chain(words);
    assert_eq!(run_in(Arc::new(Altered::new(Staged::new(start))), arguments), Exit::Done);
}

/// First everything, then nothing, then a row and an expression more.
fn story() -> Sandbox {
    let sandbox = Sandbox::demo();
    run(&sandbox, "2026-11-23T09:15:00.250Z", 'a');
    run(&sandbox, "2026-11-23T16:40:10.500Z", 'a');
    change_demo(&sandbox);
    run(&sandbox, "2026-11-24T08:05:30.750Z", 'b');
    sandbox
}

#[test]
fn the_site_of_the_example_is_as_it_is_written() {
    let sandbox = story();
    let made = snapshot(&sandbox.path("site/dag"));
    assert!(made.len() > 10, "{:?}", made.keys());
    let python = Ran::of({
        let mut command = sandbox.command("python3");
        command.arg("--version");
        command
    });
    let python = python.stdout.trim();
    if !python.starts_with(&format!("Python {PYTHON}.")) {
        let _ = writeln!(
            io::stderr(),
            "\nNOTICE: site/dag was not compared: it is made with Python {PYTHON}, here is {python}\n"
        );
        return;
    }
    let kept = Path::new(CHECKOUT).join("site/dag");
    if std::env::var_os("FFT_RENEW").is_some() {
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).unwrap();
        return copy(&sandbox.path("site/dag"), &kept);
    }
    let (told, made) = (steady(snapshot(&kept)), steady(made));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    let renew = "`FFT_RENEW=1 cargo test --test it example_site` renews site/dag";
    assert_eq!(names(&told), names(&made), "{renew}");
    for (name, bytes) in &made {
        assert!(told[name] == *bytes, "site/dag/{name} is another now; {renew}:\n{}", difference(&told[name], bytes));
    }
}

/// The files without what the engine's own memory makes another each time: records have it, so their digests are others
/// too, which stand on pages, in names of shards and in the runs behind.
fn steady(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let record =
        |name: &str| name.starts_with("data/record-") || name.starts_with("runs/2026") && name.ends_with(".json");
    let shards = files.keys().filter(|name| name.starts_with("data/record-"));
    let digests = String::from_utf8_lossy(&files["runs/digests.json"]).into_owned();
    let digests = digests.split('"').filter(|word| word.len() == 64);
    let others: Vec<String> = shards
        .filter_map(|name| name.strip_suffix(".js")?.rsplit_once('-').map(|(_, digest)| digest.to_string()))
        .chain(digests.map(String::from))
        .collect();
    let masked = |text: &str| others.iter().fold(text.to_string(), |text, other| text.replace(other, "…"));
    let text = |name: &str, bytes: Vec<u8>| match String::from_utf8(bytes) {
        _ if record(name) => Vec::new(),
        Ok(text) => masked(&text).into_bytes(),
        Err(other) => other.into_bytes(),
    };
    files.into_iter().map(|(name, bytes)| (masked(&name), text(&name, bytes))).collect()
}

/// Where two files begin to differ.
fn difference(old: &[u8], new: &[u8]) -> String {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    let first = old.lines().zip(new.lines()).find(|(old, new)| old != new);
    first.map_or("one ends earlier".into(), |(old, new)| format!("- {old}\n+ {new}"))
}

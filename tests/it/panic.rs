//! A panic on fft's own main thread, in the midst of a run: a bug by its exit status, and no run without a record.

use crate::altered::{Altered, Change};
use crate::project::Sandbox;
use fft::cli::{Exit, run_in};
use fft::world::{OsWorld, World as _};
use serde_json::Value;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const RESULTS: &str = ".fastflowtransform/target/run_results.json";

/// A write to a file whose path holds `part` ends in a panic, when it comes for the `nth` time.
struct Panics {
    part: &'static str,
    nth: u32,
    came: AtomicU32,
}

impl Panics {
    fn at(part: &'static str, nth: u32) -> Altered<Panics> {
        Altered::new(Panics { part, nth, came: AtomicU32::new(0) })
    }

    fn look(&self, path: &Path) {
        let meant = path.to_string_lossy().contains(self.part);
        assert!(!meant || self.came.fetch_add(1, Ordering::Relaxed) + 1 != self.nth, "a bug, for the sake of a test");
    }
}

impl Change for Panics {
    fn write(&self, machine: &OsWorld, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.look(path);
        machine.write(path, bytes)
    }

    fn append(&self, machine: &OsWorld, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.look(path);
        machine.append(path, bytes)
    }
}

/// One model on the other.
fn chain() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("models/a.ff.sql", "{{ config(materialized='table') }}select 1 as id\n");
    sandbox.write("models/b.ff.sql", "{{ config(materialized='table') }}select id from {{ ref('a') }}\n");
    sandbox.write("models/c.ff.sql", "{{ config(materialized='table') }}select id from {{ ref('b') }}\n");
    sandbox
}

fn run<C: Change + 'static>(sandbox: &Sandbox, jobs: usize, world: Altered<C>) -> Exit {
    let words = ["--jobs", &jobs.to_string(), "--quiet"].map(OsString::from);
    let arguments = ["fft".into(), "run".into(), sandbox.root().as_os_str().to_owned()];
    run_in(Arc::new(world), arguments.into_iter().chain(words))
}

fn results(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.read(RESULTS)).unwrap()
}

#[test]
fn what_was_built_before_a_panic_is_recorded() {
    let sandbox = chain();
    //: Elsewhere it ends the run, which is recorded as interrupted, with what had finished.
    // Here in the record of the second node's build.
    assert_eq!(run(&sandbox, 1, Panics::at(".fastflowtransform/cache/", 2)), Exit::Bug);
    let rows = sandbox.rows();
    let status = |name: &str| rows[name].status.as_str();
    assert_eq!([status("a.ff"), status("b.ff"), status("c.ff")], ["success", "success", "blocked"]);
    assert_eq!(rows["c.ff"].message, "not started: the run was interrupted");
    assert_eq!(results(&sandbox)["interrupted"], true);
    assert_eq!(sandbox.fft("history --json").expect(0).stdout.matches("\"run_id\"").count(), 1);
    // What the cache doesn't tell of the second, the database does.
    sandbox.fft("run").expect(0).says("1 built");
    assert_eq!(sandbox.rows()["b.ff"].status, "skipped");
    sandbox.fft("verify").expect(0);
}

/// What others are at is interrupted, as by Ctrl-C: it isn't waited for.
#[test]
fn a_panic_ends_what_runs_beside_it() {
    let sandbox = Sandbox::new();
    sandbox.write("models/quick.ff.sql", "{{ config(materialized='table') }}select 1 as id\n");
    sandbox.write(
        "models/endless.ff.py",
        "import time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"endless\", deps=[])\n\
         def build() -> list:\n    while True:\n        time.sleep(0.05)\n",
    );
    assert_eq!(run(&sandbox, 2, Panics::at(".fastflowtransform/cache/", 1)), Exit::Bug);
    let rows = sandbox.rows();
    assert_eq!((rows["endless"].status.as_str(), rows["endless"].message.as_str()), ("error", "interrupted"));
    assert_eq!(rows["quick.ff"].status, "success");
}

#[test]
fn a_run_that_ends_in_a_panic_while_it_is_written_up_has_its_results() {
    let sandbox = chain();
    assert_eq!(run(&sandbox, 1, Panics::at("target/catalog.json", 1)), Exit::Bug);
    assert!(sandbox.rows().values().all(|row| row.status == "success"));
    assert_eq!(results(&sandbox)["interrupted"], false);
    sandbox.fft("run").expect(0).says("0 built");
    sandbox.fft("verify").expect(0);
}

/// A model's file can't be read without a panic.
struct Unread;

impl Change for Unread {
    fn read(&self, machine: &OsWorld, path: &Path) -> io::Result<Vec<u8>> {
        assert!(!path.ends_with("models/a.ff.sql"), "a bug, for the sake of a test");
        machine.read(path)
    }
}

#[test]
fn a_panic_before_a_run_leaves_no_record() {
    let sandbox = chain();
    assert_eq!(run(&sandbox, 1, Altered::new(Unread)), Exit::Bug);
    assert!(!sandbox.path(RESULTS).exists());
    sandbox.fft("run").expect(0).says("3 built");
}

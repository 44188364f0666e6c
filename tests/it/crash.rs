//! What goes wrong in the middle: killed processes, damaged files, two at once, and a person who presses Ctrl-C.

use crate::project::{Sandbox, Started};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::thread;

const MODELS: usize = 30;

/// A query that would take hours.
const ENDLESS: &str = "select count(*) as n from range(4000000) a(x), range(4000000) b(y) where (x * y) % 7 = 0";

/// 30 models in three levels, each with a query of some hundredths of a second; one of the second level never ends.
fn models_with_an_endless_one() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..MODELS {
        let slow = format!(
            "select count(*) as n, {number} as number from range(3000) a(x), range(3000) b(y) where (x * y) % 7 = 0"
        );
        let text = match number {
            0..10 => format!("{slow}\n"),
            _ => format!("{slow}\n  and 1 = (select count(*) from {{{{ ref('m{:02}') }}}})\n", number - 10),
        };
        sandbox.write(&format!("models/m{number:02}.ff.sql"), &text);
    }
    sandbox.write("models/m15.ff.sql", &format!("{ENDLESS} + (select count(*) from {{{{ ref('m05') }}}})\n"));
    sandbox
}

/// The nodes that a run's events end with success, read while the run goes on.
struct Watch {
    built: Arc<Mutex<BTreeSet<String>>>,
    thread: thread::JoinHandle<()>,
}

/// Reads the events of a run until `until` holds of one and the nodes built so far; a thread reads on to the end.
fn watch(started: &mut Started, until: impl Fn(&Value, usize) -> bool + Send + 'static) -> Watch {
    let errors = BufReader::new(started.child().stderr.take().unwrap());
    let built = Arc::new(Mutex::new(BTreeSet::new()));
    let shared = built.clone();
    let (tell, told) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        for line in errors.lines().map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            let mut names = shared.lock().unwrap();
            if event["event"] == "node_ended" && event["status"] == "success" {
                names.insert(event["node"].as_str().unwrap().to_string());
            }
            if until(&event, names.len()) {
                let _ = tell.send(());
            }
        }
    });
    told.recv().expect("the run ended before it was to be disturbed");
    Watch { built, thread }
}

impl Watch {
    fn built(self) -> BTreeSet<String> {
        self.thread.join().unwrap();
        Arc::try_unwrap(self.built).unwrap().into_inner().unwrap()
    }
}

fn names(sandbox: &Sandbox, status: &str) -> BTreeSet<String> {
    let rows = sandbox.rows();
    rows.iter().filter(|(_, row)| row.status == status).map(|(name, _)| name.clone()).collect()
}

#[test]
fn after_kill_only_what_had_not_finished_is_built() {
    let sandbox = models_with_an_endless_one();
    let mut run = sandbox.start("run --jobs 3 --log-format json");
    let watch = watch(&mut run, |_, built| built == 12);
    run.signal(Signal::SIGKILL);
    assert_eq!(run.end().code, None, "killed, not ended");
    let told = watch.built();
    assert!(told.len() >= 12 && told.len() < MODELS, "{told:?}");
    let results = sandbox.path(".fastflowtransform/target/run_results.json");
    assert!(!results.exists(), "results of a run that never ended");

    sandbox.write("models/m15.ff.sql", "select count(*) as n from {{ ref('m05') }}\n");
    sandbox.fft("run --jobs 2").expect(0);
    let (skipped, built) = (names(&sandbox, "skipped"), names(&sandbox, "success"));
    assert_eq!(skipped.len() + built.len(), MODELS);
    // What was told is recorded; one more may have been recorded and not told.
    assert!(told.is_subset(&skipped), "built again: {:?}", told.difference(&skipped));
    assert!(skipped.len() <= told.len() + 1, "trusted without having finished: {:?}", skipped.difference(&told));
    for (name, row) in sandbox.rows() {
        // The last line of the cache may have been cut.
        let built = ["first_build", "cache_unreadable"];
        let expected: &[&str] = if skipped.contains(&name) { &["all_inputs_equal"] } else { &built };
        assert!(expected.contains(&row.primary_code.as_str()), "{name}: {:?}", row.codes);
    }
    let tables = "select count(*) from duckdb_tables() where schema_name = 'analytics' and table_name like 'm%'";
    assert_eq!(sandbox.query(".local/story.duckdb", tables), [MODELS.to_string()]);
    sandbox.fft("run").expect(0).says("0 built");
}

/// Interrupted: running statements are ended, finished nodes kept, every node has its row, and the run says 1.
#[test]
fn an_interrupt_ends_a_long_statement_and_keeps_what_finished() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a_quick.ff.sql", "select 1 as id\n");
    sandbox.write("models/b_quick.ff.sql", "select id from {{ ref('a_quick') }}\n");
    let endless = format!("{ENDLESS} + (select count(*) from {{{{ ref('b_quick') }}}})\n");
    sandbox.write("models/c_endless.ff.sql", &endless);
    sandbox.write("models/d_below.ff.sql", "select n from {{ ref('c_endless') }}\n");
    interrupt(&sandbox, "c_endless.ff");
    let rows = sandbox.rows();
    assert_eq!((rows["a_quick.ff"].status.as_str(), rows["b_quick.ff"].status.as_str()), ("success", "success"));
    assert_eq!(rows["d_below.ff"].status, "blocked");
    sandbox.write("models/c_endless.ff.sql", "select 3 as n from {{ ref('b_quick') }}\n");
    sandbox.fft("run").expect(0);
    let rows = sandbox.rows();
    assert_eq!((rows["a_quick.ff"].status.as_str(), rows["b_quick.ff"].status.as_str()), ("skipped", "skipped"));
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.d_below"), ["3"]);
}

#[test]
fn an_interrupt_ends_a_python_model() {
    let sandbox = Sandbox::new();
    sandbox.write("models/a_quick.ff.sql", "select 1 as id\n");
    let python = "import time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"sleeper\", deps=[\"a_quick.ff\"])\n\
                  def build(rows: list) -> list:\n    while True:\n        time.sleep(1)\n";
    sandbox.write("models/sleeper.ff.py", python);
    interrupt(&sandbox, "sleeper");
    assert_eq!(sandbox.rows()["a_quick.ff"].status, "success");
}

/// Presses Ctrl-C once `node` has been begun, and sees the run end with that node interrupted.
pub fn interrupt(sandbox: &Sandbox, node: &'static str) {
    let mut run = sandbox.start("run --jobs 2 --log-format json");
    let watch = watch(&mut run, move |event, _| event["event"] == "node_started" && event["node"] == node);
    run.signal(Signal::SIGINT);
    let ran = run.end();
    watch.built();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let row = &sandbox.rows()[node];
    assert_eq!((row.status.as_str(), row.message.as_str()), ("error", "interrupted"));
    let results: Value = serde_json::from_slice(&sandbox.bytes(".fastflowtransform/target/run_results.json")).unwrap();
    assert_eq!(results["interrupted"], true);
}

/// A cache that is gone, cut, or filled with anything else costs builds, never a wrong skip.
#[test]
fn a_damaged_cache_is_a_cause() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    sandbox.write("models/two.ff.sql", "select id from {{ ref('one') }}\n");
    sandbox.fft("run").expect(0);
    let file = sandbox.cache_file();
    let whole = fs::read(&file).unwrap();
    let two_lines = whole.iter().filter(|byte| **byte == b'\n').count();
    assert!(two_lines >= 2);
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [(&str, Damage); 5] = [
        ("cut in the last line", |whole| whole[..whole.len() - 40].to_vec()),
        ("garbage", |_| b"\x00\xff no cache at all \x01\n\n\x7f".repeat(9)),
        ("JSON of another kind", |_| b"{\"version\": 3, \"entries\": []}\n".to_vec()),
        ("one byte of the first line", |whole| {
            let mut bytes = whole.to_vec();
            bytes[60] ^= 1;
            bytes
        }),
        ("half of it zero", |whole| [&whole[..whole.len() / 2], &vec![0; whole.len() / 2][..]].concat()),
    ];
    for (what, damage) in damages {
        fs::remove_file(&file).unwrap();
        sandbox.fft("run --cache wo").expect(0);
        let bytes = damage(&fs::read(&file).unwrap());
        fs::write(&file, &bytes).unwrap();
        // What the database records of its builds stands in.
        sandbox.fft("run").expect(0).says("0 built · 2 skipped: all inputs equal");
        sandbox.fft("run").expect(0).says("0 built");
        // Without that, the damage is the cause.
        fs::write(&file, bytes).unwrap();
        sandbox.query(".local/story.duckdb", "update analytics._ff_meta set record = null");
        sandbox.fft("run").expect(0);
        let rows = sandbox.rows();
        //: | `cache_unreadable` | what was recorded of its last build can't be read |
        let unreadable = rows.values().filter(|row| row.primary_code == "cache_unreadable").count();
        assert!(unreadable > 0, "{what}: {rows:?}");
        let known = ["cache_unreadable", "all_inputs_equal"];
        assert!(rows.values().all(|row| known.contains(&row.primary_code.as_str())), "{what}: {rows:?}");
        sandbox.fft("run").expect(0).says("0 built");
    }
    // A file that isn't there is no damage: what the database records is known, and where it records nothing, nothing was
    // ever built, as far as anybody knows.
    fs::remove_file(&file).unwrap();
    sandbox.query(".local/story.duckdb", "update analytics._ff_meta set record = null");
    sandbox.fft("run").expect(0);
    assert!(sandbox.rows().values().all(|row| row.primary_code == "first_build"));
    fs::write(&file, b"").unwrap();
    sandbox.fft("run").expect(0);
    assert!(sandbox.rows().values().all(|row| row.status == "skipped"));
    assert_eq!(sandbox.query(".local/story.duckdb", "select id from analytics.two"), ["1"]);
}

/// Other files that fft keeps may be damaged too; the run says what it can't use and builds right.
#[test]
fn other_damaged_files_do_no_harm() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    for file in ["manifest.json", "run_results.json", "catalog.json"] {
        sandbox.write(&format!(".fastflowtransform/target/{file}"), "{\"cut");
    }
    for entry in fs::read_dir(sandbox.path(".fastflowtransform/runs")).unwrap() {
        fs::write(entry.unwrap().path(), b"garbage").unwrap();
    }
    let evidence = sandbox.path(".fastflowtransform/evidence.pack");
    assert!(evidence.exists());
    fs::write(&evidence, b"garbage").unwrap();
    sandbox.write("models/one.ff.sql", "select 2 as id\n");
    sandbox.fft("run").expect(0);
    assert_eq!(sandbox.rows()["one.ff"].primary_code, "sql_changed");
    assert_eq!(sandbox.query(".local/story.duckdb", "select id from analytics.one"), ["2"]);
    sandbox.fft("explain one").expect(0);
    sandbox.fft("run").expect(0).says("0 built");
}

/// The first run is held by a model that waits for a file.
#[test]
fn a_second_run_waits_or_fails_at_once() {
    let sandbox = Sandbox::new();
    let gate = sandbox.path("gate");
    let python = format!(
        "import os, time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"gated\", deps=[])\n\
         def build() -> list:\n    while not os.path.exists({gate:?}):\n        time.sleep(0.05)\n    return [{{\"n\": 1}}]\n"
    );
    sandbox.write("models/gated.ff.py", &python);
    let mut first = sandbox.start("run --log-format json");
    let watch = watch(&mut first, |event, _| event["event"] == "node_started");
    sandbox.fft("run --no-wait").expect(5).says("another run holds this project (process ").says(", since 20");
    let mut second = sandbox.start("run");
    let mut errors = BufReader::new(second.child().stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for another run of this project (process "), "{line}");
    sandbox.write("gate", "");
    assert_eq!(first.end().code, Some(0));
    assert_eq!(watch.built().len(), 1);
    // Nothing is left to do for it.
    let second = second.end();
    assert_eq!(second.code, Some(0));
    assert!(second.stdout.contains("0 built · 1 skipped"), "{}", second.stdout);
}

#[test]
fn a_database_that_another_process_holds_is_a_clear_error() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    let holder = duckdb::Connection::open(sandbox.path(".local/story.duckdb")).unwrap();
    let refused = sandbox.fft("run --no-wait").expect(5);
    let process = format!("PID {}", std::process::id());
    for part in ["another process holds the database .local/story.duckdb", process.as_str(), "hint:"] {
        assert!(refused.stderr.contains(part), "`{part}` isn't in:\n{}", refused.stderr);
    }
    assert!(!refused.stderr.contains("panicked"), "{}", refused.stderr);
    // What only reads waits too, and can be told not to.
    for command in ["plan --no-wait", "explain one --next --no-wait", "ls --select state:new --no-wait"] {
        sandbox.fft(command).expect(5).says(&process);
    }
    let mut waiting = sandbox.start("run");
    let mut errors = BufReader::new(waiting.child().stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting: another process holds the database .local/story.duckdb: "), "{line}");
    assert!(line.contains(&process), "{line}");
    drop(holder);
    let ended = waiting.end();
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("0 built"), "{}", ended.stdout);
}

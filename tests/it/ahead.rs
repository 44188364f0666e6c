//! What a run now would do, followed: by `fft plan --watch` and by the pages that `fft docs serve` serves.

use crate::project::{Sandbox, Started};
use crate::schema::holds;
use crate::serve::Server;
use nix::sys::signal::Signal;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;
use std::time::Duration;

/// Two models, one over the other, that were built.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("models/base.ff.sql", "select 1 as id\n");
    sandbox.write("models/mart.ff.sql", "select id from {{ ref('base') }}\n");
    sandbox.fft("run").expect(0);
    sandbox
}

/// `fft plan --watch --json`, its lines one after the other.
struct Watch {
    started: Started,
    lines: Receiver<String>,
}

/// What is printed comes within this time, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// Lines as they are printed.
fn lines(started: &mut Started) -> Receiver<String> {
    let output = BufReader::new(started.child().stdout.take().unwrap());
    let (sender, lines) = channel();
    spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    lines
}

impl Watch {
    fn of(sandbox: &Sandbox, options: &str) -> Watch {
        let mut started = sandbox.start(&format!("plan --watch --json {options}"));
        let lines = lines(&mut started);
        Watch { started, lines }
    }

    /// The next line that `holds` is true of.
    fn next(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("another line");
            let value: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
            holds("plan_watch", &value);
            if wanted(&value) {
                return value;
            }
        }
    }

    fn end(mut self) {
        self.started.signal(Signal::SIGINT);
        self.started.end().expect(0);
    }
}

fn built(line: &Value) -> Vec<String> {
    let nodes = line["plan"]["nodes"].as_array().into_iter().flatten();
    let built = nodes.filter(|node| node["decision"]["action"] == "build");
    built.map(|node| node["name"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_plan_is_told_again_after_each_save() {
    let sandbox = project();
    let state = || std::fs::read_dir(sandbox.path(".fastflowtransform")).unwrap().count();
    let before = (sandbox.bytes(".fastflowtransform/target/run_results.json"), state());
    let mut watch = Watch::of(&sandbox, "");
    let quiet = watch.next(|_| true);
    assert_eq!(quiet["sentence"], "A run now would build nothing: all 2 nodes are up to date.");
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    let edited = watch.next(|line| !built(line).is_empty());
    assert_eq!(built(&edited), ["base.ff", "mart.ff"]);
    let sentence = edited["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("A run now would build 2 nodes: ") && sentence.contains("base"), "{sentence}");
    // A file that can't be read is told with its place, and mended by the next save.
    sandbox.write("models/base.ff.sql", "select 2 as id\nfrom {{ ref('bass') }}\n");
    let wrong = watch.next(|line| line["state"] == "wrong");
    let at = &wrong["problems"][0]["at"];
    assert_eq!((at["path"].as_str(), at["line"].as_u64()), (Some("models/base.ff.sql"), Some(2)), "{wrong:#}");
    assert!(wrong["problems"][0]["hints"][0].is_string(), "{wrong:#}");
    sandbox.write("models/base.ff.sql", "select 3 as id\n");
    watch.next(|line| built(line) == ["base.ff", "mart.ff"]);
    // What comes and what goes counts as well.
    sandbox.write("models/more.ff.sql", "select 1 as one\n");
    watch.next(|line| built(line) == ["base.ff", "more.ff", "mart.ff"]);
    std::fs::remove_file(sandbox.path("models/more.ff.sql")).unwrap();
    watch.next(|line| built(line) == ["base.ff", "mart.ff"]);
    assert_eq!((sandbox.bytes(".fastflowtransform/target/run_results.json"), state()), before, "nothing is written");
    // A run has the database for itself, whatever watches, also one that doesn't wait; then there is nothing to do.
    sandbox.fft("run --no-wait").expect(0);
    watch.next(|line| line["state"] == "planned" && built(line).is_empty());
    watch.end();
}

#[test]
fn a_watched_plan_takes_selectors_and_is_text_for_people() {
    let sandbox = project();
    let mut watch = Watch::of(&sandbox, "--select base");
    watch.next(|line| line["sentence"] == "A run now would build nothing: the selected node is up to date.");
    watch.end();
    let mut started = sandbox.start("plan --watch");
    let lines = lines(&mut started);
    let says = |words: &str| while !lines.recv_timeout(PATIENCE).expect(words).contains(words) {};
    says("all 2 nodes are up to date");
    sandbox.write("models/mart.ff.sql", "select id + 1 as id from {{ ref('base') }}\n");
    says("A run now would build 1 of 2 nodes");
    says("mart.ff");
    started.signal(Signal::SIGINT);
    started.end().expect(0);
    sandbox.fft("plan --watch --fail-on build").expect(2).says("cannot be used with");
}

/// What is broken from the beginning is no reason to end.
#[test]
fn a_project_may_be_broken_when_it_is_first_watched() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select {{ \n");
    let mut watch = Watch::of(&sandbox, "");
    watch.next(|line| line["state"] == "wrong");
    sandbox.write("models/one.ff.sql", "select 1 as a\n");
    watch.next(|line| built(line) == ["one.ff"]);
    assert!(!sandbox.path(".fastflowtransform").exists() && !sandbox.path(".local").exists(), "nothing is made");
    watch.end();
}

#[test]
fn served_pages_are_told_what_a_run_now_would_do() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0");
    let plan = server.planned(|told| told["plan"].is_object());
    assert_eq!(plan["plan"]["nodes"].as_array().unwrap().len(), 0, "{plan:#}");
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    let plan = server.planned(|told| told["plan"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 2));
    let node = &plan["plan"]["nodes"][0];
    assert_eq!((node["name"].as_str(), node["page"].as_str()), (Some("base.ff"), Some("nodes/base.ff.html")));
    assert!(node["why"].as_str().unwrap().contains("models/base.ff.sql"), "{plan:#}");
    // The last good plan stays while a file is broken.
    sandbox.write("models/mart.ff.sql", "select id from {{ ref('bass') }}\n");
    let broken = server.planned(|told| told["problems"].as_array().is_some_and(|problems| !problems.is_empty()));
    assert_eq!(broken["problems"][0]["at"].as_str().unwrap().split(':').next(), Some("models/mart.ff.sql"));
    assert_eq!(broken["plan"], plan["plan"]);
    sandbox.write("models/mart.ff.sql", "select id from {{ ref('base') }}\n");
    server.planned(|told| told["problems"].as_array().is_some_and(|problems| problems.is_empty()));
    // The run is told by what it came to, and leaves nothing to do.
    sandbox.fft("run").expect(0);
    let last = server.told(|state| state["runs"]["last"]["words"] == "2 rebuilt");
    assert!(last["runs"]["last"]["page"].as_str().unwrap().starts_with("runs/"));
    server.planned(|told| told["plan"]["nodes"].as_array().is_some_and(|nodes| nodes.is_empty()));
    assert!(!sandbox.read("site/dag/index.html").contains("__fft"), "no published page has any of it");
}

#[test]
fn a_server_need_not_plan() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0 --no-plan");
    sandbox.write("models/base.ff.sql", "select 2 as id\n");
    sandbox.fft("run").expect(0);
    let state = server.told(|state| state["runs"]["last"]["words"] == "2 rebuilt");
    assert_eq!(state["plan"], 0);
}

/// A run tells how far it is while it goes on, and nothing when it has ended.
#[test]
fn a_run_under_way_is_told_to_pages() {
    let sandbox = Sandbox::new();
    sandbox.write("models/first.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(0);
    let server = Server::start(&sandbox, "--port 0");
    let many = "select sum(a.range * b.range) as n from range(20000) a, range(20000) b";
    for number in 0..6 {
        sandbox.write(&format!("models/slow_{number}.ff.sql"), &format!("{many}, (select {number}) c\n"));
    }
    let run = sandbox.start("run --jobs 1");
    let under_way = server.told(|state| state["runs"]["under_way"]["done"].as_u64().is_some());
    let words = under_way["runs"]["under_way"]["words"].as_str().unwrap();
    assert!(words.starts_with("a run is going on: ") && words.ends_with(" of 6"), "{words}");
    run.end().expect(0);
    server.told(|state| state["runs"]["under_way"].is_null() && state["runs"]["last"]["words"] == "6 rebuilt");
    assert!(!sandbox.path(".fastflowtransform/progress.json").exists());
}

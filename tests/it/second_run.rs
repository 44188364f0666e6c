//! The second run: it starts no Python, opens no socket, builds nothing and leaves the manifest as it is; and the
//! manifest is the same wherever, however and in whatever order a project was built.

use crate::project::{FFT, Ran, Sandbox};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const MANIFEST: &str = ".fastflowtransform/target/manifest.json";

/// A small project with a Python model whose interpreter writes down that it was started.
fn recorded_python() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\npython:\n  interpreter: bin/python\n");
    sandbox.write("bin/python", "#!/bin/sh\necho started >> \"$(dirname \"$0\")/../starts\"\nexec python3 \"$@\"\n");
    fs::set_permissions(sandbox.path("bin/python"), fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    let python = "from fastflowtransform import model\n\n\n@model(name=\"greetings\", deps=[\"stg.ff\"])\n\
                  def build(people: list) -> list:\n    return [{\"text\": \"hello \" + row[\"name\"]} for row in people]\n";
    sandbox.write("models/greetings.ff.py", python);
    sandbox
}

fn starts(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.path("starts")).map_or(0, |text| text.lines().count())
}

#[test]
fn it_starts_no_python_and_writes_no_manifest() {
    let sandbox = recorded_python();
    sandbox.fft("run").expect(0);
    assert!(starts(&sandbox) > 0, "the first run must have started Python");
    assert_eq!(sandbox.query(".local/story.duckdb", "select text from analytics.greetings"), ["hello Ada"]);
    let (before, manifest) = (starts(&sandbox), sandbox.bytes(MANIFEST));
    sandbox.fft("run").expect(0).says("0 built");
    sandbox.fft("plan --fail-on build").expect(0);
    assert_eq!(starts(&sandbox), before);
    assert!(manifest == sandbox.bytes(MANIFEST));
}

/// Another version of Python is another input of what it runs.
#[test]
fn another_python_is_told() {
    let sandbox = recorded_python();
    sandbox.fft("run").expect(0);
    sandbox.fft("plan --fail-on build").expect(0);
    let other = "#!/bin/sh\n[ \"$1\" = -c ] && echo 3.99 && exit\nexec python3 \"$@\"\n";
    sandbox.write("bin/python", other);
    //: | `python_env_changed` | the requirements or the Python version are different |
    let plan = sandbox.fft("plan").expect(0).says("1 to build: 1 changed");
    plan.says("greetings  Python environment changed");
}

/// Every system call of the network, and every program started, by the run and all its threads.
#[test]
fn it_opens_no_socket_and_starts_nothing() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("strace isn't here: not shown");
        return;
    }
    for (sandbox, arguments) in [(recorded_python(), "run"), (Sandbox::demo(), "run --env dev_duckdb --jobs 4")] {
        let (first, log) = trace(&sandbox, arguments);
        if first.code != Some(0) && log.is_empty() {
            eprintln!("strace may not trace here: not shown");
            return;
        }
        first.expect(0);
        assert!(log.contains("/bin/python"), "the trace must show the Python that the first run starts:\n{log}");
        let (second, log) = trace(&sandbox, arguments);
        second.expect(0).says("0 built");
        // The thread that waits for signals has a pipe to itself, which is a pair of sockets.
        let own = |line: &str| line.contains("socketpair(AF_UNIX") || line.contains("recvfrom(");
        let told = |line: &&str| !line.contains("+++") && !line.contains("---") && !own(line);
        let calls: Vec<&str> = log.lines().filter(told).collect();
        assert_eq!(calls.len(), 1, "more than fft's own start:\n{log}");
        assert!(calls[0].contains("execve("), "{log}");
    }
}

/// The network's system calls and the programs started.
fn trace(sandbox: &Sandbox, arguments: &str) -> (Ran, String) {
    let mut command = sandbox.command("strace");
    let log = sandbox.root().parent().unwrap().join("trace");
    command.args(["-f", "-qq", "-e", "trace=network,execve", "-o"]).arg(&log).arg(FFT);
    command.args(arguments.split_whitespace()).env("FF_HTTP_OFFLINE", "1");
    let ran = Ran::of(command);
    (ran, fs::read_to_string(&log).unwrap_or_default())
}

/// Paths count from the project, wherever the shell stands.
#[test]
fn it_is_the_same_run_from_everywhere() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id from {{ ref('people') }}\n");
    sandbox.fft("run").expect(0);
    let parent = sandbox.root().parent().unwrap();
    let places = [(parent.to_path_buf(), "run project"), (sandbox.path("models"), "run"), ("/".into(), "")];
    for (place, arguments) in places {
        let mut command = sandbox.command(FFT);
        command.current_dir(&place);
        match arguments {
            "" => command.arg("run").arg(sandbox.root()),
            _ => command.args(arguments.split_whitespace()),
        };
        Ran::of(command).expect(0).says("0 built · 2 skipped");
    }
    let databases = walkdir::WalkDir::new(parent).into_iter().flatten();
    let databases = databases.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "duckdb"));
    assert_eq!(databases.count(), 1);
}

/// Many nodes on many workers, again and again: every one is built, once, and none is lost.
#[test]
fn many_workers_lose_nothing() {
    let sandbox = Sandbox::new();
    for number in 0..40 {
        let text = match number {
            0..8 => format!("select {number} as n\n"),
            _ => format!(
                "{{{{ config(materialized='{}') }}}}\nselect n + 1 as n from {{{{ ref('m{}') }}}}\n",
                if number % 3 == 0 { "view" } else { "table" },
                number - 8
            ),
        };
        sandbox.write(&format!("models/m{number}.ff.sql"), &text);
    }
    for _ in 0..8 {
        let ran = sandbox.fft("run --jobs 8 --cache wo").expect(0);
        let built: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with('L')).collect();
        assert_eq!(built.len(), 40, "{}", ran.stdout);
        assert!(sandbox.rows().values().all(|row| row.status == "success"));
    }
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.m39"), ["11"]);
    assert_eq!(sandbox.query(".local/story.duckdb", "select count(*) from analytics._ff_meta"), ["40"]);
    sandbox.fft("run --jobs 8").expect(0).says("0 built · 40 skipped");
}

/// Two checkouts in different places, made in another order, with another locale, time zone and number of jobs.
#[test]
fn the_manifest_is_the_same_everywhere() {
    let files = [
        ("macros/m.sql", "{% macro twice(x) %}{{ x }} * 2{% endmacro %}\n"),
        ("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n"),
        ("seeds/orders.csv", "id,person,amount\n1,1,2.50\n2,2,4.00\n"),
        (
            "sources.yml",
            "version: 2\nsources:\n  - name: raw\n    tables:\n      - name: people\n        identifier: people\n",
        ),
        (
            "models/people.yml",
            "version: 2\nmodels:\n  - name: stg_people.ff\n    description: Everybody.\n    tags: [b, a]\n",
        ),
        ("models/stg_people.ff.sql", "select id, name from {{ source('raw', 'people') }}\n"),
        (
            "models/stg_orders.ff.sql",
            "{{ config(materialized='view') }}\nselect id, person, {{ twice('amount') }} as amount from {{ ref('orders') }}\n",
        ),
        (
            "models/mart.ff.sql",
            "select p.name, sum(o.amount) as total from {{ ref('stg_people') }} p join {{ ref('stg_orders') }} o on o.person = p.id group by 1\n",
        ),
        (
            "models/deep/er/targets.ff.py",
            "from fastflowtransform import model\n\n\n@model(name=\"targets\", deps=[])\ndef build() -> list:\n    return [{\"n\": 1}]\n",
        ),
    ];
    let mut here = Sandbox::new();
    let mut there = Sandbox::new();
    files.iter().for_each(|(path, text)| here.write(path, text));
    files.iter().rev().for_each(|(path, text)| there.write(path, text));
    here.set("TZ", "Asia/Kathmandu");
    here.set("LANG", "tr_TR.UTF-8");
    there.set("TZ", "America/St_Johns");
    there.set("LC_ALL", "C");
    //: Clocks, file times, folders, the names of the user and the machine, the order of files, `--jobs`, time zones,
    //: locales and `FFT_*` variables (but `FFT_FINGERPRINT_KEY`) are no inputs either.
    for (sandbox, name) in [(&mut here, "ada"), (&mut there, "grace")] {
        ["USER", "LOGNAME", "HOSTNAME", "FFT_ANYTHING"].iter().for_each(|variable| sandbox.set(variable, name));
    }
    here.fft("run --jobs 1").expect(0);
    there.fft("run --jobs 8").expect(0);
    //: Two equal fingerprints mean that building a node again would give what its relation already holds, on any
    //: machine, in any folder, at any time, as far as the node's inputs are seen: data that nothing watches is named
    //: as such and never counted as equal.
    assert_eq!(without_time(&here), without_time(&there));
    // And after a change made in both.
    for sandbox in [&here, &there] {
        sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n3,Radia\n");
    }
    here.fft("run --jobs 8").expect(0);
    there.fft("run --jobs 1").expect(0);
    assert_eq!(without_time(&here), without_time(&there));
}

/// The manifest's text without the two lines that are meant to differ.
fn without_time(sandbox: &Sandbox) -> String {
    let text = sandbox.read(MANIFEST);
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let volatile = ["generated_at", "run_id"].map(|key| {
        let line = format!("    \"{key}\": {},\n", manifest["metadata"][key]);
        assert_eq!(text.matches(&line).count(), 1, "{line}");
        line
    });
    let text = volatile.iter().fold(text, |text, line| text.replace(line, ""));
    let root = sandbox.root().to_string_lossy().into_owned();
    assert!(!text.contains(&root), "the manifest tells where the checkout is");
    text
}

/// A run that only loads and decides asks the database for nothing that a missing file could not tell.
#[test]
fn a_plan_of_a_fresh_project_leaves_no_results() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as one\n");
    //: `fft plan`: the decisions of the next run, nothing is built.
    sandbox.fft("plan").expect(0).says("1 to build");
    assert!(!sandbox.path(".fastflowtransform/target").exists());
}

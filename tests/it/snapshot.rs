//! Snapshots: histories that outlive whatever becomes of a run, that a person alone gives up, and that are told alike
//! everywhere.

use crate::postgres::{self, server};
use crate::project::{FFT, Ran, Sandbox};
use crate::schema::holds;
use nix::sys::signal::Signal;
use serde_json::Value;
use std::io::{BufRead, BufReader};

const DATABASE: &str = ".local/story.duckdb";

/// Runs a command at a terminal of its own, answers what it asks, and ends as it does.
const PERSON: &str = r"
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b''
answered = False
while True:
    try:
        said += os.read(terminal, 4096)
    except OSError:
        break
    if b'to go on.' in said and not answered:
        answered = True
        os.write(terminal, sys.argv[1].encode() + b'\n')
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// What fft says to a person who answers so.
fn asked(sandbox: &Sandbox, arguments: &str, answer: &str) -> Ran {
    let mut command = sandbox.command("python3");
    command.args(["-c", PERSON, answer, FFT]).args(arguments.split_whitespace());
    Ran::of(command)
}

/// A seed and its history.
fn people() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,city\n1,London\n2,Boston\n");
    let config = "materialized='snapshot', unique_key='id', strategy='check', check_cols=['city']";
    sandbox.write(
        "models/snap.ff.sql",
        &format!("{{{{ config({config}) }}}}\nselect id, city from {{{{ ref('people') }}}}\n"),
    );
    sandbox.fft("seed").expect(0);
    sandbox.fft("snapshot run").expect(0).says("2 new versions, 0 closed, 0 unchanged");
    sandbox
}

fn moved(sandbox: &Sandbox, city: &str) {
    sandbox.write("seeds/people.csv", &format!("id,city\n1,{city}\n2,Boston\n"));
    sandbox.fft("seed").expect(0);
}

fn versions(sandbox: &Sandbox) -> Vec<String> {
    let own = "select id, city, _ff_is_current from analytics.snap order by id, _ff_valid_from";
    sandbox.query(DATABASE, own)
}

#[test]
fn a_person_is_asked_before_a_history_is_given_up() {
    let sandbox = people();
    moved(&sandbox, "Paris");
    sandbox.fft("snapshot run").expect(0);
    let all = ["1|London|false", "1|Paris|true", "2|Boston|true"];
    assert_eq!(versions(&sandbox), all);
    for answer in ["no", "", "y", "YES"] {
        let left = asked(&sandbox, "snapshot run --full-refresh", answer);
        assert_eq!(left.code, Some(2), "{answer}: {}", left.stdout);
        let left = left.says(
            "`--full-refresh` gives up the history of snap, which nothing can compute again. Write `yes` to go on.",
        );
        left.says("the history of snap is left as it is");
        assert_eq!(versions(&sandbox), all, "{answer}");
    }
    // Nothing is asked of a run that gives nothing up.
    let kept = asked(&sandbox, "snapshot run --rebuild snap", "no");
    assert!(kept.code == Some(0) && !kept.stdout.contains("to go on"), "{}", kept.stdout);
    let begun = asked(&sandbox, "snapshot run --full-refresh", "yes");
    assert_eq!(begun.code, Some(0), "{}", begun.stdout);
    begun.says("2 new versions, 0 closed, 0 unchanged");
    assert_eq!(versions(&sandbox), ["1|Paris|true", "2|Boston|true"]);
    // A model that is a snapshot no longer is asked for likewise.
    sandbox.write("models/snap.ff.sql", "select 7 as id, 'x' as city, true as _ff_is_current, 1 as _ff_valid_from\n");
    assert_eq!(asked(&sandbox, "run --full-refresh", "no").code, Some(2));
    assert_eq!(versions(&sandbox).len(), 2);
    assert_eq!(asked(&sandbox, "run --full-refresh", "yes").code, Some(0));
    assert_eq!(versions(&sandbox), ["7|x|true"]);
}

/// A query that would take hours, in the rows of the second run.
#[test]
fn after_kill_the_history_is_what_it_was_and_the_next_run_adds_to_it() {
    let sandbox = people();
    let text = sandbox.read("models/snap.ff.sql");
    let endless = "where (select count(*) from range(4000000) a(x), range(4000000) b(y) where (x * y) % 7 = 0) > 0\n";
    moved(&sandbox, "Paris");
    sandbox.write("models/snap.ff.sql", &format!("{text}{endless}"));
    let mut run = sandbox.start("snapshot run --log-format json");
    let events = BufReader::new(run.child().stderr.take().unwrap());
    let begun = |line: &String| line.contains("\"node_started\"") && line.contains("snap.ff");
    assert!(events.lines().map_while(Result::ok).any(|line| begun(&line)), "the snapshot is never begun");
    run.signal(Signal::SIGKILL);
    assert_eq!(run.end().code, None, "killed, not ended");
    assert_eq!(versions(&sandbox), ["1|London|true", "2|Boston|true"]);
    sandbox.write("models/snap.ff.sql", &text);
    sandbox.fft("snapshot run").expect(0).says("1 new version, 1 closed, 1 unchanged");
    assert_eq!(versions(&sandbox), ["1|London|false", "1|Paris|true", "2|Boston|true"]);
    sandbox.fft("verify").expect(0);
}

#[test]
fn runs_at_one_time_add_each_version_once() {
    let sandbox = people();
    for (round, city) in ["Paris", "Rome", "London"].into_iter().enumerate() {
        moved(&sandbox, city);
        let started: Vec<_> = (0..3).map(|_| sandbox.start("snapshot run --rebuild snap --no-docs")).collect();
        let told: Vec<String> = started.into_iter().map(|run| run.end().expect(0).stdout).collect();
        let that = |words: &str| told.iter().filter(|text| text.contains(words)).count();
        let added = (that("1 new version, 1 closed, 1 unchanged"), that("0 new versions, 0 closed, 2 unchanged"));
        assert_eq!(added, (1, 2), "{told:?}");
        assert_eq!(versions(&sandbox).len(), 3 + round);
    }
    let all = ["1|London|false", "1|Paris|false", "1|Rome|false", "1|London|true", "2|Boston|true"];
    assert_eq!(versions(&sandbox), all);
}

/// The manifest after a run.
fn manifest(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&sandbox.bytes(".fastflowtransform/target/manifest.json")).unwrap()
}

/// A column's lineage in one line.
fn lineage(manifest: &Value, node: &str, column: &str) -> String {
    let columns = manifest["nodes"][node]["columns"].as_array().unwrap();
    let found = columns.iter().find(|one| one["name"] == column).unwrap_or_else(|| panic!("no {column}: {columns:?}"));
    let text = |edge: &Value, key: &str| edge[key].as_str().unwrap().to_string();
    let edges = found["lineage"]["from"].as_array().unwrap().iter();
    let edges: Vec<String> =
        edges.map(|edge| format!(" {} {}.{}", text(edge, "kind"), text(edge, "node"), text(edge, "column"))).collect();
    format!("{}{}", found["lineage"]["status"].as_str().unwrap(), edges.concat())
}

#[test]
fn what_a_run_did_is_told_alike_by_every_verb() {
    let sandbox = people();
    sandbox.write(
        "models/now.ff.sql",
        "select city, _ff_valid_from as since from {{ ref('snap') }} where _ff_is_current\n",
    );
    sandbox.write("models/all.ff.sql", "{{ config(materialized='view') }}\nselect * from {{ ref('snap') }}\n");
    sandbox.fft("run").expect(0);
    moved(&sandbox, "Paris");
    let ahead: Value = serde_json::from_str(&sandbox.fft("snapshot run --dry-run --json").expect(0).stdout).unwrap();
    holds("snapshot", &ahead);
    let told = &ahead["snapshots"][0]["versions"];
    assert_eq!(told["sentence"], "1 new version, 1 closed, 1 unchanged");
    let ran: Value = serde_json::from_str(&sandbox.fft("snapshot run --json").expect(0).stdout).unwrap();
    holds("run_results", &ran);
    let rows = ran["results"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "snap.ff").unwrap();
    assert_eq!(row["versions"], *told);
    assert!(
        row["decision"]["summary"].as_str().unwrap().starts_with("1 new version, 1 closed, 1 unchanged · "),
        "{row}"
    );
    assert_eq!(row["rows"], 3);
    let events = sandbox.fft("snapshot run --rebuild snap --log-format json").expect(0).stderr;
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    events.iter().for_each(|event| holds("event", event));
    let ended = events.iter().find(|event| event["event"] == "node_ended" && event["node"] == "snap.ff").unwrap();
    assert_eq!(ended["versions"]["sentence"], "0 new versions, 0 closed, 2 unchanged");
    moved(&sandbox, "Oslo");
    sandbox.fft("snapshot run").expect(0);
    sandbox.fft("explain snap").expect(0).says("1 new version, 1 closed, 1 unchanged");
    sandbox.fft("history show latest").expect(0).says("1 new version, 1 closed, 1 unchanged");
    sandbox.fft("verify").expect(0);
    let page = sandbox.read("site/dag/nodes/snap.ff.html");
    assert!(page.contains("<dt>Versions</dt><dd>1 new version, 1 closed, 1 unchanged</dd>"), "{page}");
    // What reads it follows, and knows where its columns come from.
    sandbox.fft("run").expect(0).says("2 built: 2 followed");
    let manifest = manifest(&sandbox);
    holds("manifest", &manifest);
    assert_eq!(
        lineage(&manifest, "now.ff", "since"),
        "known filter snap.ff._ff_is_current direct snap.ff._ff_valid_from"
    );
    assert_eq!(lineage(&manifest, "all.ff", "_ff_valid_to"), "known direct snap.ff._ff_valid_to");
    assert_eq!(lineage(&manifest, "snap.ff", "_ff_valid_to"), "known derived people.city derived people.id");
    assert_eq!(lineage(&manifest, "snap.ff", "city"), "known direct people.city");
    assert_eq!(sandbox.fft("ls --select kind:snapshot").expect(0).stdout, "snap.ff\n");
    sandbox.fft("run --select +now").expect(0).says("0 built");
    // An index that is declared comes to what stands, and none of its versions goes.
    let text = sandbox.read("models/snap.ff.sql").replace("config(", "config(indexes=[{'columns': ['id']}], ");
    sandbox.write("models/snap.ff.sql", &text);
    sandbox.fft("snapshot run").expect(0).says("settings applied");
    assert_eq!(versions(&sandbox).len(), 4);
    let indexes = "select count(*) from duckdb_indexes() where table_name = 'snap'";
    assert_eq!(sandbox.query(DATABASE, indexes), ["1"]);
    moved(&sandbox, "Rome");
    sandbox.fft("snapshot run").expect(0).says("1 new version, 1 closed, 1 unchanged");
    assert_eq!(sandbox.query(DATABASE, indexes), ["1"]);
}

/// With `run.cutoff`, what reads a history to which nothing was added isn't built.
#[test]
fn a_history_that_is_the_same_builds_nothing_below() {
    let sandbox = people();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {cutoff: true}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('snap') }}\n");
    sandbox.fft("snapshot run --rebuild snap").expect(0).says("0 new versions, 0 closed, 2 unchanged");
    sandbox.fft("run").expect(0).says("1 built: 1 new");
    sandbox.fft("snapshot run --rebuild snap").expect(0).says("0 new versions, 0 closed, 2 unchanged");
    sandbox.fft("run").expect(0).says("0 built");
    assert_eq!(sandbox.rows()["mart.ff"].primary_code, "upstream_output_identical");
    moved(&sandbox, "Paris");
    sandbox.fft("snapshot run").expect(0).says("1 new version, 1 closed, 1 unchanged");
    sandbox.fft("run").expect(0).says("1 built: 1 followed");
    assert_eq!(sandbox.query(DATABASE, "select n from analytics.mart"), ["3"]);
}

/// The same on a server, whose data changes in place and whose transactions are others' too.
#[test]
fn a_server_keeps_the_history_of_a_table_that_changes_in_place() {
    let Some(dsn) = server::database() else { return };
    let sandbox = postgres::sandbox(&dsn);
    let execute = |sql: &str| server::execute(&dsn, sql);
    execute("create schema crm");
    execute("create table crm.users (id int, city text, changed timestamptz)");
    execute("insert into crm.users values (1, 'London', '2026-01-01 10:00+00'), (2, 'Boston', '2026-01-01 11:00+00')");
    sandbox.write(
        "sources.yml",
        "version: 2\nsources:\n  - name: crm\n    schema: crm\n    tables:\n      - name: users\n",
    );
    let config = "materialized='snapshot', unique_key='id', strategy='timestamp', updated_at='changed', hard_deletes='new_record'";
    let text = format!("{{{{ config({config}) }}}}\nselect id, city, changed from {{{{ source('crm', 'users') }}}}\n");
    sandbox.write("models/snap.ff.sql", &text);
    sandbox.fft("snapshot run").expect(0).says("2 new versions, 0 closed, 0 unchanged");
    execute("update crm.users set city = 'Paris', changed = '2026-02-01 10:00+00' where id = 1");
    execute("delete from crm.users where id = 2");
    sandbox.fft("snapshot run --dry-run").expect(0).says("2 new versions, 2 closed, 0 unchanged");
    let versions = || {
        postgres::query(
            &dsn,
            "select id, city, _ff_is_current, _ff_is_deleted from analytics.snap order by id, _ff_valid_from",
        )
    };
    assert_eq!(versions(), ["1|London|t|f", "2|Boston|t|f"]);
    // A process that is killed while its statement waits leaves them.
    sandbox.write("models/snap.ff.sql", &format!("{text}where (select pg_advisory_xact_lock(77)) is not null\n"));
    let mut gate = server::connect(&dsn);
    gate.batch_execute("select pg_advisory_lock(77)").unwrap();
    let mut run = sandbox.start("snapshot run");
    while postgres::query(&dsn, "select count(*) from pg_locks where locktype = 'advisory' and not granted") != ["1"] {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    run.signal(Signal::SIGKILL);
    assert_eq!(run.end().code, None, "killed, not ended");
    gate.batch_execute("select pg_advisory_unlock(77)").unwrap();
    assert_eq!(versions(), ["1|London|t|f", "2|Boston|t|f"]);
    sandbox.write("models/snap.ff.sql", &text);
    sandbox.fft("snapshot run").expect(0).says("2 new versions, 2 closed, 0 unchanged");
    let all = ["1|London|f|f", "1|Paris|t|f", "2|Boston|f|f", "2|Boston|t|t"];
    assert_eq!(versions(), all);
    let began = "select to_char(_ff_valid_from at time zone 'utc', 'YYYY-MM-DD HH24:MI') from analytics.snap where city = 'Paris'";
    assert_eq!(postgres::query(&dsn, began), ["2026-02-01 10:00"]);
    sandbox.fft("snapshot run --rebuild snap").expect(0).says("0 new versions, 0 closed, 1 unchanged");
    assert_eq!(versions(), all);
    // One that comes back, and old versions that go.
    execute("insert into crm.users values (2, 'Oslo', '2026-03-01 10:00+00')");
    sandbox.fft("snapshot run --prune --keep-last 1").expect(0).says("1 new version, 1 closed, 1 unchanged, 3 pruned");
    assert_eq!(versions(), ["1|Paris|t|f", "2|Oslo|t|f"]);
    sandbox.fft("snapshot run --full-refresh").expect(2);
    sandbox.write("models/snap.ff.sql", "select 1 as id\n");
    sandbox.fft("run").expect(1).says("holds the history of a snapshot");
    assert_eq!(versions(), ["1|Paris|t|f", "2|Oslo|t|f"]);
}

//! What the command line says, to people and to programs: once, where it is looked for, and with a true exit status.

use crate::project::{FFT, Ran, Sandbox};
use crate::schema::holds;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::process::Stdio;

/// A seed, a model on it, one on that, and one alone.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.write("models/mart.ff.sql", "{{ config(tags=['daily']) }}\nselect count(*) as n from {{ ref('stg') }}\n");
    sandbox.write("models/alone.ff.sql", "select {{ var('limit', 1) }} as n\n");
    sandbox
}

fn events(ran: &Ran) -> Vec<Value> {
    let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no event: {line}\n{}", ran.stderr));
    ran.stderr.lines().map(event).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[test]
fn a_run_with_nothing_to_do_is_two_lines() {
    let sandbox = shop();
    let first = sandbox.fft("run").expect(0);
    assert_eq!(first.stdout.lines().filter(|line| line.starts_with('L')).count(), 4, "{}", first.stdout);
    let second = sandbox.fft("run").expect(0);
    assert!(second.stdout.starts_with("0 built · 4 skipped: all inputs equal · "), "{}", second.stdout);
    assert!(second.stdout.ends_with("\nNothing changed: all 4 nodes are up to date.\n"), "{}", second.stdout);
    assert_eq!((second.stdout.lines().count(), second.stderr.as_str()), (2, ""));
    let plan = sandbox.fft("plan").expect(0);
    assert_eq!(plan.stdout, "0 to build · 4 to skip: all inputs equal\n");
    let all = sandbox.fft("run -v").expect(0).stdout;
    assert_eq!(all.lines().filter(|line| line.contains("○ SKIP")).count(), 4, "{all}");
    let more = sandbox.fft("run -vv").expect(0).stdout;
    assert!(more.contains("✓ fingerprint") && more.contains("equal: ") && more.contains("upstream people"), "{more}");
    let loud = sandbox.fft("run -vv --rebuild stg").expect(0).stdout;
    assert!(loud.contains("engine ") && loud.contains(" scanned"), "{loud}");
    // Quiet: the totals of a run, and errors.
    let quiet = sandbox.fft("run -q --rebuild mart").expect(0);
    assert!(quiet.stdout.starts_with("1 built: 1 changed · 3 skipped"), "{}", quiet.stdout);
    assert_eq!((quiet.stdout.lines().count(), quiet.stderr.as_str()), (1, ""));
    let list = sandbox.fft("history").expect(0).stdout;
    assert!(list.contains("0 built · 4 skipped: all inputs equal"), "{list}");
    let shown = sandbox.fft("history show latest").expect(0).stdout;
    assert!(!shown.contains("SKIP") && shown.contains("✓ BUILD"), "{shown}");
}

#[test]
fn skips_are_counted_by_their_reasons() {
    let sandbox = shop();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nfingerprint:\n  cosmetic: skip\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/alone.ff.sql", "-- words\nselect {{ var('limit', 1) }} as n\n");
    let words = "4 to skip: 3 all inputs equal, 1 comments and white space only";
    sandbox.fft("plan").expect(0).says(words);
    sandbox.fft("run").expect(0).says("4 skipped: 3 all inputs equal, 1 comments and white space only");
}

#[test]
fn an_error_is_said_once() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select id,\n  nmae from {{ ref('people') }}\n");
    for options in ["", "-q", "-v", "--json"] {
        let ran = sandbox.fft(&format!("run {options}")).expect(1);
        let people = if options == "--json" { ran.stderr.clone() } else { format!("{}{}", ran.stdout, ran.stderr) };
        // The run's sentence closes what is printed, and has it in one line.
        let people: String = people.lines().filter(|line| !line.starts_with("1 node failed")).collect();
        assert_eq!(people.matches("\"nmae\"").count(), 1, "{options}: {people}");
        for part in ["✗ stg.ff: ", "\n  --> models/stg.ff.sql:2:3\n", "\n  hint: ", "failed: stg.ff\n"] {
            assert!(ran.stderr.contains(part), "{options}: {part:?}\n{}", ran.stderr);
        }
    }
    sandbox.fft("run").expect(1).says("fft explain stg.ff");
}

#[test]
fn a_project_behind_an_options_values_is_the_project() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    for arguments in ["run --select stg .", "run --rebuild stg .", "run --vars limit=1 .", "ls --select stg mart ./"] {
        sandbox.fft(arguments).expect(0);
    }
    let root = sandbox.root().display().to_string();
    let mut elsewhere = sandbox.command(FFT);
    elsewhere.current_dir("/").args(["run", "--select", "stg", &root]);
    Ran::of(elsewhere).expect(0).says("skipped");
    sandbox.fft("run --vars limit=2 other=3").expect(0).says("1 built");
    // A word may be a node's name: the error says who took it.
    sandbox.write("other/project.yml", "name: other\n");
    sandbox.fft("ls --select stg other").expect(2).says("hint: `--select` took `other`");
}

#[test]
fn a_slip_in_a_verb_names_the_right_one() {
    let sandbox = Sandbox::empty();
    sandbox.fft("rnu").expect(2).says("'run'");
    sandbox.fft("docs srve").expect(2).says("'serve'");
    sandbox.fft("history shwo").expect(2).says("did you mean `fft history show`?");
}

/// A full disk is no success, whatever was to be written.
#[test]
fn what_cannot_be_written_is_an_error() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").unwrap());
    for arguments in [
        "run",
        "run --json",
        "run -q",
        "plan",
        "plan --json",
        "explain stg",
        "explain stg --json",
        "diff latest",
        "diff latest --json",
        "diff latest --markdown",
        "seed",
        "ls",
        "ls --json",
        "render stg",
        "dag",
        "dag --json",
        "dag --dot",
        "docs build",
        "history",
        "history --json",
        "history show latest",
        "history advice",
        "history advice --json",
        "history prune",
        "verify",
        "verify --json",
        "completions bash",
        "--help",
        "help run",
        "run --help",
        "--version",
        "--version --verbose",
    ] {
        let mut command = sandbox.command(FFT);
        command.args(arguments.split(' ')).stdout(full());
        let ended = Ran::of(command);
        assert_eq!(ended.code, Some(4), "fft {arguments}\n{}", ended.stderr);
        assert!(ended.stderr.contains("could not be written"), "fft {arguments}\n{}", ended.stderr);
    }
    let mut command = sandbox.command(FFT);
    command.args(["run", "--log-format", "json"]).stderr(full());
    assert_eq!(Ran::of(command).code, Some(4), "a stream of events that is cut");
    // A reader that has enough is none.
    let mut shell = sandbox.command("sh");
    shell.args(["-c", &format!("{FFT} explain stg -vv --json | true; {FFT} ls | head -1")]);
    assert_eq!(Ran::of(shell).expect(0).stderr, "");
}

/// Every event is one line and as its schema says; nothing else is on the stream.
#[test]
fn events_tell_all_of_a_run() {
    let sandbox = shop();
    sandbox.write("budgets.yml", "version: 1\nmodels:\n  people:\n    rows:\n      error: 1\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[])\ndef build() -> list:\n    print('said')\n    return [{\"n\": 1}]\n",
    );
    sandbox.write("models/stg.ff.sql", "select id, nmae from {{ ref('people') }}\n");
    let ran = sandbox.fft("run --keep-going --log-format json").expect(1);
    let told = events(&ran);
    told.iter().for_each(|event| holds("event", event));
    let kinds = kinds(&told);
    assert_eq!(kinds[..2], ["run_started", "plan"]);
    assert_eq!(kinds.last(), Some(&"summary"));
    for kind in ["node_started", "node_ended", "output", "budget"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let results: Value = serde_json::from_str(&sandbox.read(".fastflowtransform/target/run_results.json")).unwrap();
    assert!(told.iter().all(|event| event["run_id"] == results["metadata"]["run_id"]));
    let ended = |name: &str| {
        told.iter().find(|event| event["event"] == "node_ended" && event["node"] == name).cloned().unwrap()
    };
    for row in results["results"].as_array().unwrap() {
        let event = ended(row["name"].as_str().unwrap());
        for key in ["status", "rows", "duration_ms", "message", "details", "query_duration_ms", "bytes_scanned"] {
            assert_eq!(event[key], row[key], "{key} of {}", row["name"]);
        }
        for key in ["action", "role", "primary_code", "summary", "causes", "checks", "path"] {
            assert_eq!(event["decision"][key], row["decision"][key], "{key} of {}", row["name"]);
        }
    }
    let failed = ended("stg.ff");
    assert_eq!((&failed["level"], &failed["at"]["path"]), (&json!("error"), &json!("models/stg.ff.sql")));
    let summary = told.last().unwrap();
    assert_eq!(summary["totals"], results["totals"]);
    assert_eq!(summary["roots"], results["roots"]);
    assert_eq!(summary["groups"], results["groups"]);
    assert_eq!((&summary["exit_status"], &summary["budgets"]), (&json!(1), &json!("error")));
    assert!(ran.stdout.contains(" failed · "), "people's words stay on stdout: {}", ran.stdout);
}

#[test]
fn every_command_speaks_in_events_when_asked() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    for (arguments, code) in [
        ("plan", 0),
        ("explain stg", 0),
        ("explain stg --next", 0),
        ("explain nobody", 2),
        ("diff latest", 0),
        ("ls --select state:new", 0),
        ("ls --select nobody", 2),
        ("ls --env nobody", 2),
        ("render stg", 0),
        ("dag", 0),
        ("docs build", 0),
        ("history", 0),
        ("history show nobody", 2),
        ("verify", 0),
        ("seed", 0),
        ("init fresh", 0),
        ("init fresh", 2),
        ("plan --no-such-option", 2),
        ("rnu", 2),
        ("clean", 0),
        ("history", 0),
        ("completions bash", 0),
    ] {
        let ran = sandbox.fft(&format!("{arguments} --log-format json")).expect(code);
        let told = events(&ran);
        told.iter().for_each(|event| holds("event", event));
        let last = told.last().unwrap_or_else(|| panic!("fft {arguments} ends without a word"));
        assert_eq!((&last["event"], &last["exit_status"]), (&json!("summary"), &json!(code)), "fft {arguments}");
        assert_eq!(code != 0, kinds(&told).contains(&"error"), "fft {arguments}: {told:?}");
    }
    let ran = sandbox.fft("ls --select nobody --log-format json").expect(2);
    let error = &events(&ran)[0];
    assert_eq!((&error["code"], &error["run_id"]), (&json!("empty-selection"), &Value::Null));
}

#[test]
fn a_program_gets_json_and_nothing_else() {
    let sandbox = shop();
    let parse = |ran: &Ran| -> Value { serde_json::from_str(&ran.stdout).unwrap() };
    let run = sandbox.fft("run --json").expect(0);
    assert_eq!(run.stdout, sandbox.read(".fastflowtransform/target/run_results.json"));
    assert!(run.stderr.contains("4 built"), "people are told on stderr: {}", run.stderr);
    let seed = sandbox.fft("seed --json -q").expect(0);
    assert_eq!(parse(&seed)["totals"]["skipped"], 1);
    let ls = parse(&sandbox.fft("ls --json").expect(0));
    holds("ls", &ls);
    let node = |name: &str| ls["nodes"].as_array().unwrap().iter().find(|node| node["name"] == name).unwrap().clone();
    assert_eq!((&node("mart.ff")["tags"], &node("mart.ff")["materialized"]), (&json!(["daily"]), &json!("table")));
    assert_eq!(node("people")["children"], json!(["stg.ff"]));
    assert_eq!(parse(&sandbox.fft("ls --select tag:daily --json").expect(0))["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(parse(&sandbox.fft("ls --select state:new --json").expect(0))["nodes"], Value::Array(Vec::new()));
    for arguments in ["history --json", "history list --json", "history list --json --env dev"] {
        let list = parse(&sandbox.fft(arguments).expect(0));
        holds("history", &list);
        assert_eq!(list["runs"].as_array().unwrap().len(), 2, "{arguments}");
    }
    assert_eq!(parse(&sandbox.fft("history --json --env other").expect(0))["runs"], Value::Array(Vec::new()));
    let shown = sandbox.fft("history show latest~1 --json").expect(0);
    assert_eq!(parse(&shown), parse(&run));
    let failed = sandbox.fft("run --json --select nobody").expect(2);
    assert_eq!(failed.stdout, "");
}

#[test]
fn vars_count_where_they_are_taken() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    sandbox.fft("explain alone --next --vars limit=2").expect(0).says("would be built");
    sandbox.fft("explain alone --next").expect(0).says("would be skipped");
    sandbox.fft("render alone --vars limit=2").expect(0).says("select 2 as n");
    sandbox.fft("plan --vars limit=2").expect(0).says("1 to build");
    sandbox.fft("ls --select state:modified --vars limit=2").expect(0).says("alone.ff");
    sandbox.fft("plan --vars limt=2").expect(0).says("no model reads the var `limt` (did you mean `limit`?)");
    for arguments in
        ["explain alone --vars limit=2", "clean --vars limit=2", "history --vars limit=2", "verify --vars limit=2"]
    {
        sandbox.fft(arguments).expect(2);
    }
}

/// Two profiles, one history.
#[test]
fn runs_of_one_profile_can_be_asked_for() {
    let sandbox = shop();
    let profile = |name: &str| {
        format!("{name}:\n  engine: duckdb\n  duckdb:\n    path: .local/{name}.duckdb\n    db_schema: analytics\n")
    };
    sandbox.write("profiles.yml", &(profile("dev") + &profile("prod")));
    for env in ["dev", "dev", "prod"] {
        sandbox.fft(&format!("run --env {env}")).expect(0);
    }
    let words = "3 built: 3 new";
    sandbox.fft("history show latest --env dev").expect(0).says("0 built · 4 skipped");
    sandbox.fft("history show latest --env prod").expect(0).says(&words.replace('3', "4"));
    assert_eq!(sandbox.fft("history --env dev").expect(0).stdout.matches("  dev  ").count(), 2);
    sandbox.fft("explain stg --env dev").expect(0).says("was skipped");
    sandbox.fft("explain stg").expect(0).says("was built");
    sandbox.fft("diff latest~1 latest --env dev").expect(0).says("4 unchanged");
    sandbox.fft("diff latest~1 --env prod").expect(2).says("there is no run 1 before the latest");
    sandbox.fft("explain stg --env nobody").expect(2).says("no run of profile `nobody` is recorded yet");
}

#[test]
fn explain_tells_more_when_asked() {
    let sandbox = shop();
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select name, id from {{ ref('people') }}\n");
    for next in ["--next", ""] {
        if next.is_empty() {
            sandbox.fft("run").expect(0);
        }
        let plain = sandbox.fft(&format!("explain stg {next}")).expect(0).stdout;
        assert!(!plain.contains("Equal inputs"), "{plain}");
        let more = sandbox.fft(&format!("explain stg {next} -v")).expect(0).stdout;
        let equal = more.split("Equal inputs").nth(1).expect("equal inputs");
        assert!(equal.contains("config materialized") && equal.contains("upstream people"), "{more}");
        assert!(!equal.contains("sql "), "{more}");
        let all = sandbox.fft(&format!("explain stg {next} -vv")).expect(0).stdout;
        assert!(all.split("Equal inputs").nth(1).unwrap().contains("\"table\""), "{all}");
    }
    let mart = sandbox.fft("explain mart -vv").expect(0).stdout;
    assert!(mart.contains("select count(*) as n from"), "an equal text as it is: {mart}");
}

#[test]
fn the_version_tells_what_was_built() {
    let sandbox = Sandbox::empty();
    let short = sandbox.fft("--version").expect(0).stdout;
    assert_eq!(short, format!("fft {}\n", env!("CARGO_PKG_VERSION")));
    for arguments in ["--version --verbose", "--verbose --version", "-V -v", "-Vv"] {
        let all = sandbox.fft(arguments).expect(0).stdout;
        assert!(all.starts_with(&short), "{all}");
        for part in [
            "\ncommit: ",
            "\ntarget: ",
            "\nfeatures: bundled, duckdb\n",
            "\nduckdb: v",
            "\nduckdb extensions: core_functions, json, parquet\n",
        ] {
            assert!(all.contains(part), "{part:?}: {all}");
        }
        let commit = all.split("commit: ").nth(1).unwrap().lines().next().unwrap();
        let known = commit.trim_end_matches("-dirty");
        assert!(commit == "unknown" || known.len() >= 7 && known.bytes().all(|byte| byte.is_ascii_hexdigit()), "{all}");
    }
}

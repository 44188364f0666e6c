//! Records that anybody can check: `fft verify` and `docs/verify.py` agree that they are right, and name what isn't.

use crate::project::{CHECKOUT, Ran, Sandbox};
use std::fs;
use std::path::PathBuf;

const MANIFEST: &str = ".fastflowtransform/target/manifest.json";

/// A seed, a model over it and a mart: built, run again with nothing to do, changed, failed once and mended.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("FF_HIDDEN", "hidden");
    sandbox.set("FF_SHOWN", "shown");
    sandbox.set("FF_API_TOKEN", "secret");
    sandbox.write(
        "project.yml",
        "name: story\nversion: '1.0'\nvars: {least: 0}\nfingerprint: {env: {expose: [FF_SHOWN]}}\n",
    );
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("macros/tidy.sql", "{% macro tidy(column) %}trim({{ column }}){% endmacro %}\n");
    sandbox.write(
        "models/stg.ff.sql",
        "select id, {{ tidy('name') }} as name from {{ ref('people') }} where id > {{ var('least') }}\n",
    );
    sandbox.write(
        "models/mart.ff.sql",
        "{{ config(materialized='view') }}select count(*) as n, '{{ env('FF_SHOWN') }}' as word from {{ ref('stg.ff') }}\n",
    );
    sandbox.fft("run").expect(0);
    sandbox.fft("run").expect(0).says("0 built");
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("macros/tidy.sql", "{% macro tidy(column) %}upper({{ column }}){% endmacro %}\n");
    sandbox.fft("run").expect(0);
    let right = sandbox.read("models/stg.ff.sql");
    sandbox.write("models/stg.ff.sql", "select nothing from {{ ref('people') }}\n");
    sandbox.fft("run").expect(1);
    sandbox.write("models/stg.ff.sql", &right);
    sandbox.fft("run").expect(0);
    sandbox
}

/// The independent check.
fn python(sandbox: &Sandbox) -> Ran {
    let mut command = sandbox.command("python3");
    command.arg(PathBuf::from(CHECKOUT).join("docs/verify.py")).arg(".fastflowtransform");
    Ran::of(command)
}

fn runs(sandbox: &Sandbox) -> Vec<String> {
    let files = fs::read_dir(sandbox.path(".fastflowtransform/runs")).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().trim_end_matches(".json").to_string();
    let mut runs: Vec<String> = files.map(|entry| name(entry.unwrap())).collect();
    runs.sort();
    runs
}

/// Changes the byte that stands `offset` behind the start of `text`.
fn flip(sandbox: &Sandbox, path: &str, text: &[u8], offset: usize) {
    let mut bytes = sandbox.bytes(path);
    let at = bytes.windows(text.len()).position(|window| window == text).expect("the text is there") + offset;
    bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
    fs::write(sandbox.path(path), bytes).unwrap();
}

/// The digest of a component of a node in the manifest.
fn digest(sandbox: &Sandbox, node: &str, kind: &str, name: &str) -> String {
    let manifest: serde_json::Value = serde_json::from_str(&sandbox.read(MANIFEST)).unwrap();
    let components = manifest["nodes"][node]["fingerprint"]["components"].as_array().unwrap();
    let found = components.iter().find(|one| one["kind"] == kind && one["name"] == name);
    found.unwrap_or_else(|| panic!("{kind} {name} of {node}"))["digest"].as_str().unwrap().to_string()
}

#[test]
fn both_checks_are_content_with_what_runs_leave() {
    let sandbox = project();
    let ran = sandbox.fft("verify").expect(0).says("all of it agrees").says("5 runs in the chain");
    assert!(ran.stdout.contains("3 relations compared") && ran.stdout.contains("withheld leaves"), "{}", ran.stdout);
    //: [verify.py](verify.py) recomputes all but those of variables whose values are withheld or keyed: see
    //: [verification](verification.md).
    python(&sandbox).expect(0).says("all of it agrees").says("5 runs");
    let json: serde_json::Value = serde_json::from_str(&sandbox.fft("verify --json").expect(0).stdout).unwrap();
    assert_eq!(
        (&json["ok"], &json["counts"]["runs"], &json["counts"]["unreferenced"]),
        (&true.into(), &5.into(), &0.into())
    );
}

#[test]
fn both_checks_name_what_was_changed() {
    let sandbox = project();
    let folder = sandbox.path(".fastflowtransform");
    let kept = sandbox.root().with_file_name("kept");
    copy(&folder, &kept);
    let pack = sandbox.bytes(".fastflowtransform/evidence.pack");
    let sql = digest(&sandbox, "stg.ff", "sql", "models/stg.ff.sql");
    let raw: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&sql[at..at + 2], 16).unwrap()).collect();
    assert!(pack.windows(32).any(|window| window == raw), "the text of stg.ff is kept");
    let second = format!(".fastflowtransform/runs/{}.json", runs(&sandbox)[1]);
    let env = digest(&sandbox, "mart.ff", "env", "FF_SHOWN");
    let cases: [(&str, Vec<u8>, usize, [&str; 2]); 6] = [
        // A leaf, the value of a component, a content, a run's record, its fingerprint, the run's results.
        (MANIFEST, env.into_bytes(), 3, ["mart.ff: env FF_SHOWN", "mart.ff: env FF_SHOWN"]),
        (MANIFEST, b"\"value\": \"shown\"".to_vec(), 12, ["mart.ff: env FF_SHOWN", "mart.ff: env FF_SHOWN"]),
        (
            ".fastflowtransform/evidence.pack",
            raw,
            32 + 4 + 8,
            ["stg.ff: sql models/stg.ff.sql: its content", "stg.ff: sql models/stg.ff.sql: its content"],
        ),
        (
            &second,
            b"\"profile\":\"dev\"".to_vec(),
            12,
            ["was changed after this run was recorded", "the run before it"],
        ),
        (&second, b"\"value\":\"".to_vec(), 12, ["was changed after this run was recorded", "the run before it"]),
        (
            ".fastflowtransform/target/run_results.json",
            b"\"profile\": \"dev\"".to_vec(),
            13,
            ["run_results.json: it tells something else", "run_results.json: it tells something else"],
        ),
    ];
    for (path, text, offset, [ours, theirs]) in cases {
        flip(&sandbox, path, &text, offset);
        sandbox.fft("verify").expect(1).says(ours).says("mismatch");
        python(&sandbox).expect(1).says(theirs).says("mismatch");
        fs::remove_dir_all(&folder).unwrap();
        copy(&kept, &folder);
    }
    fs::remove_file(sandbox.path(&second)).unwrap();
    sandbox.fft("verify").expect(1).says("is missing and was not pruned");
    python(&sandbox).expect(1).says("is missing or was changed");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(target).unwrap(),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn a_relation_built_by_somebody_else_is_named() {
    let sandbox = project();
    sandbox.query(
        ".local/story.duckdb",
        "update analytics._ff_meta set fingerprint = repeat('ab', 32) where node_name = 'stg.ff'",
    );
    sandbox
        .fft("verify")
        .expect(1)
        .says("_ff_meta: stg.ff: relation story.analytics.stg holds fingerprint abababababab");
    sandbox.query(".local/story.duckdb", "drop view analytics.mart");
    sandbox
        .fft("verify")
        .expect(1)
        .says("mart.ff: relation story.analytics.mart isn't in the database")
        .says("2 mismatches");
}

#[test]
fn runs_are_pruned_with_their_evidence_and_the_rest_still_agrees() {
    let sandbox = project();
    let before = (runs(&sandbox), sandbox.bytes(".fastflowtransform/evidence.pack").len());
    sandbox.fft("history prune --keep 1").expect(0).says("removed 3 runs").says("2 runs kept");
    // The seed's last build was in the third run, which is its baseline.
    assert_eq!(runs(&sandbox), [before.0[2].clone(), before.0[4].clone()]);
    assert!(sandbox.bytes(".fastflowtransform/evidence.pack").len() < before.1);
    sandbox.fft("verify").expect(0).says("2 runs in the chain");
    python(&sandbox).expect(0);
    // Explanations still have their differences.
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.fft("explain stg").expect(0).says("-select id, {{ tidy('name') }}");
    sandbox.fft("verify").expect(0).says("3 runs in the chain");
    python(&sandbox).expect(0);
}

#[test]
fn a_run_removes_old_runs_and_their_evidence_by_itself() {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nhistory: {keep: 2}\n");
    let mut sizes = Vec::new();
    for number in 1..=5 {
        sandbox.write("models/one.ff.sql", &format!("select {number} as id\n"));
        sandbox.fft("run").expect(0);
        sizes.push(sandbox.bytes(".fastflowtransform/evidence.pack").len());
        assert_eq!(runs(&sandbox).len(), number.min(2));
        sandbox.fft("verify").expect(0);
        python(&sandbox).expect(0);
    }
    assert_eq!(sizes[1..], [sizes[1]; 4], "contents of two runs each");
    sandbox.fft("run").expect(0).says("0 built");
    sandbox.fft("verify").expect(0);
}

#[test]
fn a_recorded_run_is_shown_as_it_was_told() {
    let sandbox = project();
    let runs = runs(&sandbox);
    let list = sandbox.fft("history").expect(0).stdout;
    assert_eq!(list, sandbox.fft("history list").expect(0).stdout);
    assert!(runs.iter().all(|run| list.contains(run)), "{list}");
    let shown = sandbox.fft(&format!("history show {}", runs[2])).expect(0);
    for line in [
        "✓ BUILD    people ",
        "✓ CASCADE  mart.ff ",
        "3 built: 2 changed, 1 followed",
        "seed changed: seeds/people.csv (+1 row)",
    ] {
        assert!(shown.stdout.contains(line), "{line}\n{}", shown.stdout);
    }
    sandbox.fft(&format!("history show {}", runs[3])).expect(0).says("✗ ERROR    stg.ff").says("– BLOCKED  mart.ff");
    sandbox.fft("history show 19").expect(2).says("no run `19` is recorded");
}

/// The profile of an example that runs on DuckDB.
fn profile(sandbox: &Sandbox) -> String {
    let profiles = sandbox.read("profiles.yml");
    let names = profiles.lines().filter_map(|line| line.strip_suffix(':')).filter(|name| !name.starts_with([' ', '#']));
    names.filter(|name| name.contains("duckdb")).chain(["dev"]).next().unwrap().to_string()
}

/// Every file that a run records, but what only says that one is in progress and which interpreters were asked, and what
/// is derived from the others and made again when a byte of it is another one.
fn recorded(sandbox: &Sandbox) -> Vec<String> {
    let folder = sandbox.path(".fastflowtransform");
    let files = walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = files.filter(|entry| entry.file_type().is_file());
    let name = |entry: walkdir::DirEntry| entry.path().strip_prefix(&folder).unwrap().display().to_string();
    let derived = |name: &str| name == "lineage.cache" || name.starts_with("site/");
    files.map(name).filter(|name| name != "lock" && name != "python.json" && !derived(name)).collect()
}

/// Whatever byte of whatever file is another one, the auditor's script says in which.
#[test]
fn one_byte_of_any_file_of_any_example_is_named() {
    let examples = fs::read_dir(PathBuf::from(CHECKOUT).join("examples")).unwrap();
    for example in examples.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let mut sandbox = Sandbox::example(&example);
        sandbox.set("FF_HTTP_OFFLINE", "1");
        sandbox.set("FFT_ACTIVE_ENV", &profile(&sandbox));
        sandbox.fft("run").expect(0);
        sandbox.set("FF_SOMETHING", "1");
        sandbox.fft("run").expect(0);
        sandbox.fft("run").expect(0);
        // Some run is pruned, and named by one that is kept.
        sandbox.fft("history prune --keep 1").expect(0);
        python(&sandbox).expect(0).says("all of it agrees");
        let files = recorded(&sandbox);
        for kind in [
            "cache/",
            "digests.sha256",
            "evidence.pack",
            "pruned.json",
            "runs/",
            "target/catalog.json",
            "target/manifest.json",
            "target/run_results.json",
        ] {
            assert!(files.iter().any(|file| file.starts_with(kind)), "{example} leaves no {kind}: {files:?}");
        }
        for file in files {
            let path = format!(".fastflowtransform/{file}");
            let right = sandbox.bytes(&path);
            let (places, stem) = (5, file.rsplit('/').next().unwrap().trim_end_matches(".json"));
            for at in (0..places).map(|part| part * (right.len() - 1) / (places - 1)) {
                let mut wrong = right.clone();
                wrong[at] ^= 4;
                fs::write(sandbox.path(&path), &wrong).unwrap();
                let ran = python(&sandbox).expect(1);
                assert!(ran.stdout.contains(stem), "{example}: {file} byte {at} isn't named:\n{}", ran.stdout);
            }
            sandbox.fft("verify").expect(1).says(stem);
            fs::write(sandbox.path(&path), &right).unwrap();
        }
        python(&sandbox).expect(0);
        sandbox.fft("verify").expect(0);
    }
}

/// The tool that everybody has.
#[test]
fn the_digests_are_those_of_sha256sum() {
    let sandbox = project();
    let check = || {
        let mut command = sandbox.command("sha256sum");
        command.args(["-c", "--quiet", "digests.sha256"]).current_dir(sandbox.path(".fastflowtransform"));
        Ran::of(command)
    };
    check().expect(0);
    flip(&sandbox, MANIFEST, b"\"compiled\"", 3);
    check().expect(1).says("target/manifest.json");
    sandbox.fft("verify").expect(1).says("target/manifest.json: it isn't what the last run left");
}

/// Records of early cutoff are like others, and what they say of an upstream node is checked.
#[test]
fn records_of_early_cutoff_agree() {
    let sandbox = Sandbox::new();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {cutoff: true}\n");
    sandbox.write("seeds/people.csv", "id\n1\n2\n");
    sandbox.write("models/stg.ff.sql", "select id from {{ ref('people') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.write("seeds/people.csv", "id\n2\n1\n");
    sandbox.fft("run").expect(0).says("1 skipped");
    sandbox.fft("verify").expect(0);
    python(&sandbox).expect(0).says("all of it agrees");
    let results = ".fastflowtransform/target/run_results.json";
    flip(&sandbox, results, b"\"output\": \"", 12);
    let newest = format!(".fastflowtransform/runs/{}.json", runs(&sandbox).pop().unwrap());
    flip(&sandbox, &newest, b"\"output\":\"", 12);
    //: `fft verify` compares the two.
    sandbox.fft("verify").expect(1).says("stg.ff: cause upstream_changed gives people the output ");
}

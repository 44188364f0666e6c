//! Faults that tools of this kind have, each tried here.

use crate::project::{Ran, Sandbox};
use crate::secret::frames;
use std::io::{BufRead, BufReader};

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox
}

/// Content decides, never the time of a file.
#[test]
fn touching_files_builds_nothing() {
    let sandbox = project();
    sandbox.fft("run").expect(0).says("2 built");
    //: Clocks, file times, folders, the names of the user and the machine, the order of files, `--jobs`, time zones,
    //: locales and `FFT_*` variables (but `FFT_FINGERPRINT_KEY`) are no inputs either.
    let mut command = sandbox.command("touch");
    command.args(["-d", "2031-01-02 03:04:05", "project.yml", "profiles.yml", "seeds/people.csv", "models/stg.ff.sql"]);
    Ran::of(command).expect(0);
    sandbox.fft("run").expect(0).says("0 built").says("2 skipped");
}

/// A node's line is there when the node has ended, not when the run has.
#[test]
fn lines_are_told_as_nodes_end() {
    let sandbox = project();
    sandbox.write(
        "models/slow.ff.py",
        "import os, time\n\nfrom fastflowtransform import model\n\n\n@model(name=\"slow\", deps=[\"stg.ff\"])\n\
         def build(stg: list) -> list:\n    for _ in range(1200):\n        if os.path.exists(\"go\"):\n            return stg\n\
         \x20       time.sleep(0.1)\n    raise TimeoutError\n",
    );
    let mut run = sandbox.start("run --jobs 1");
    let mut lines = BufReader::new(run.child().stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("BUILD    people"));
    assert!(lines.next().unwrap().contains("stg.ff"));
    // Only now may the last node end.
    sandbox.write("go", "");
    assert!(lines.next().unwrap().contains("slow"));
    run.end().expect(0);
}

/// What can't be computed is an error; it is never hashed, and nothing is run.
#[test]
fn an_input_that_cannot_be_computed_is_an_error() {
    let sandbox = project();
    sandbox.write("project.yml", "name: story\nversion: '1.0'\npython: {requirements: gone.txt}\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[])\ndef build() -> list:\n    return []\n",
    );
    let ran = sandbox.fft("run");
    assert!(matches!(ran.code, Some(2 | 4)), "{:?}\n{}", ran.code, ran.stderr);
    ran.says("gone.txt");
    std::fs::remove_file(sandbox.path("models/py.ff.py")).unwrap();
    sandbox.write("models/bad.ff.sql", "select {{ undefined_macro(1) }}\n");
    sandbox.fft("run").expect(2).says("models/bad.ff.sql:1");
    assert!(!sandbox.path(".fastflowtransform/target").exists(), "nothing was run");
}

/// Looks for what a seed holds in the evidence that runs left.
fn unkept(sandbox: &Sandbox, part: &[u8]) {
    let kept = frames(&sandbox.bytes(".fastflowtransform/evidence.pack"));
    let holds = |text: &Vec<u8>, part: &[u8]| text.windows(part.len()).any(|window| window == part);
    assert!(kept.iter().any(|text| holds(text, b"select id, name")), "the evidence isn't looked into");
    assert!(!kept.iter().any(|text| holds(text, part)), "the seed is kept");
}

/// A seed whose rows can't be compared: its rows are counted, its columns named.
#[test]
fn parquet_seeds_are_counted_and_their_columns_named() {
    let sandbox = project();
    let file = sandbox.path("seeds/events.parquet").display().to_string();
    let copy = |query: &str| {
        sandbox.query(".local/story.duckdb", &format!("copy ({query}) to '{file}' (format parquet)"));
    };
    std::fs::create_dir_all(sandbox.path(".local")).unwrap();
    copy("select i::integer as n, 'a' as word from range(10) t(i)");
    sandbox.fft("run").expect(0);
    //: Parquet files aren't compared row by row, nor are files over 64 MiB, of which nothing is kept. Their rows are
    //: counted and their columns named, once when they are loaded and again when they have changed:
    assert_eq!(sandbox.rows()["events"].rows, Some(10));
    copy("select i as n, 'b' as word, true as flag from range(12) t(i)");
    let words = "10 → 12 rows, not compared, column +flag, column n is BIGINT, was INTEGER";
    sandbox.fft("plan").expect(0).says(words);
    sandbox.fft("run").expect(0).says(words);
    let data = &sandbox.rows()["events"].whole["decision"]["causes"][0]["data"];
    assert_eq!(
        (&data["rows_before"], &data["rows_after"], &data["rows_counted"]),
        (&10.into(), &12.into(), &true.into())
    );
    copy("select i as n, 'c' as word, true as flag from range(12) t(i)");
    sandbox.fft("run").expect(0).says("events.parquet (12 rows, not compared)");
}

#[test]
fn large_seeds_are_counted_and_their_columns_named() {
    let sandbox = project();
    let wide = "x".repeat(1 << 20);
    let write = |header: &str, rows: usize| {
        let lines: Vec<String> = (0..rows).map(|row| format!("{row},{wide}\n")).collect();
        sandbox.write("seeds/large.csv", &format!("{header}\n{}", lines.concat()));
    };
    write("id,text", 65);
    sandbox.fft("run").expect(0);
    write("id,words", 66);
    //: Parquet files aren't compared row by row, nor are files over 64 MiB, of which nothing is kept. Their rows are
    //: counted and their columns named, once when they are loaded and again when they have changed:
    sandbox.fft("run").expect(0).says("65 → 66 rows, not compared, column +words, column −text");
    assert_eq!(sandbox.query(".local/story.duckdb", "select count(*) from analytics.large"), ["66"]);
    sandbox.fft("verify").expect(0);
    unkept(&sandbox, &[b'x'; 1 << 10]);
}

#[test]
fn a_hint_is_about_what_the_engine_complains_of() {
    let sandbox = Sandbox::new();
    let failed = |text: &str| {
        sandbox.write("models/m.ff.sql", text);
        let ran = sandbox.fft("run").expect(1);
        format!("{}{}", ran.stdout, ran.stderr)
    };
    // DuckDB lists candidates, and quotes data, that name time zones and extensions.
    for text in [
        "select avg(x) as a from (select 'a' as x)",
        "select cast('the required extension ''icu'' exists in the icu extension' as integer) as a",
        "select icu from (select 1 as icu_id)",
        "select * from icu",
    ] {
        let told = failed(text);
        assert!(!told.contains("time zones"), "{text}: {told}");
    }
}

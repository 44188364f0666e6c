//! Projects whose names and texts would steer a terminal, hold secrets where none are looked for, or are very long.

use crate::project::{FFT, Ran, Sandbox};

/// What a terminal would obey.
fn obeyed(text: &str) -> Vec<char> {
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\t') || ('\u{202a}'..='\u{202e}').contains(c);
    text.chars().filter(odd).collect()
}

#[test]
fn nothing_of_a_project_steers_the_terminal() {
    let sandbox = Sandbox::new();
    let name = "x\u{1b}]0;T\u{7}";
    sandbox.write(&format!("models/{name}.ff.sql"), "select 1 as one\n");
    sandbox.write("models/\u{202e}gnp.ff.sql", "select 1 as one\n");
    sandbox.write("models/e\u{1b}[2J.sql", "");
    sandbox.write("models/s.yml", "models:\n  - name: \"a\\e[31mb\"\n");
    for command in [
        "run",
        "run",
        "plan",
        "ls",
        "dag",
        "dag --json",
        "dag --mermaid",
        "history",
        "history show latest",
        "plan --json",
        "run --log-format json",
    ] {
        let ran = sandbox.fft(command).expect(0);
        let both = format!("{}{}", ran.stdout, ran.stderr);
        assert!(obeyed(&both).is_empty(), "{command}: {both:?}");
        if command.ends_with("--json") {
            let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            assert!(value["nodes"].to_string().contains("\u{202e}gnp.ff"), "JSON keeps the names: {value}");
        }
    }
    for verb in ["explain", "render"] {
        let mut command = sandbox.command(FFT);
        command.arg(verb).arg(format!("{name}.ff"));
        let ran = Ran::of(command).expect(0);
        assert!(obeyed(&format!("{}{}", ran.stdout, ran.stderr)).is_empty());
    }
    sandbox.write("models/bad.ff.sql", "select {{ oops\u{1b}[5m('\u{9b}2J') }} \u{202e}\n");
    sandbox.write("project.yml", "name: story\n\"k\\u009bk\": 1\n");
    let ran = sandbox.fft("run").expect(2);
    assert!(obeyed(&ran.stderr).is_empty(), "{}", ran.stderr);
    sandbox.write("project.yml", "name: story\n");
    let ran = sandbox.fft("run").expect(2);
    assert!(obeyed(&ran.stderr).is_empty(), "{}", ran.stderr);
}

#[test]
fn long_lists_and_texts_are_cut() {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.write(&format!("models/m{number}.ff.sql"), &format!("select * from {{{{ ref('none{number}') }}}}\n"));
    }
    let ran = sandbox.fft("run").expect(2).says("and 250 more problems (-v)").says("300 problems; nothing was run");
    assert!(ran.stderr.len() < 20_000, "{}", ran.stderr.len());
    let sandbox = Sandbox::new();
    let long = "n".repeat(1_000_000);
    sandbox.write("models/m.ff.sql", &format!("select * from {{{{ ref('{long}') }}}}\n"));
    let ran = sandbox.fft("run").expect(2).says("more characters");
    assert!(ran.stderr.len() < 5_000, "{}", ran.stderr.len());
    let sandbox = Sandbox::new();
    let keys: Vec<String> = (0..1_000).map(|number| format!("key{number}=1")).collect();
    sandbox.write("models/k.ff.sql", &format!("{{{{ config({}) }}}}select 1 as one\n", keys.join(", ")));
    let ran = sandbox.fft("run").expect(2).says("and 950 more problems (-v)");
    assert!(ran.stderr.len() < 30_000, "{}", ran.stderr.len());
    let sandbox = Sandbox::new();
    sandbox.write("seeds/s.csv", "id\n1\n");
    let python = "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[\"s\"])\n\
                  def build(s: list) -> list:\n    for n in range(5000):\n        print(\"line\", n)\n    raise ValueError(\"x\" * 1000000)\n";
    sandbox.write("models/py.ff.py", python);
    let ran = sandbox.fft("run").expect(1).says("more lines (-v)").says("more characters");
    assert!(ran.stdout.len() + ran.stderr.len() < 100_000, "{} {}", ran.stdout.len(), ran.stderr.len());
}

const SECRET: &str = "q7Zp2vXw9K";

#[test]
fn a_secret_in_a_description_is_told_with_its_place_before_anything_is_built() {
    for (path, text, at) in [
        ("docs/models/m.md", format!("# M\n\nuse {SECRET}\n"), "docs/models/m.md:3:5"),
        ("docs/columns/m/one.md", format!("{SECRET}\n"), "docs/columns/m/one.md:1:1"),
        (
            "sources.yml",
            format!(
                "version: 2\nsources:\n  - name: raw\n    tables:\n      - name: t\n        location: https://h/{SECRET}\n"
            ),
            "sources.yml:5:9",
        ),
    ] {
        let mut sandbox = Sandbox::new();
        sandbox.write("models/m.ff.sql", "select 1 as one\n");
        sandbox.write(path, &text);
        sandbox.set("FF_API_TOKEN", SECRET);
        let ran = sandbox.fft("run").expect(4);
        assert!(ran.stderr.contains("error[literal-secret]") && ran.stderr.contains(at), "{path}: {}", ran.stderr);
        assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
        assert!(!sandbox.path(".fastflowtransform/target").exists());
    }
}

#[test]
fn a_secret_of_the_command_line_is_not_repeated() {
    let mut sandbox = Sandbox::new();
    sandbox.write("models/m.ff.sql", "select 1 as one\n");
    sandbox.set("FF_API_TOKEN", SECRET);
    for arguments in ["run --select", "ls --select", "explain", "render", "diff", "run"] {
        let ran = sandbox.fft(&format!("{arguments} {SECRET}"));
        assert_ne!(ran.code, Some(0), "{arguments}");
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(SECRET), "{arguments}: {}", ran.stderr);
    }
}

#[test]
fn an_engine_starts_no_more_threads_than_a_machine_can_have() {
    let sandbox = Sandbox::new();
    sandbox.write("models/m.ff.sql", "select 1 as one\n");
    for threads in ["99999999", "0", "many"] {
        let profile =
            format!("dev:\n  engine: duckdb\n  duckdb:\n    path: .local/story.duckdb\n    threads: {threads}\n");
        sandbox.write("profiles.yml", &profile);
        sandbox.fft("run").expect(2).says("can be a number from 1 to 1024 (profiles.yml:4:5)");
    }
}

//! The site in a real browser: `tests/browser/*.test.mjs`, run by node over sites that are made here.
//!
//! It needs node, chromium and `npm ci` in tests/browser. Where one is missing the test says so and ends; with
//! `FFT_BROWSER=required`, as continuous integration sets it, that is a failure.

#[path = "../../benches/project/artifacts.rs"]
mod artifacts;
mod audited;
#[path = "../../benches/project/written.rs"]
mod written;

use crate::project::{CHECKOUT, FFT, Sandbox};
use crate::serve::Server;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What would be seen in a browser that took a text for markup.
const PWN: &str = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1>";

#[test]
fn the_site_in_a_browser() {
    let Some(chromium) = browser() else { return };
    let mut demo = Sandbox::demo();
    demo.set("FF_HTTP_OFFLINE", "1");
    demo.fft("run --env dev_duckdb").expect(0);
    change_demo(&demo);
    demo.fft("run --env dev_duckdb").expect(0);
    let hostile = hostile();
    let live = Sandbox::new();
    live.write("models/one.ff.sql", "select 1 as a\n");
    live.fft("run").expect(0);
    let wide = wide();
    let made_up = [("MANY", made_up(310)), ("MOST", made_up(3000))];
    let audited = audited::audited();
    let served = [
        ("AUDITED", &audited, Server::start(&audited, "--port 0")),
        ("DEMO", &demo, Server::start(&demo, "--env dev_duckdb --port 0")),
        ("HOSTILE", &hostile, Server::start(&hostile, "--port 0")),
        ("WIDE", &wide, Server::start(&wide, "--port 0")),
        ("LIVE", &live, Server::start(&live, "--port 0")),
    ];
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .current_dir(folder())
        .env("CHROMIUM", chromium)
        .env("FFT", FFT);
    for (name, sandbox, server) in &served {
        command.env(format!("FFT_{name}_PROJECT"), sandbox.root());
        command.env(format!("FFT_{name}_URL"), server.url());
    }
    for (name, sandbox) in &made_up {
        command.env(format!("FFT_{name}_PROJECT"), sandbox.root());
    }
    let output = command.output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    print!("{told}");
    assert!(output.status.success(), "the browser tests failed: see above");
    // Node is content when it finds no test.
    let passed = told.split("pass ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    assert!(passed.is_some_and(|passed: usize| passed > 20), "tests are missing: see above");
}

fn folder() -> PathBuf {
    Path::new(CHECKOUT).join("tests/browser")
}

/// The browser to use, when all that these tests need is there.
fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    let chromium = named.into_iter().chain(known).find(|path| path.exists());
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    let packages = folder().join("node_modules/playwright-core").exists();
    let missing = match (node, packages, &chromium) {
        (false, ..) => "node isn't installed",
        (_, false, _) => "`npm ci` wasn't run in tests/browser",
        (.., None) => "chromium isn't installed",
        _ => return chromium,
    };
    assert!(std::env::var_os("FFT_BROWSER").is_none_or(|wish| wish != "required"), "no browser test: {missing}");
    // The test harness keeps what passes through print! to itself.
    let _ = writeln!(std::io::stderr(), "\nNOTICE: the browser tests of the site were skipped: {missing}\n");
    None
}

/// A seed's row more and another expression, so that pages show causes, cascades and differences.
pub fn change_demo(demo: &Sandbox) {
    let seed = demo.read("seeds/seed_users.csv");
    let patch = demo.read("patches/seed_users_patch.csv");
    demo.write("seeds/seed_users.csv", &(seed + patch.split_once('\n').unwrap().1));
    let model = "models/seeds_consumers/stg_users.ff.sql";
    let text = demo.read(model);
    let changed = text.replace("trim(name)", "upper(trim(name))");
    assert_ne!(text, changed);
    demo.write(model, &changed);
}

/// More nodes than are drawn at once, in folders, of which the last run rebuilt a few.
fn wide() -> Sandbox {
    let sandbox = Sandbox::new();
    let model = |layer: &str, number: usize| format!("models/{layer}/part_{}/{layer}_{number:03}.ff.sql", number / 20);
    for number in 0..60 {
        sandbox.write(&model("staging", number), &format!("select {number} as id, 'x' as name\n"));
        let read = format!("select * from {{{{ ref('staging_{number:03}') }}}}\n");
        sandbox.write(&model("between", number), &read);
        let two = format!("select * from {{{{ ref('between_{number:03}') }}}}\nunion all\n");
        let two = format!("{two}select * from {{{{ ref('between_{:03}') }}}}\n", (number + 7) % 60);
        sandbox.write(&model("mart", number), &two);
    }
    sandbox.fft("run").expect(0);
    sandbox.write(&model("staging", 5), "select 5 as id, 'y' as name\n");
    sandbox.fft("run").expect(0);
    sandbox
}

/// The site of made-up artifacts: many nodes, failures and several causes, without a run.
fn made_up(nodes: usize) -> Sandbox {
    let sandbox = Sandbox::empty();
    let profile = "dev:\n  engine: duckdb\n  duckdb:\n    path: made_up.duckdb\n";
    written::write(sandbox.root(), profile, &artifacts::artifacts(nodes));
    sandbox.fft("docs build").expect(0);
    sandbox
}

/// A project that says hostile things wherever it may say anything, with a change and a failure.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let model = |name: &str| format!("models/{name}.ff.sql");
    let columns = format!("select 1 as \"{PWN}\", '{{{{ var(\"v\") }}}}' as v -- {PWN} -->\n");
    let long = "a_very_long_name_".repeat(12);
    let names =
        ["it's \"quoted\"", "größe 日本 🦀", "<script>alert(1)<", "Con", "a&amp;b;c", "%2e%2e", "x\u{202e}y", &long];
    sandbox.write("project.yml", "name: \"<b>hostile</b> & 'quoted'\"\nversion: '1.0'\nvars:\n  v: '</script>\"<i>'\n");
    for name in names {
        sandbox.write(&model(name), &columns);
    }
    let one = |name: &&str| format!("select v from {{{{ ref({}) }}}}", serde_json::json!(name));
    let all = names.iter().map(one).collect::<Vec<_>>().join("\nunion all\n");
    sandbox.write(&model("all"), &format!("{{{{ config(tags=['<u>tag</u>', 'a b']) }}}}\n{all}\n"));
    sandbox.write(&model("broken"), &format!("select \"{PWN}\" from {{{{ ref('all') }}}}\n"));
    sandbox.write(&model("below"), "select * from {{ ref('broken') }}\n");
    let links = "[x](javascript:pwned=1) ![y](https://example.com/z.png)";
    sandbox.write("docs/models/all.md", &format!("# {PWN}\n\n{links} {PWN}\n\n```sql\n{PWN}\n```\n"));
    let seed = format!("id,{PWN}\n1,\"{PWN}\"\n");
    sandbox.write("seeds/<s>seed.csv", &seed);
    sandbox.fft("run --keep-going").expect(1);
    sandbox.write(&model("it's \"quoted\""), &format!("{columns}union all select 2, '{PWN}' -- changed\n"));
    sandbox.write("seeds/<s>seed.csv", &format!("{seed}2,x\n"));
    sandbox.fft("run --keep-going").expect(1);
    sandbox
}

//! docs/getting-started.md as a new user takes it: its files written as they stand, its commands typed as they stand.

use crate::project::{CHECKOUT, FFT, Ran, Sandbox};
use crate::serve::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const DATABASE: &str = ".local/shop.duckdb";

/// The page's fenced blocks in their order: what is said above each, its language, its text.
fn blocks() -> Vec<(String, String, String)> {
    let page = fs::read_to_string(Path::new(CHECKOUT).join("docs/getting-started.md")).unwrap();
    let parts: Vec<&str> = page.split("```").collect();
    let block = |pair: &[&str]| {
        let (language, text) = pair[1].split_once('\n').unwrap();
        let above = pair[0].trim_end().rsplit("\n\n").next().unwrap();
        (above.to_string(), language.to_string(), text.to_string())
    };
    parts.chunks_exact(2).map(block).collect()
}

/// The page's files: SQL names its file in its first line, the others are named by the sentence above them.
fn files() -> Vec<(String, String)> {
    let file = |(above, language, text): (String, String, String)| match language.as_str() {
        "sql" => Some((text.lines().next()?.strip_prefix("-- ")?.to_string(), text)),
        "sh" => None,
        _ => Some((above.split('`').nth(1)?.to_string(), text)),
    };
    blocks().into_iter().skip(1).filter_map(file).collect()
}

fn commands() -> Vec<String> {
    let shell = blocks().into_iter().filter(|(_, language, _)| language == "sh");
    shell.flat_map(|(_, _, text)| text.lines().map(String::from).collect::<Vec<_>>()).collect()
}

/// The page's project in a folder of its own.
fn shop() -> Sandbox {
    let sandbox = Sandbox::empty();
    files().iter().for_each(|(path, text)| sandbox.write(path, text));
    sandbox
}

/// Types a command of the page, which must be there.
#[track_caller]
fn typed(sandbox: &Sandbox, command: &str) -> Ran {
    assert!(commands().iter().any(|one| one == command), "the page doesn't type `{command}`: {:?}", commands());
    sandbox.fft(command.strip_prefix("fft ").unwrap()).expect(0)
}

/// Nodes with their words, in the order of the lines.
fn lines(ran: &Ran) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().skip(2).take(2).collect::<Vec<_>>().join(" ");
    ran.stdout.lines().filter(|line| line.starts_with('L')).map(words).collect()
}

#[test]
fn the_page_is_followed_word_by_word() {
    let mut sandbox = shop();
    //: This page makes a small one by hand:
    let (_, _, tree) = blocks().remove(0);
    let mut written: Vec<String> = files().into_iter().map(|(path, _)| path).collect();
    let mut named: Vec<String> = tree.lines().skip(1).map(|line| line.trim().to_string()).collect();
    named.sort();
    written.sort();
    assert_eq!(named, written);

    //: You need the `fft` binary (`cargo install --path .` in a checkout) and, for Python models, Python 3.
    let manifest = fs::read_to_string(Path::new(CHECKOUT).join("Cargo.toml")).unwrap();
    assert!(manifest.starts_with("[package]\n") && Path::new(FFT).ends_with("fft"), "what cargo installs is fft");
    sandbox.set("PATH", "/nowhere");
    let first = typed(&sandbox, "fft run");
    let python =
        "from fastflowtransform import model\n\n\n@model(name=\"p\", deps=[])\ndef build() -> list:\n    return []\n";
    sandbox.write("models/p.ff.py", python);
    sandbox.fft("run").expect(1).says("Python models need one");
    fs::remove_file(sandbox.path("models/p.ff.py")).unwrap();

    //: builds `seed_orders`, `stg_orders.ff` and `daily.ff`, in this order.
    assert_eq!(lines(&first), ["BUILD seed_orders", "BUILD stg_orders.ff", "BUILD daily.ff"]);
    //: `profiles.yml` says where to build.
    let relations = "select table_name, table_type from information_schema.tables where table_schema = 'analytics' and table_name <> '_ff_meta' order by 1";
    let found = sandbox.query(DATABASE, relations);
    //: `seeds/seed_orders.csv` is data that belongs to the project:
    assert_eq!(found[1], "seed_orders|BASE TABLE");
    assert_eq!(sandbox.query(DATABASE, "select id, amount::varchar from analytics.seed_orders")[2], "3|99.90");
    //: Two models. The first is a view, the second a table:
    assert_eq!(
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        ["daily|BASE TABLE", "seed_orders|BASE TABLE", "stg_orders|VIEW"]
    );
    let rows =
        sandbox.query(DATABASE, "select day::varchar, orders, amount::varchar from analytics.daily order by day");
    assert_eq!(rows, ["2026-03-01|2|59.75", "2026-03-02|1|99.90"]);

    //: Run it again: `3 skipped: all inputs equal`; `fft run -v` tells each with its proof.
    typed(&sandbox, "fft run").says("0 built · 3 skipped: all inputs equal · ");
    let all = sandbox.fft("run -v").expect(0);
    assert_eq!(lines(&all), ["SKIP seed_orders", "SKIP stg_orders.ff", "SKIP daily.ff"]);
    assert_eq!(all.stdout.matches(" inputs equal to run ").count(), 3, "{}", all.stdout);

    //: Add a line to the CSV file and ask what would happen:
    sandbox.write("seeds/seed_orders.csv", &(sandbox.read("seeds/seed_orders.csv") + "4,2026-03-02,0.10\n"));
    let plan = typed(&sandbox, "fft plan").says("seed changed: seeds/seed_orders.csv (+1 row)");
    //: `seed_orders` is a root (`seed changed`), the other two cascade from it. `fft run` builds them.
    let cascade = ["BUILD seed_orders", "CASCADE stg_orders.ff", "CASCADE daily.ff"];
    assert_eq!(
        (lines(&plan), sandbox.query(DATABASE, "select count(*) from analytics.seed_orders")),
        (cascade.map(String::from).to_vec(), vec!["3".into()])
    );
    assert_eq!(lines(&typed(&sandbox, "fft run").says("3 built: 1 changed, 2 followed")), cascade);
    assert_eq!(sandbox.query(DATABASE, "select sum(orders) from analytics.daily"), ["4"]);

    //: tells everything about one node: what was decided, by which cause, over which path, and what was checked; with
    //: `-v` also which inputs are equal, with `-vv` what they hold.
    let told = typed(&sandbox, "fft explain daily.ff").stdout;
    assert!(told.starts_with("daily.ff was built in run "), "{told}");
    for part in [
        "\n  upstream_changed         upstream changed: stg_orders.ff",
        "Path\n  seed_orders → stg_orders.ff → daily.ff",
        "Checks",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("Equal inputs"), "{told}");
    let more = sandbox.fft("explain daily.ff -v").expect(0).stdout;
    let equal = more.split("Equal inputs").nth(1).expect("equal inputs");
    assert!(equal.contains("config materialized") && !equal.contains("\"table\""), "{more}");
    let all = sandbox.fft("explain daily.ff -vv").expect(0).stdout;
    assert!(all.split("Equal inputs").nth(1).is_some_and(|equal| equal.contains("\"table\"")), "{all}");
}

#[test]
fn the_projects_folder_is_what_the_page_says() {
    let sandbox = shop();
    //: `project.yml` marks the project's folder:
    let from = |folder: &str, arguments: &str| {
        let mut command = sandbox.command(FFT);
        command.current_dir(sandbox.path(folder)).args(arguments.split(' '));
        Ran::of(command)
    };
    assert_eq!(from("models", "ls").expect(0).stdout, sandbox.fft("ls").expect(0).stdout);
    //: Paths count from the project's folder, never from where you stand.
    from("models", "run").expect(0);
    from("..", "run project").expect(0).says("0 built");
    assert!(sandbox.path(DATABASE).exists() && !sandbox.path("models/.local").exists());
    assert!(!sandbox.path("../.local").exists());
    fs::remove_file(sandbox.path("project.yml")).unwrap();
    from("models", "ls").expect(2).says("project.yml");
}

#[test]
fn a_seed_that_a_source_names_is_an_edge() {
    let sandbox = shop();
    //: `sources.yml` gives it the name under which models read it. Because the identifier is a seed's table, the graph
    //: has an edge from the seed.
    assert!(sandbox.read("models/stg_orders.ff.sql").contains("source('shop', 'orders')"));
    let nodes: Value = serde_json::from_str(&sandbox.fft("ls --json").expect(0).stdout).unwrap();
    let children = |name: &str| {
        let found = nodes["nodes"].as_array().unwrap().iter().find(|node| node["name"] == name).unwrap();
        found["children"].clone()
    };
    assert_eq!(children("seed_orders"), json!(["stg_orders.ff"]));
    sandbox.write("sources.yml", &sandbox.read("sources.yml").replace("seed_orders", "other"));
    sandbox.fft("ls --select seed_orders+").expect(0).says("seed_orders");
    assert!(!sandbox.fft("ls --select seed_orders+").expect(0).stdout.contains("stg_orders"));
}

#[test]
fn git_leaves_out_what_fft_makes() {
    let sandbox = shop();
    let git = |arguments: &[&str]| {
        let mut command = sandbox.command("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments);
        Ran::of(command)
    };
    git(&["init", "-q"]).expect(0);
    git(&["add", "."]).expect(0);
    git(&["commit", "-qm", "shop"]).expect(0);
    //: `.gitignore` keeps what fft makes out of the repository: the database and kept HTTP answers, the records of runs,
    //: the site.
    sandbox.fft("run").expect(0);
    sandbox.fft("docs build").expect(0);
    for made in [DATABASE, ".fastflowtransform/target/run_results.json", "site/dag/index.html"] {
        assert!(sandbox.path(made).exists(), "{made}");
    }
    git(&["check-ignore", "-q", ".local/http-cache/answer"]).expect(0);
    assert_eq!(git(&["status", "--porcelain"]).expect(0).stdout, "");
}

#[test]
fn init_writes_a_project_that_runs() {
    let sandbox = Sandbox::empty();
    //: `fft init shop` writes a project that runs.
    sandbox.fft("init shop").expect(0);
    sandbox.fft("run shop").expect(0).says("2 built: 2 new");
    assert_eq!(sandbox.query("shop/.local/shop.duckdb", "select name from people order by 1"), ["ADA", "GRACE"]);
}

#[test]
fn the_site_is_served() {
    let sandbox = shop();
    typed(&sandbox, "fft run");
    //: shows [the site](site.md) of the project in the browser: its graph, its nodes with their columns, and why each
    //: was built.
    assert!(commands().contains(&"fft docs serve".to_string()));
    let server = Server::start(&sandbox, "--port 0");
    let graph = server.get("/").is(200).body;
    for node in ["seed_orders", "stg_orders.ff", "daily.ff"] {
        assert!(graph.contains("<svg") && graph.contains(&format!("nodes/{node}.html")), "{node}");
    }
    let node = server.get("/nodes/daily.ff.html").is(200).body;
    for part in ["first build", "day", "orders", "amount"] {
        assert!(node.contains(part), "{part}");
    }
}

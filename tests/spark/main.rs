//! Projects on Spark, on a server of their own test process; where none can be started the tests are left out, with a
//! word on standard error.

#![expect(clippy::disallowed_methods, reason = "tests look at fft from outside, through no World of it")]

mod claim;
mod ended;
mod http2;
#[path = "../it/project.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod project;
#[path = "../it/proxy.rs"]
mod proxy;
mod secret;
#[path = "../../src/engine/conformance/server.rs"]
mod server;
mod storage;
mod whole;

use project::{Ran, Sandbox};
use server::Held;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Set where a server that can't be started is a failure and not a reason to leave tests out.
const REQUIRED: &str = "FFT_TEST_SPARK";

/// The server that the tests of this process share.
fn held() -> Option<&'static Held> {
    static SERVER: OnceLock<Option<Held>> = OnceLock::new();
    SERVER.get_or_init(|| server::hold("spark", REQUIRED)).as_ref()
}

/// A project on a database of its own, on that server.
fn sandbox() -> Option<Sandbox> {
    Some(sandbox_on(held()?))
}

/// A project on a database of its own, whose Python has Spark's client.
fn sandbox_on(held: &Held) -> Sandbox {
    sandbox_at(held, &held.variables["FF_DBR_MASTER"])
}

/// The same with another way to the server.
fn sandbox_at(held: &Held, master: &str) -> Sandbox {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let sandbox = Sandbox::empty();
    let python = &held.variables["FFT_TEST_SPARK_PYTHON"];
    sandbox.write("project.yml", &format!("name: story\nversion: '1.0'\npython:\n  interpreter: {python}\n"));
    sandbox.write(
        "profiles.yml",
        "dev:\n  engine: spark\n  spark:\n    master: \"{{ env('FF_DBR_MASTER') }}\"\n    database: \"{{ \
         env('FF_DBR_DATABASE') }}\"\n",
    );
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    sandbox.write(".env", &format!("FF_DBR_MASTER={master}/;token=hush-hush\nFF_DBR_DATABASE=story_{number}\n"));
    sandbox.write("seeds/users.csv", "id,name\n1,Ada\n2,Bo\n3,Cy\n");
    sandbox.write(
        "models/few.ff.sql",
        "{{ config(materialized='ephemeral') }}\nselect * from {{ ref('users') }} where id < 3;\n",
    );
    sandbox
}

/// A model file that declares one model with this function.
fn model(decorator: &str, function: &str) -> String {
    format!(
        "from fastflowtransform import model\nfrom pyspark.sql import DataFrame, SparkSession, functions as F\n\n\n\
         @model({decorator})\n{function}"
    )
}

/// The database that a project is built in.
fn database(sandbox: &Sandbox) -> String {
    let env = sandbox.read(".env");
    env.lines().find_map(|line| line.strip_prefix("FF_DBR_DATABASE=")).unwrap().to_string()
}

/// Runs a statement as somebody else does; `{db}` is the project's database. Gives the first column of texts.
fn execute(held: &Held, sandbox: &Sandbox, statement: &str) -> String {
    let (master, sql) = (&held.variables["FF_DBR_MASTER"], statement.replace("{db}", &database(sandbox)));
    let script = "import sys\nfrom pyspark.sql import SparkSession\n\
                  rows = SparkSession.builder.remote(sys.argv[1]).getOrCreate().sql(sys.argv[2]).collect()\n\
                  print('\\n'.join(str(row['tableName'] if 'tableName' in row else row) for row in rows))\n";
    // Spark's client knows no script that is in no file.
    sandbox.write(".local/execute.py", script);
    let mut command = sandbox.command(&held.variables["FFT_TEST_SPARK_PYTHON"]);
    command.args([".local/execute.py", master, &sql]);
    Ran::of(command).expect(0).stdout
}

fn rows_of(sandbox: &Sandbox, node: &str) -> Option<u64> {
    sandbox.rows()[node].rows
}

fn run(sandbox: &Sandbox) -> Ran {
    sandbox.fft("run --no-docs --jobs 1")
}

/// What a model takes and gives stays on the server; what it sets in its session is gone with it.
#[test]
fn models_take_and_give_frames_of_spark() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.write(
        "models/a_named.ff.py",
        &model(
            "deps=['users', 'few.ff']",
            "def a_named(users: DataFrame, few: DataFrame) -> DataFrame:\n    \
             users.sparkSession.conf.set('spark.sql.session.timeZone', 'Asia/Tokyo')\n    \
             users.createOrReplaceTempView('left_here')\n    \
             return users.join(few.select('id'), 'id').withColumn('upper', F.upper('name'))\n",
        ),
    );
    sandbox.write(
        "models/b_made.ff.py",
        &model(
            "deps=['a_named'], frame='spark'",
            "def b_made(named):\n    spark = SparkSession.getActiveSession()\n    \
             assert not spark.catalog.tableExists('left_here')\n    \
             return spark.range(5).withColumn('zone', F.lit(spark.conf.get('spark.sql.session.timeZone')))\n",
        ),
    );
    sandbox.write(
        "models/c_local.ff.py",
        &model("deps=['a_named'], frame='spark'", "def c_local(named):\n    return named.where('id = 2').toPandas()\n"),
    );
    sandbox.write(
        "models/d_read.ff.sql",
        "select a.id, b.zone from {{ ref('a_named') }} a join {{ ref('b_made') }} b on a.id = b.id\n",
    );
    run(&sandbox).expect(0).says("6 built");
    let rows = ["a_named", "b_made", "c_local", "d_read.ff"].map(|node| rows_of(&sandbox, node));
    assert_eq!(rows, [Some(2), Some(5), Some(1), Some(2)]);
    run(&sandbox).expect(0).says("0 built");
    sandbox.write(
        "models/b_made.ff.py",
        &model(
            "frame='spark'",
            "def b_made():\n    return SparkSession.getActiveSession().sql(\"select id, 'UTC' as zone from range(2)\")\n",
        ),
    );
    run(&sandbox).expect(0).says("2 built").says("Python changed: b_made");
    assert_eq!((rows_of(&sandbox, "b_made"), rows_of(&sandbox, "d_read.ff")), (Some(2), Some(1)));
}

/// A model's rows may only turn out not to be had when they are read; a failed one leaves what stands.
#[test]
fn what_goes_wrong_in_a_frame_is_told_of_its_model() {
    let Some(sandbox) = sandbox() else { return };
    let write = |function: &str| sandbox.write("models/m.ff.py", &model("deps=['users'], frame='spark'", function));
    write("def m(users):\n    return users\n");
    run(&sandbox).expect(0).says("3 built");
    for (function, words) in [
        ("def m(users):\n    return users.selectExpr('cast(name as int) as number')\n", "CAST_INVALID_INPUT"),
        (
            "def m(users):\n    return users.select('nmae')\n",
            "A column, variable, or function parameter with name `nmae`",
        ),
        ("def m(users):\n    return users.select('id', 'id')\n", "more than once"),
        ("def m(users):\n    return users.count()\n", "the model gave int"),
        ("def m(users):\n    users.sparkSession.stop()\n    return users\n", "models/m.ff.py"),
        (
            "def m(users):\n    print(users.sparkSession.client._builder.url)\n    raise ValueError(users.sparkSession.client._builder.url)\n",
            "ValueError: ParseResult(",
        ),
    ] {
        write(function);
        let ran = run(&sandbox).expect(1).says(words);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("JVM stacktrace"), "{}{}", ran.stdout, ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("hush"), "{}{}", ran.stdout, ran.stderr);
    }
    let written = std::fs::read_to_string(sandbox.path(".fastflowtransform/target/run_results.json")).unwrap();
    assert!(!written.contains("hush"));
    write("def m(users):\n    return users\n");
    run(&sandbox).expect(0).says("0 built");
}

/// Rows pass through Python a batch at a time, or not at all.
#[test]
fn a_million_rows_are_built_within_a_bounded_memory() {
    let Some(sandbox) = sandbox() else { return };
    sandbox
        .write("models/many.ff.sql", "select id, concat('user ', id) as name, id / 7 as score from range(1000000)\n");
    sandbox.write(
        "models/handed.ff.py",
        "import pyarrow as pa\nfrom fastflowtransform import model\n\n\n@model(deps=['many.ff'])\ndef handed(many: \
         pa.Table) -> pa.Table:\n    return many.append_column('twice', many['id'])\n",
    );
    sandbox.write(
        "models/kept.ff.py",
        &model(
            "deps=['many.ff'], frame='spark'",
            "def kept(many):\n    return many.withColumn('twice', F.col('id') * 2)\n",
        ),
    );
    // A process that has but this one child knows the most that one of those below it has held, in kilobytes.
    let script = "import resource, subprocess, sys\nsubprocess.run(sys.argv[1:], check=True)\n\
                  print('most', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let mut command = sandbox.command("python3");
    command.args(["-c", script, project::FFT, "run", "--no-docs", "--jobs", "1"]);
    let ran = Ran::of(command).expect(0).says("5 built");
    let rows = ["many.ff", "handed", "kept"].map(|node| rows_of(&sandbox, node));
    assert_eq!(rows, [Some(1_000_000); 3]);
    let most: u64 = ran.stdout.lines().find_map(|line| line.strip_prefix("most ")).unwrap().parse().unwrap();
    assert!(most < 600_000, "{most} kB");
}

/// A session that the server has forgotten is opened anew, with all that a run relies on.
#[test]
fn a_server_may_be_stopped_and_started_again_in_mid_run() {
    let state = tempfile::tempdir().unwrap();
    let port = unused_port();
    let settings = [("SPARK_STATE", state.path().to_str().unwrap()), ("SPARK_PORT", &port)];
    let Some(held) = server::hold_with("spark", REQUIRED, &settings) else { return };
    let sandbox = sandbox_on(&held);
    let waiting = "import os, time\nfrom fastflowtransform import model\n\n\n@model(deps=['users'])\ndef \
                   b_waits(users):\n    os.mkdir('.local/waiting')\n    while not os.path.exists('.local/on'):\n        \
                   time.sleep(0.1)\n    return users\n";
    sandbox.write(".local/made", "");
    sandbox.write("models/a_first.ff.sql", "select id from {{ ref('users') }}\n");
    sandbox.write("models/b_waits.ff.py", waiting);
    let zone = "select id, current_timezone() as zone from {{ ref('b_waits') }} where current_timezone() = 'UTC'\n";
    sandbox.write("models/c_last.ff.sql", zone);
    let started = sandbox.start("run --no-docs --jobs 1");
    while !sandbox.path(".local/waiting").exists() {
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(held);
    let _held = server::hold_with("spark", REQUIRED, &settings).expect("it starts again");
    sandbox.write(".local/on", "");
    started.end().expect(0).says("5 built");
    assert_eq!(rows_of(&sandbox, "c_last.ff"), Some(3));
    run(&sandbox).expect(0).says("0 built");
}

/// What was built before stands and is skipped; the rest fails with a word, and the next run builds it.
#[test]
fn a_run_whose_server_is_gone_is_followed_by_one_that_builds_the_rest() {
    let state = tempfile::tempdir().unwrap();
    let port = unused_port();
    let settings = [("SPARK_STATE", state.path().to_str().unwrap()), ("SPARK_PORT", &port)];
    let Some(held) = server::hold_with("spark", REQUIRED, &settings) else { return };
    let sandbox = sandbox_on(&held);
    sandbox.write("models/a_first.ff.sql", "select id from {{ ref('users') }}\n");
    sandbox.write(
        "models/b_long.ff.sql",
        "select count(*) as n from {{ ref('a_first.ff') }}, range(100000000000000) r where r.id % 1000003 = 7\n",
    );
    sandbox.write("models/c_last.ff.sql", "select * from {{ ref('b_long.ff') }}\n");
    let mut started = sandbox.start("run --no-docs --jobs 1");
    let mut lines = BufReader::new(started.child().stdout.take().unwrap()).lines();
    while !lines.next().expect("it goes on").unwrap().contains("a_first.ff") {}
    let rest = std::thread::spawn(move || lines.count());
    drop(held);
    let ran = started.end().expect(1);
    rest.join().unwrap();
    assert!(ran.stderr.contains("failed: b_long.ff"), "{}", ran.stderr);
    let _held = server::hold_with("spark", REQUIRED, &settings).expect("it starts again");
    sandbox.write("models/b_long.ff.sql", "select count(*) as n from {{ ref('a_first.ff') }}\n");
    // The claim of the run before couldn't be given back; its process is known to be gone.
    sandbox.fft("run --no-docs --no-wait").expect(0).says("2 built").says("skipped: all inputs equal");
    run(&sandbox).expect(0).says("0 built");
}

fn unused_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

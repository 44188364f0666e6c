//! What a Python model has the server compute ends with the model.

use crate::{REQUIRED, model, project, run, sandbox_on, server};
use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

/// All of a server's threads for as long as the test.
const ENDLESS: &str = "from fastflowtransform import model\nfrom pyspark.sql import SparkSession\nimport os\n\n\n\
    @model(frame='spark')\ndef endless():\n    open('.local/begun', 'w').close()\n    spark = \
    SparkSession.getActiveSession()\n    spark.range(0, 10**14, 1, 4).where('id % 1000003 = 7').count()\n    return \
    spark.range(1)\n";

/// Its threads are free again: a query of another session comes to its end.
fn is_free(sandbox: &project::Sandbox, what: &str) {
    std::fs::remove_file(sandbox.path("models/endless.ff.py")).unwrap();
    sandbox.write("models/plain.ff.sql", &format!("select count(*) as n, '{what}' as after from range(1000)\n"));
    let started = Instant::now();
    let mut running = sandbox.start("run --no-docs --select plain");
    while running.child().try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(40), "after {what} the server still works on it");
        std::thread::sleep(Duration::from_millis(100));
    }
    running.end().expect(0).says("1 built");
}

#[test]
fn what_a_model_runs_ends_with_it() {
    let Some(held) = server::hold("spark", REQUIRED) else { return };
    let sandbox = sandbox_on(&held);
    sandbox.write(".local/made", "");
    run(&sandbox).expect(0);
    let begin = || {
        sandbox.write("models/endless.ff.py", ENDLESS);
        let _ = std::fs::remove_file(sandbox.path(".local/begun"));
        let running = sandbox.start("run --no-docs --jobs 1");
        while !sandbox.path(".local/begun").exists() {
            std::thread::sleep(Duration::from_millis(50));
        }
        // The server has begun then.
        std::thread::sleep(Duration::from_secs(2));
        running
    };
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut running = begin();
        running.signal(signal);
        running.end();
        is_free(&sandbox, signal.as_str());
    }
    // Asked twice, nothing is waited for.
    let mut running = begin();
    running.signal(Signal::SIGINT);
    std::thread::sleep(Duration::from_millis(300));
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(running.child().id() as i32), Signal::SIGINT);
    running.end();
    is_free(&sandbox, "two signals");
    let project = sandbox.read("project.yml");
    sandbox.write("project.yml", &project.replace("python:\n", "python:\n  timeout_seconds: 4\n"));
    begin().end().expect(1).says("endless");
    is_free(&sandbox, "its time is over");
    sandbox.write("models/broken.ff.py", &model("frame='spark'", "def broken():\n    return {1: 2}\n"));
    run(&sandbox).expect(1).says("it must give a DataFrame of Spark's, a pandas DataFrame");
}

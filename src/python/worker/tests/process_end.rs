//! How workers end.

use super::*;

#[test]
fn a_crash_is_one_models_error() {
    for (body, told) in [
        ("os._exit(3)", "Python ended with exit code 3 while it ran the model `m`"),
        ("os.kill(os.getpid(), 9)", "Python was ended by the signal SIGKILL while"),
        ("ctypes.string_at(0)", "Python was ended by the signal SIGSEGV while"),
    ] {
        let mut bench = Bench::new(&bare());
        assert!(bench.worker.is_alive());
        let error =
            bench.error(&format!("import os, ctypes\ndef m():\n    print('before', flush=True)\n    {body}\n"), &[]);
        assert!(error.message.starts_with(told), "{error}");
        assert_eq!(error.kind, ErrorKind::Crashed);
        assert_eq!(bench.log[0], "before");
        assert!(!bench.worker.is_alive());
        assert_eq!(bench.error(IDENTITY, &[]).kind, ErrorKind::Crashed);
    }
}

const SLEEP: &str = "import subprocess, os\ndef m():\n    child = subprocess.Popen(['sleep', '600'])\n    print(child.pid, flush=True)\n    child.wait()\n";

/// Waits for the end of the process whose number was logged: it shows no command line any more.
fn wait_for_end(pid: &str) {
    let command = Path::new("/proc").join(pid).join("cmdline");
    while OsWorld::new().read(&command).is_ok_and(|line| !line.is_empty()) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_timeout_ends_the_whole_group() {
    let mut bench = Bench::new(&bare());
    bench.timeout = Some(Duration::from_millis(800));
    let error = bench.error(SLEEP, &[]);
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(error.message, "the model `m` took longer than 0.8 s and was ended");
    assert!(!bench.worker.is_alive());
    // A slow machine may not have come to the child.
    bench.log.iter().for_each(|pid| wait_for_end(pid));
}

#[test]
fn a_worker_is_ended_from_another_thread() {
    let mut bench = Bench::new(&bare());
    let handle = bench.worker.handle();
    let source = "import signal\nfrom fastflowtransform.api.http import HttpError, get\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef m():\n    try:\n        get('http://x')\n    except HttpError:\n        while True:\n            pass\n";
    let killer = &mut |_: HttpAsk| {
        let handle = handle.clone();
        std::thread::spawn(move || handle.kill());
        Err("gone".to_string())
    };
    let error = bench.run_with(source, &[], killer);
    assert_eq!(error.expect_err("an error").kind, ErrorKind::Cancelled);
    assert!(!bench.worker.is_alive());
    handle.kill();
}

#[test]
fn a_worker_ends_with_its_host() {
    let mut process = Process::start(&bare().path, &BTreeMap::new()).expect("it starts");
    process.send(&json!({ "package": package::sources() }));
    let Ok(Message::Frame(_)) = process.messages.recv() else { panic!("not ready") };
    let job = JobFrame {
        incremental: None,
        number: 1,
        node: "m",
        path: "m.ff.py",
        source: SLEEP,
        function: "m",
        ordinal: 0,
        project_root: Path::new("/"),
        imports: Path::new("/"),
        modules: &BTreeMap::new(),
        env: &BTreeSet::new(),
        inputs: Vec::new(),
        output: Path::new("/none"),
        vars: &BTreeMap::new(),
        engine: "duckdb",
        profile: "dev",
        requires: None,
        format: "json",
        frame: None,
        hook: None,
        lent: None,
    };
    process.send(&json!({ "job": job }));
    let Ok(Message::Log(child)) = process.messages.recv() else { panic!("no log") };
    process.close();
    while !matches!(process.messages.recv(), Ok(Message::Closed)) {}
    wait_for_end(&child);
}

#[test]
fn a_python_that_does_not_start_is_told() {
    let interpreter = |path: &str| Interpreter { path: path.into(), origin: Origin::Setting };
    for path in ["/no/python", "/bin/false"] {
        let error = Worker::start(&interpreter(path), &BTreeMap::new()).err().expect("an error");
        assert_eq!(error.kind, ErrorKind::Interpreter);
        assert!(error.message.contains(path), "{error}");
    }
}

//! Servers for tests, by the scripts of `.ci/servers`: one a test process, which ends when the process does, in whatever
//! way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A server that runs as long as this is held.
pub struct Held {
    child: Child,
    input: Option<ChildStdin>,
    /// What a client needs to know, by the names of variables.
    pub variables: BTreeMap<String, String>,
}

/// Starts the server called `name`. `None`, with a word on standard error, where it can't be started here, unless the
/// variable `required` says that it must.
pub fn hold(name: &str, required: &str) -> Option<Held> {
    hold_with(name, required, &[])
}

/// The same with variables that its script knows.
pub fn hold_with(name: &str, required: &str, settings: &[(&str, &str)]) -> Option<Held> {
    let script = format!("{}/.ci/servers/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(&script);
    let mut child = command
        .arg("hold")
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{script}: {error}"));
    let input = child.stdin.take();
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    // Its variables end with an empty line.
    let lines: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        assert!(std::env::var_os(required).is_none(), "no server `{name}` could be started, and {required} is set");
        // Past the test harness, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "LEFT OUT: a test that needs the server `{name}`").expect("it can be written");
        drop(child.wait());
        return None;
    }
    // `export NAME='value'`
    let variable = |line: &String| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_string(), value.trim_matches('\'').replace("'\\''", "'")))
    };
    Some(Held { child, input, variables: lines.iter().filter_map(variable).collect() })
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.child.wait());
    }
}

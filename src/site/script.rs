//! Runs the scripts of `static/` outside a browser, so that tests hold them against the Rust they mirror.

mod selector;

use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What `program`, a JavaScript function, gives for `input` once `files` of `static/` ran in a context with a
/// `window` that holds nothing else, or what it promises. `None`, with a notice, where there is no `node`.
#[expect(clippy::disallowed_methods, reason = "the site's scripts run in a program")]
pub fn run(files: &[&str], program: &str, input: &Value) -> Option<Value> {
    let host = r#"
        const [folder, files, program] = process.argv.slice(1);
        const context = require("vm").createContext({ console, performance, TextEncoder, CustomEvent: class {}, document: { addEventListener() {}, dispatchEvent() {} }, matchMedia: () => ({ matches: false }), fft: {} });
        context.window = context;
        const read = (file) => require("fs").readFileSync(file, "utf8");
        for (const file of JSON.parse(files)) require("vm").runInContext(read(folder + "/" + file), context, { filename: file });
        const found = require("vm").runInContext("(" + program + ")", context)(JSON.parse(read(0)));
        Promise.resolve(found).then((value) => process.stdout.write(JSON.stringify(value)));
    "#;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static");
    let files = serde_json::to_string(files).expect("names are JSON");
    let child = Command::new("node")
        .args(["-e", host, "--", folder, &files, program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("NOT TESTED: there is no `node` to run the site's scripts with");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(input.to_string().as_bytes()).expect("node reads its input");
    let output = child.wait_with_output().expect("node ends");
    assert!(output.status.success(), "the script failed");
    Some(serde_json::from_slice(&output.stdout).expect("the script gives JSON"))
}

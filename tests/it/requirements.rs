//! Python packages that the requirements name in words which don't say what is in them.

use crate::project::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A project with a Python model, and a `uv` that makes environments without packages.
fn project() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write("bin/uv", "#!/bin/sh\nif [ \"$1\" = venv ]; then exec \"$3\" -m venv \"$4\"; fi\n");
    fs::set_permissions(sandbox.path("bin/uv"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    sandbox.set("PATH", &format!("{}:{path}", sandbox.path("bin").display()));
    sandbox.set("XDG_CACHE_HOME", &sandbox.path(".local/cache").to_string_lossy());
    sandbox.write("project.yml", "name: story\nversion: '1.0'\npython: {requirements: requirements.txt}\n");
    sandbox.write(
        "models/m.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"m\", deps=[])\ndef build() -> list:\n    \
         return [{\"n\": 1}]\n",
    );
    sandbox.write("models/s.ff.sql", "select 1 as one\n");
    sandbox.write("lib/pyproject.toml", "");
    sandbox
}

#[test]
fn packages_that_may_change_under_the_same_words_are_told_once() {
    let sandbox = project();
    let token = "canary-canary-canary";
    sandbox.write(
        "requirements.txt",
        &format!("./lib\nx @ https://{token}@example.org/x-1.0.whl?token={token}\ny @ git+https://example.org/y.git\n"),
    );
    let told = "requirements.txt asks for ./lib, https://example.org, git+https://example.org, which may hold other code \
                under the same words: that it is the same isn't proven when a Python model is skipped";
    for arguments in ["plan", "run", "run", "plan"] {
        let ran = sandbox.fft(arguments).expect(0).says(told);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(all.matches("isn't proven").count(), 1, "{all}");
        assert!(!all.contains(token), "{all}");
    }
    // They are what they were when the environment was made.
    assert_eq!(sandbox.rows()["m"].status, "skipped");
    // What says what is in it, and a project that runs no Python, have nothing to be told.
    sandbox.write("requirements.txt", "x @ https://example.org/x-1.0.whl#sha256=00\n");
    assert!(!sandbox.fft("plan").expect(0).stderr.contains("isn't proven"));
    sandbox.write("requirements.txt", "./lib\n");
    fs::remove_file(sandbox.path("models/m.ff.py")).unwrap();
    assert!(!sandbox.fft("plan").expect(0).stderr.contains("isn't proven"));
}

/// Its code is run as it is now: nothing tells that it is what it was.
#[test]
fn an_editable_package_is_not_watched() {
    let sandbox = project();
    sandbox.write("requirements.txt", "-e ./lib\n");
    sandbox.fft("run").expect(0).says("not watched: the code of ./lib");
    sandbox.fft("run").expect(0);
    let rows = sandbox.rows();
    assert_eq!((rows["m"].status.as_str(), rows["m"].primary_code.as_str()), ("success", "source_unwatched"));
    assert_eq!(rows["s.ff"].status, "skipped");
    let project = sandbox.read("project.yml");
    sandbox.write("project.yml", &format!("{project}run: {{unseen_sources: skip}}\n"));
    sandbox.fft("run -v").expect(0).says("watched inputs equal");
    assert_eq!(sandbox.rows()["m"].status, "skipped");
}

#[test]
fn a_package_that_is_not_pinned_is_not_seen() {
    let packages = Sandbox::empty();
    packages.write("rates.py", "RATE = 1\n");
    let mut sandbox = Sandbox::new();
    sandbox.set("PYTHONPATH", &packages.root().to_string_lossy());
    sandbox.write(
        "models/m.ff.py",
        "import rates\nfrom fastflowtransform import model\n\n\n@model(name=\"m\", deps=[])\ndef build() -> list:\n    \
         return [{\"rate\": rates.RATE}]\n",
    );
    let rate = || sandbox.query(".local/story.duckdb", "select rate from analytics.m");
    sandbox.fft("run").expect(0);
    assert_eq!(rate(), ["1"]);
    packages.write("rates.py", "RATE = 2\n");
    //: What doesn't come with fft isn't seen: another version of a database server, of the system's libraries, or of a
    //: package that isn't pinned.
    sandbox.fft("run").expect(0).says("0 built");
    //: `fft run --rebuild PATTERN` builds what it may have changed.
    sandbox.fft("run --rebuild m").expect(0).says("1 built");
    assert_eq!(rate(), ["2"]);
}

//! A project in a temporary folder, and fft run on it with an environment that holds nothing unexpected.

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The binary under test.
pub const FFT: &str = env!("CARGO_BIN_EXE_fft");

/// This checkout.
pub const CHECKOUT: &str = env!("CARGO_MANIFEST_DIR");

/// What fft takes from the caller's environment: where programs are, and where the Python environment is kept.
pub const KEPT: [&str; 4] = ["PATH", "HOME", "XDG_CACHE_HOME", "PYENV_ROOT"];

pub struct Sandbox {
    /// Removed with the sandbox.
    _parent: TempDir,
    root: PathBuf,
    env: BTreeMap<String, String>,
}

impl Sandbox {
    /// An empty folder.
    pub fn empty() -> Sandbox {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().canonicalize().unwrap().join("project");
        fs::create_dir(&root).unwrap();
        Sandbox { _parent: parent, root, env: BTreeMap::new() }
    }

    /// A folder with a project.yml and a profile whose database is `.local/story.duckdb`, schema `analytics`.
    pub fn new() -> Sandbox {
        let sandbox = Sandbox::empty();
        sandbox.write("project.yml", "name: story\nversion: '1.0'\n");
        sandbox.write(
            "profiles.yml",
            "dev:\n  engine: duckdb\n  duckdb:\n    path: .local/story.duckdb\n    db_schema: analytics\n",
        );
        sandbox
    }

    /// The demo, as it is in this checkout.
    pub fn demo() -> Sandbox {
        Sandbox::example("cache_demo")
    }

    /// An example, as it is in this checkout.
    pub fn example(name: &str) -> Sandbox {
        let sandbox = Sandbox::empty();
        copy(&Path::new(CHECKOUT).join("examples").join(name), &sandbox.root);
        sandbox
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Sets a variable of every later run.
    pub fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.into(), value.into());
    }

    pub fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, relative: &str) -> String {
        let path = self.path(relative);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn bytes(&self, relative: &str) -> Vec<u8> {
        fs::read(self.path(relative)).unwrap()
    }

    /// fft or another program, in the project's folder, with a clean environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear().stdin(Stdio::null());
        command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        command.envs(&self.env);
        command
    }

    /// Runs fft with these arguments, split at blanks.
    pub fn fft(&self, arguments: &str) -> Ran {
        let mut command = self.command(FFT);
        command.args(arguments.split_whitespace());
        Ran::of(command)
    }

    /// Starts fft with both outputs piped.
    pub fn start(&self, arguments: &str) -> Started {
        let mut command = self.command(FFT);
        command.args(arguments.split_whitespace()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Started(Some(command.spawn().unwrap()))
    }

    /// The rows of run_results.json, by node.
    pub fn rows(&self) -> BTreeMap<String, Row> {
        rows(&self.path(".fastflowtransform/target/run_results.json"))
    }

    /// The one cache file.
    pub fn cache_file(&self) -> PathBuf {
        let mut files = fs::read_dir(self.path(".fastflowtransform/cache")).unwrap();
        let file = files.next().expect("a cache file").unwrap().path();
        assert!(files.next().is_none(), "one cache file for one database");
        file
    }

    /// The rows of a statement on the project's database, cells as text, joined by `|`.
    #[cfg(feature = "duckdb")]
    pub fn query(&self, database: &str, sql: &str) -> Vec<String> {
        query(&self.path(database), sql)
    }
}

/// A command that has ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Ran {
        Ran::ended(command.output().unwrap())
    }

    fn ended(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Ran {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` isn't said\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// A running process, killed when the test ends before it.
pub struct Started(Option<Child>);

impl Started {
    pub fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// Sends a signal such as `INT` or `KILL`.
    pub fn signal(&mut self, signal: nix::sys::signal::Signal) {
        let id = i32::try_from(self.child().id()).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal).unwrap();
    }

    /// Waits for the end, but not for ever: a run that should have ended fails the test instead of hanging it.
    pub fn end(mut self) -> Ran {
        let status = self.wait();
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        Ran::ended(Output { status, ..output })
    }

    fn wait(&mut self) -> ExitStatus {
        for _ in 0..1800 {
            if let Some(status) = self.child().try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the process didn't end");
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a row of run_results.json says, as far as tests ask for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub status: String,
    pub primary_code: String,
    pub codes: Vec<String>,
    /// `-` for none.
    pub role: String,
    pub path: Vec<String>,
    pub message: String,
    pub started_at: String,
    pub rows: Option<u64>,
    pub whole: Value,
}

pub fn rows(file: &Path) -> BTreeMap<String, Row> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let value: Value = serde_json::from_str(&text).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_string();
    let texts = |value: &Value, key: &str| -> Vec<String> {
        let of = |item: &Value| text(if key.is_empty() { item } else { &item[key] });
        value.as_array().unwrap().iter().map(of).collect()
    };
    let row = |row: &Value| {
        let decision = &row["decision"];
        let found = Row {
            status: text(&row["status"]),
            primary_code: text(&decision["primary_code"]),
            codes: texts(&decision["causes"], "code"),
            role: text(&decision["role"]),
            path: texts(&decision["path"], ""),
            message: text(&row["message"]),
            started_at: text(&row["started_at"]),
            rows: row["rows"].as_u64(),
            whole: row.clone(),
        };
        (text(&row["name"]), found)
    };
    value["results"].as_array().unwrap().iter().map(row).collect()
}

#[cfg(feature = "duckdb")]
pub fn query(database: &Path, sql: &str) -> Vec<String> {
    fs::create_dir_all(database.parent().unwrap()).unwrap();
    let connection = duckdb::Connection::open(database).unwrap();
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = statement.query([]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let columns = row.as_ref().column_count();
        let cells: Vec<String> =
            (0..columns).map(|column| cell(&row.get::<_, duckdb::types::Value>(column).unwrap())).collect();
        found.push(cells.join("|"));
    }
    found
}

#[cfg(feature = "duckdb")]
fn cell(value: &duckdb::types::Value) -> String {
    use duckdb::types::Value;
    match value {
        Value::Null => "null".into(),
        Value::Boolean(value) => value.to_string(),
        Value::TinyInt(value) => value.to_string(),
        Value::SmallInt(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::BigInt(value) => value.to_string(),
        Value::HugeInt(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Text(value) => value.clone(),
        other => format!("{other:?}"),
    }
}

/// Every file below `from` but what a run leaves behind.
pub fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if [".local", ".fastflowtransform", "site", "__pycache__"].iter().any(|left| name == *left) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Each file below `folder` with its bytes, but what a run may write.
pub fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let kept = |entry: &walkdir::DirEntry| {
        let left = [".local", ".fastflowtransform", "site"];
        entry.depth() != 1 || !left.iter().any(|name| entry.file_name() == *name)
    };
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_entry(kept) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            found.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    found
}

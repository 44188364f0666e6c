//! A throwaway server, by `.ci/postgres`: it ends when its standard input is closed, and so with the test process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/postgres");

/// Set where a server that can't be started is a failure and not a reason to leave tests out.
const REQUIRED: &str = "FFT_TEST_POSTGRES";

pub struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Names the database `postgres`.
    dsn: String,
}

impl Server {
    /// A server of its own for one test; `options` as on its command line. `None`, with a word on standard error, where
    /// no server is installed.
    pub fn start(options: &str) -> Option<Server> {
        let mut command = Command::new(SCRIPT);
        command.arg("hold").env("POSTGRES_OPTIONS", options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{SCRIPT}: {error}"));
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        if line.is_empty() {
            assert!(std::env::var_os(REQUIRED).is_none(), "no Postgres server could be started, and {REQUIRED} is set");
            // Past the test harness, which keeps what a passing test prints to itself.
            let mut errors = std::io::stderr();
            writeln!(errors, "LEFT OUT: a test that needs a Postgres server").unwrap();
            drop(child.wait());
            return None;
        }
        Some(Server { child, input, output, dsn: line.trim().to_string() })
    }

    /// The DSN of a database of this server.
    pub fn dsn(&self, database: &str) -> String {
        self.dsn.replace("///postgres?", &format!("///{database}?"))
    }

    /// `down`, `up` or `restart`: done when this returns.
    pub fn tell(&mut self, word: &str) {
        writeln!(self.input.as_mut().unwrap(), "{word}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "done\n", "{word}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.child.wait());
    }
}

/// The server that the tests of this process share, each in a database of its own.
pub fn shared() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| Server::start("")).as_ref()
}

/// The DSN of a new, empty database on the shared server.
pub fn database() -> Option<String> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let server = shared()?;
    let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    execute(&server.dsn("postgres"), &format!("create database {name}"));
    Some(server.dsn(&name))
}

/// Runs statements past fft.
pub fn execute(dsn: &str, sql: &str) {
    let mut client = connect(dsn);
    client.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

pub fn connect(dsn: &str) -> postgres::Client {
    postgres::Client::connect(dsn, postgres::NoTls).unwrap_or_else(|error| panic!("{dsn}: {error}"))
}

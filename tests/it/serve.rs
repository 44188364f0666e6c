//! `fft docs serve` by raw sockets: only the site's files, only to who names this machine, in step with the records.

use crate::project::{Sandbox, Started};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::time::Duration;

/// A silent server fails a test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What no answer may hold.
const SECRET: &str = "what lies outside the site";

/// A project that has run.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as a\n");
    sandbox.fft("run").expect(0);
    sandbox
}

pub struct Server {
    started: Started,
    address: SocketAddr,
}

pub struct Answer {
    status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.lines().filter_map(|line| line.split_once(": "));
        found.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }
}

impl Server {
    /// Starts it and waits for its URL.
    pub fn start(sandbox: &Sandbox, arguments: &str) -> Server {
        let mut started = sandbox.start(&format!("docs serve {arguments}"));
        let mut line = String::new();
        BufReader::new(started.child().stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.trim_end().strip_suffix('/')?.parse().ok());
        match address {
            Some(address) => Server { started, address },
            None => panic!("no URL is told: {line}{}", started.end().stderr),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Sends a request as it stands; the connection is open until the answer is read.
    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn raw(&self, request: &str) -> Answer {
        read(self.send(request))
    }

    fn request(&self, method: &str, target: &str, headers: &str) -> Answer {
        self.raw(&format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"))
    }

    pub fn get(&self, target: &str) -> Answer {
        self.request("GET", target, "")
    }

    fn version(&self, since: &str) -> Answer {
        self.get(&format!("/__fft/wait.js?since={since}")).is(200)
    }

    /// What pages are told, once `holds` is true of it: the version, and what came with it.
    pub fn told(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let mut since = String::new();
        for _ in 0..200 {
            let (version, state) = news(&self.version(&since));
            if holds(&state) {
                return state;
            }
            since = version;
        }
        panic!("that is never told");
    }

    /// What a run now would do, once `holds` is true of it.
    pub fn planned(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let plan = || {
            let answer = self.get("/__fft/plan.js").is(200);
            let json = answer.body.trim().strip_prefix("fftPlanned(").unwrap().strip_suffix(");").unwrap();
            serde_json::from_str::<Value>(json).unwrap()
        };
        self.told(|_| holds(&plan()));
        plan()
    }
}

/// The version of an answer to who waits, and what came with it.
fn news(answer: &Answer) -> (String, Value) {
    let told = answer.body.trim().strip_prefix("fftServed(").unwrap().strip_suffix(");").unwrap();
    let (version, state) = told.split_once(',').unwrap();
    (version.to_string(), serde_json::from_str(state).unwrap())
}

fn read(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.into(), body: body.into() }
}

#[test]
fn the_site_is_served_with_types_conditions_and_heads() {
    let sandbox = project();
    sandbox.write("site/dag/own/text.txt", "ä");
    let server = Server::start(&sandbox, "--port 0");
    let page = server.get("/").is(200);
    assert!(page.body.contains("one.ff"), "{}", page.body);
    assert_eq!(page.body, server.get("/index.html").is(200).body);
    assert_eq!(page.body, server.get("/?a=b").is(200).body);
    // Nothing but the script that follows the project, and its style, is added to what the file holds.
    let elements =
        "<link rel=\"stylesheet\" href=\"/__fft/live.css\">\n<script defer src=\"/__fft/live.js\"></script>\n";
    assert_eq!(page.body.matches(elements).count(), 1);
    assert_eq!(page.body.replace(elements, ""), sandbox.read("site/dag/index.html"));
    let behind = |start: &str| page.body.split(start).nth(1).unwrap().split('"').next().unwrap();
    let (style, icon) = (behind("rel=\"stylesheet\" href=\""), behind("type=\"image/svg+xml\" href=\""));
    let expected = [
        ("/", "text/html; charset=utf-8"),
        (&format!("/{style}"), "text/css; charset=utf-8"),
        (&format!("/{icon}"), "image/svg+xml"),
        ("/data/index.js", "text/javascript; charset=utf-8"),
        ("/audit.json", "application/json"),
        ("/audit.csv", "text/csv; charset=utf-8"),
        ("/own/text.txt", "text/plain; charset=utf-8"),
        ("/__fft/live.css", "text/css; charset=utf-8"),
        ("/__fft/live.js", "text/javascript; charset=utf-8"),
        ("/__fft/plan.js", "text/javascript; charset=utf-8"),
    ];
    for (target, kind) in expected {
        let kind_of = |answer: &Answer| {
            answer.header("content-type").map(|kind| kind.replace("application/javascript", "text/javascript"))
        };
        let answer = server.get(target).is(200);
        assert_eq!(kind_of(&answer).as_deref(), Some(kind), "{target}");
        let head = server.request("HEAD", target, "").is(200);
        assert_eq!(
            (head.body.as_str(), head.header("content-length")),
            ("", answer.header("content-length")),
            "{target}"
        );
    }
    let etag = page.header("etag").expect("a page has an ETag");
    let same = server.request("GET", "/", &format!("If-None-Match: \"x\", {etag}\r\n")).is(304);
    assert_eq!((same.body.as_str(), same.header("etag")), ("", Some(etag)));
    server.request("GET", "/", "If-None-Match: \"x\"\r\n").is(200);
    assert_eq!(server.get("/own").is(307).header("location"), Some("/own/"));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        assert_eq!(server.request(method, "/", "Content-Length: 0\r\n").is(405).header("allow"), Some("GET,HEAD"));
    }
    server.get("/nothing").is(404);
}

#[test]
fn no_path_leads_out_of_the_site() {
    let sandbox = project();
    sandbox.write("outside.txt", SECRET);
    sandbox.write("site/beside.txt", SECRET);
    sandbox.write("site/dag/.hidden", SECRET);
    sandbox.write("site/dag/.git/config", SECRET);
    sandbox.write("site/dag/own/real.txt", "inside");
    let server = Server::start(&sandbox, "--port 0");
    symlink(sandbox.path("outside.txt"), sandbox.path("site/dag/link.txt")).unwrap();
    symlink(sandbox.root(), sandbox.path("site/dag/up")).unwrap();
    symlink("../../../outside.txt", sandbox.path("site/dag/own/relative.txt")).unwrap();
    symlink(sandbox.path("site/dag/.hidden"), sandbox.path("site/dag/seen.txt")).unwrap();
    symlink("real.txt", sandbox.path("site/dag/own/alias.txt")).unwrap();
    assert!(sandbox.command("mkfifo").arg("site/dag/pipe").status().unwrap().success());
    let absolute = sandbox.path("outside.txt").to_string_lossy().into_owned();
    let encoded = absolute.replace('/', "%2f");
    let targets = [
        "/../beside.txt",
        "/../../outside.txt",
        "/own/../../beside.txt",
        "/%2e%2e/beside.txt",
        "/%2e%2e%2fbeside.txt",
        "/..%2fbeside.txt",
        "/.%2e/beside.txt",
        "/..%5cbeside.txt",
        "/..\\beside.txt",
        "/%252e%252e/beside.txt",
        "/%c0%ae%c0%ae/beside.txt",
        "/own/%00/../../beside.txt",
        "/index.html%00",
        "/index.html%00.txt",
        "/%ff",
        "/link.txt",
        "/up/outside.txt",
        "/up/",
        "/up",
        "/own/relative.txt",
        "/.hidden",
        "/.git/config",
        "/.fft-site",
        "/%2efft-site",
        "/seen.txt",
        "/pipe",
        "//",
        "//own",
        "//etc/passwd",
        "/own//real.txt",
        "/index.html/",
        "/index.html/x",
        &format!("/{absolute}"),
        &format!("/{encoded}"),
        &absolute,
        "/file:///etc/passwd",
        "/C:/x",
        "/own/",
    ];
    for target in targets {
        let answer = server.get(target);
        assert!(matches!(answer.status, 400 | 404), "{target}: {}", answer.head);
        assert!(!answer.body.contains(SECRET) && !answer.body.contains("root:"), "{target}");
    }
    assert_eq!(server.get("/own/alias.txt").is(200).body, "inside");
    assert_eq!(server.get("/own/%72eal.txt").is(200).body, "inside");
}

/// A page of another site whose name leads here must not read what is served.
/// A name that no file can have, a link that leads back to itself: nothing is there, and no run minds.
#[test]
fn what_leads_nowhere_is_not_there() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0");
    std::os::unix::fs::symlink("loop.html", sandbox.path("site/dag/loop.html")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("site/dag/dangling.html")).unwrap();
    server.get(&format!("/{}", "a".repeat(20_000))).is(404);
    server.get("/loop.html").is(404);
    server.get("/dangling.html").is(404);
    sandbox.fft("run").expect(0);
}

/// Who never ends the head of a request is let go, and others are answered meanwhile.
#[test]
fn a_request_that_never_comes_is_given_up() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0");
    let mut half: Vec<TcpStream> = (0..40).map(|_| server.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-A:")).collect();
    server.get("/").is(200);
    for stream in &mut half {
        let mut rest = Vec::new();
        // The end of the stream, told or not by an answer before it.
        drop(std::io::Read::read_to_end(stream, &mut rest));
    }
    server.get("/").is(200);
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0");
    let host = |host: &str| server.raw(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    let port = server.address.port();
    for name in
        [&format!("127.0.0.1:{port}"), "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:80", "a.localhost", "192.0.2.1"]
    {
        host(name).is(200);
    }
    for name in [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1].evil.example",
        "",
    ] {
        let answer = host(name);
        assert!(matches!(answer.status, 400 | 421), "{name}: {}", answer.head);
        assert!(!answer.body.contains("one.ff"), "{name}");
    }
    server.raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").is(421);
    server.raw("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n").is(421);
    server.raw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").is(421);
    server.raw("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").is(200);
    assert!(server.address.ip().is_loopback());
    let named = Server::start(&sandbox, "--port 0 --host localhost");
    assert!(named.address.ip().is_loopback());
}

#[test]
fn every_answer_keeps_other_sites_out() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0");
    let refused = server.raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    let answers = [
        server.get("/"),
        server.get("/data/index.js"),
        server.get("/nothing"),
        server.get("/__fft/live.js"),
        server.get("/__fft/plan.js"),
        refused,
    ];
    for answer in answers {
        for (name, value) in [
            ("content-security-policy", "frame-ancestors 'none'"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{}", answer.head);
        }
        assert!(answer.header("cache-control").is_some_and(|value| ["no-cache", "no-store"].contains(&value)));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn a_taken_port_is_told_or_passed_over() {
    let sandbox = project();
    let first = Server::start(&sandbox, "");
    let second = Server::start(&sandbox, "");
    assert_ne!(first.address, second.address);
    let taken = first.address.port();
    sandbox.fft(&format!("docs serve --port {taken}")).expect(4).says(&format!("port {taken} of 127.0.0.1 is taken"));
    sandbox.fft("docs serve --host no-such-host.invalid --port 0").expect(4).says("no-such-host.invalid");
}

#[test]
fn an_open_page_learns_of_a_run() {
    let sandbox = project();
    let server = Server::start(&sandbox, "--port 0 --no-plan");
    let known = news(&server.version(""));
    assert_eq!(news(&server.version("")), known, "nothing happened");
    let wait = |since: &str| {
        server
            .send(&format!("GET /__fft/wait.js?since={since} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    };
    let waiting = wait(&known.0);
    sandbox.write("models/two.ff.sql", "select 2 as b\n");
    // Its artifacts alone are written: the server makes the site of them.
    sandbox.fft("run --no-docs").expect(0);
    // The run under way may be told before it has ended.
    assert_ne!(news(&read(waiting).is(200)).0, known.0);
    let second = server.told(|state| state["site"] != known.1["site"]);
    assert!(server.get("/").is(200).body.contains("two.ff"));
    assert_eq!(second["runs"]["last"]["words"], "1 rebuilt");
    // A run that writes the site itself is noticed as well.
    sandbox.write("models/three.ff.sql", "select 3 as c\n");
    sandbox.fft("run").expect(0);
    server.told(|state| state["site"] != second["site"]);
    assert!(server.get("/").is(200).body.contains("three.ff"));
}

#[test]
fn ctrl_c_ends_it_and_what_waits() {
    let sandbox = project();
    let mut server = Server::start(&sandbox, "--port 0 --no-plan");
    let known = server.version("").body;
    let since = news(&server.version("")).0;
    let waiting = server.send(&format!("GET /__fft/wait.js?since={since} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    // One that came later is answered: the server has that question before it is told to end.
    server.version("");
    // A client that never ends its request doesn't hold the end up.
    let _silent = server.send("GET / HTTP/1.1\r\n");
    server.started.signal(Signal::SIGINT);
    assert_eq!(read(waiting).is(200).body, known);
    server.started.end().expect(0);
}

#[test]
fn a_missing_site_is_built_and_an_old_one_brought_up_to_date() {
    let sandbox = project();
    fs::remove_dir_all(sandbox.path("site")).unwrap();
    let server = Server::start(&sandbox, "--port 0");
    assert!(server.get("/nodes/one.ff.html").is(200).body.contains("one.ff"));
    drop(server);
    sandbox.write("models/two.ff.sql", "select 2 as b\n");
    sandbox.fft("run --no-docs").expect(0);
    assert!(!sandbox.path("site/dag/nodes/two.ff.html").exists());
    let server = Server::start(&sandbox, "--port 0");
    server.get("/nodes/two.ff.html").is(200);
}

#[test]
fn a_project_is_shown_before_its_first_run_and_followed_from_there() {
    let sandbox = Sandbox::new();
    sandbox.write("models/one.ff.sql", "select 1 as a\n");
    let server = Server::start(&sandbox, "--port 0 --no-plan");
    assert!(server.get("/").is(200).body.contains("No run is recorded yet."));
    assert!(server.get("/nodes/one.ff.html").is(200).body.contains("one.ff"));
    sandbox.fft("run --no-docs").expect(0);
    server.told(|state| state["runs"]["last"]["words"] == "1 rebuilt");
    assert!(server.get("/").is(200).body.contains("First build"));
}

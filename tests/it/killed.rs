//! Processes that are killed at each statement by which an incremental table is extended on Postgres: what stands is what it
//! was, with what is recorded of that, or what it is to be; and the next run ends with the right rows.

use crate::postgres::{query, sandbox, server};
use crate::project::Sandbox;
use nix::sys::signal::Signal;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// What the first statement of an extension names.
const FIRST: &[u8] = b"_ff_delta";

/// Lets statements through until one of an extension: that one ends the process that sent it.
struct Gate {
    /// Statements of the extension that go through before.
    left: usize,
    /// The process ends once the statement has reached the server, and hears of nothing.
    behind: bool,
    begun: bool,
    /// Told when the process is to end; answered when it has.
    kill: Sender<()>,
    killed: Receiver<()>,
}

/// Holds or lets through one message of a client; whether the connection goes on.
fn pass(gate: &Mutex<Gate>, message: &[u8], server: &mut UnixStream) -> bool {
    let mut gate = gate.lock().unwrap();
    // A simple query, or the execution of a prepared one.
    let is_statement = matches!(message.first(), Some(b'Q' | b'E'));
    let named = message.windows(FIRST.len()).any(|part| part == FIRST);
    gate.begun |= named;
    if !gate.begun || !is_statement {
        drop(gate);
        return server.write_all(message).is_ok();
    }
    if gate.left > 0 {
        gate.left -= 1;
        return server.write_all(message).is_ok();
    }
    if gate.behind {
        server.write_all(message).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    gate.kill.send(()).unwrap();
    let _ = gate.killed.recv();
    false
}

/// Reads the messages of a client, of which the first has no type.
fn messages(gate: &Mutex<Gate>, mut client: UnixStream, mut server: UnixStream) {
    let mut read = |head: usize| -> Option<Vec<u8>> {
        let mut bytes = vec![0; head + 4];
        client.read_exact(&mut bytes).ok()?;
        let length = u32::from_be_bytes(bytes[head..].try_into().unwrap()) as usize;
        bytes.resize(head + length, 0);
        client.read_exact(&mut bytes[head + 4..]).ok()?;
        Some(bytes)
    };
    let mut next = read(0);
    while let Some(message) = next.filter(|message| pass(gate, message, &mut server)) {
        drop(message);
        next = read(1);
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// A socket in `folder` that leads to the one of the server.
fn gate(folder: &Path, server: &Path, gate: Gate) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(server.file_name().unwrap());
    let _ = std::fs::remove_file(&path);
    let (listener, server) = (UnixListener::bind(path).unwrap(), server.to_path_buf());
    let gate = Arc::new(Mutex::new(gate));
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = UnixStream::connect(&server).unwrap();
            let (mut answers, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || drop(std::io::copy(&mut answers, &mut to)));
            let gate = gate.clone();
            std::thread::spawn(move || messages(&gate, client, server));
        }
    });
}

/// Folder and socket of the server that a DSN names.
fn socket(dsn: &str) -> (String, std::path::PathBuf) {
    let (_, parameters) = dsn.split_once('?').unwrap();
    let named = |key: &str| parameters.split('&').find_map(|one| one.strip_prefix(key)?.strip_prefix('='));
    let folder = named("host").unwrap().replace("%2F", "/");
    let file = format!(".s.PGSQL.{}", named("port").unwrap_or("5432"));
    (named("host").unwrap().to_string(), Path::new(&folder).join(file))
}

/// What stands, and what is recorded of it.
fn stands(dsn: &str) -> [Vec<String>; 2] {
    let rows = query(dsn, "select to_jsonb(t) from analytics.kept t order by id");
    [rows, query(dsn, "select fingerprint from analytics._ff_meta where node_name = 'kept.ff'")]
}

#[test]
fn a_process_may_be_killed_at_any_statement_of_an_extension() {
    let Some(template) = server::database() else { return };
    let Some(admin) = server::database() else { return };
    let project = sandbox(&template);
    // Databases that are copies of each other are one and the same here.
    project.write("project.yml", "name: story\nfingerprint:\n  env:\n    ignore: [FF_PG_DSN]\n");
    let model = "{{ config(materialized='incremental', unique_key='id', on_schema_change='sync_all_columns', \
                 indexes=[{'columns': ['id'], 'unique': true}]) }}\n\
                 select * from {{ ref('events') }}\n";
    project.write("models/kept.ff.sql", model);
    project.write("seeds/events.csv", "id,v\n1,1\n2,2\n");
    project.fft("run --no-docs").expect(0);
    project.write("seeds/events.csv", "id,v,more\n2,3,x\n3,4,y\n");
    project.fft("run --no-docs --select events").expect(0);
    let name = template.split_once("///").unwrap().1.split_once('?').unwrap().0.to_string();
    let (host, server) = socket(&template);
    let before = stands(&template);
    let fresh = |number: &str| {
        let copy = format!("{name}_{number}");
        query(&admin, &format!("create database {copy} template {name}"));
        let dsn = template.replace(&format!("///{name}?"), &format!("///{copy}?"));
        // What is recorded is of relations of a database by its name.
        query(&dsn, "update analytics._ff_meta set catalog_name = current_database()");
        dsn
    };
    let sandbox_of = |dsn: &str| {
        let copy = Sandbox::empty();
        for file in ["project.yml", "profiles.yml", "models/kept.ff.sql", "seeds/events.csv"] {
            copy.write(file, &project.read(file));
        }
        copy.write(".env", &format!("FF_PG_DSN={dsn}\n"));
        copy
    };
    let whole = fresh("whole");
    sandbox_of(&whole).fft("run --no-docs").expect(0).says("EXTEND");
    let after = stands(&whole);
    assert_ne!(before, after);
    let (mut killed, mut ended) = (0, false);
    for at in 0.. {
        for behind in [false, true] {
            let dsn = fresh(&format!("{at}_{behind}"));
            let copy = sandbox_of(&dsn);
            let folder = copy.path("gate");
            let (kill, told) = channel();
            let (answer, done) = channel();
            gate(&folder, &server, Gate { left: at, behind, begun: false, kill, killed: done });
            let folder = folder.display().to_string();
            copy.write(".env", &format!("FF_PG_DSN={}\n", dsn.replace(&host, &folder)));
            let mut run = copy.start("run --no-docs");
            let case = format!("statement {at}, behind: {behind}");
            ended = loop {
                if told.recv_timeout(std::time::Duration::from_millis(10)).is_ok() {
                    run.signal(Signal::SIGKILL);
                    assert_eq!(run.end().code, None, "{case}: killed, not ended");
                    break false;
                }
                if run.child().try_wait().unwrap().is_some() {
                    run.end().expect(0);
                    break true;
                }
            };
            drop(answer);
            let found = stands(&dsn);
            assert!(found == before || found == after, "{case}: {found:?}");
            copy.write(".env", &format!("FF_PG_DSN={dsn}\n"));
            copy.fft("run --no-docs").expect(0);
            assert_eq!(stands(&dsn), after, "{case}");
            let left = "select relname from pg_class where relname like '%ff\\_%' and relname not like '\\_ff\\_meta%'";
            assert_eq!(query(&dsn, left), [""; 0], "{case}");
            killed += usize::from(!ended);
        }
        if ended {
            break;
        }
    }
    // It is made, looked at, brought in, and recorded.
    assert!(killed >= 20, "{killed}");
}

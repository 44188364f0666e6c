//! A real HTTP server on 127.0.0.1 for tests: answers from a script, remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request as it arrived: its head (request line and headers) and its body.
#[derive(Clone, Debug)]
pub(in crate::http) struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

/// Serves until the test process ends.
pub(in crate::http) struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// `answer` takes how many requests came before and the request, and gives the whole response but for its length.
    pub fn start(answer: impl Fn(usize, &Seen) -> (String, Vec<u8>) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (seen.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Server { port, seen }
    }

    /// Answers every request with 200 and `body`.
    pub fn with_body(body: &'static str) -> Server {
        Server::start(move |_, _| ("200 OK\r\nContent-Type: text/plain".into(), body.into()))
    }

    /// Answers with the given heads in turn (status and header lines), the last one again and again.
    pub fn in_turn(heads: &[&str]) -> Server {
        let heads: Vec<String> = heads.iter().map(|head| head.to_string()).collect();
        Server::start(move |count, _| (heads[count.min(heads.len() - 1)].clone(), b"body".to_vec()))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen().len()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Seen>>, answer: impl Fn(usize, &Seen) -> (String, Vec<u8>)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(read) if read > 0 => {}
            _ => return,
        }
    }
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let seen = Seen { head, body };
    let count = {
        let mut log = log.lock().unwrap();
        log.push(seen.clone());
        log.len() - 1
    };
    let (head, body) = answer(count, &seen);
    let front = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(front.as_bytes());
    if !seen.head.starts_with("HEAD ") {
        let _ = stream.write_all(&body);
    }
}

/// A port of 127.0.0.1 that refuses connections for as long as this lives: a connected socket holds it.
pub(in crate::http) struct DeadPort {
    pub port: u16,
    _holder: (TcpListener, TcpStream),
}

impl DeadPort {
    pub fn new() -> DeadPort {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        DeadPort { port: holder.local_addr().unwrap().port(), _holder: (listener, holder) }
    }
}

//! A real HTTP server on 127.0.0.1: answers from a script, and tells what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Serves until the test's process ends.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answer` takes a request's head and gives a status line and a JSON body.
    pub fn start(answer: impl Fn(&str) -> (&'static str, String) + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &log, &answer);
            }
        });
        Server { port, seen }
    }

    /// The heads of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<String>>, answer: impl Fn(&str) -> (&'static str, String)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).is_ok_and(|read| read == 0) {
            return;
        }
    }
    let (status, body) = answer(&head);
    log.lock().unwrap().push(head);
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close", body.len());
    // Who hangs up has what it wanted.
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{headers}\r\n\r\n{body}");
}

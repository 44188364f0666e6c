//! A server for tests that answers from a script, for what a real one can't be made to do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};

/// What becomes of a request.
pub enum Reply {
    /// Status, header lines and body.
    Answer(String, Vec<u8>),
    /// The connection is cut.
    Cut,
    /// The same as an answer, once it is told to go on.
    Held(String, Vec<u8>, Receiver<()>),
}

impl Reply {
    pub fn head(head: &str) -> Reply {
        Reply::Answer(head.into(), Vec::new())
    }

    pub fn json(value: &serde_json::Value) -> Reply {
        Reply::Answer("200 OK\r\nContent-Type: application/json".into(), value.to_string().into_bytes())
    }

    pub fn held(head: &str) -> (Sender<()>, Reply) {
        let (go, wait) = channel();
        (go, Reply::Held(head.into(), Vec::new(), wait))
    }

    pub fn held_json(value: &serde_json::Value) -> (Sender<()>, Reply) {
        let (go, wait) = channel();
        (go, Reply::Held("200 OK".into(), value.to_string().into_bytes(), wait))
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub fn is_authorized(&self) -> bool {
        self.head.to_lowercase().contains("\nauthorization:")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

type Seens = Arc<(Mutex<Vec<Seen>>, Condvar)>;

/// Serves until the test process ends.
pub struct Stub {
    port: u16,
    seen: Seens,
}

impl Stub {
    /// `reply` takes how many requests came before and the request.
    pub fn start(reply: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seens::default();
        let (log, reply) = (seen.clone(), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, reply) = (log.clone(), reply.clone());
                std::thread::spawn(move || serve(stream, &log, &*reply));
            }
        });
        Stub { port, seen }
    }

    /// Gives the replies in turn, the last answer again and again.
    pub fn in_turn(replies: Vec<Reply>) -> Stub {
        let replies = Mutex::new((replies.into_iter(), None));
        Stub::start(move |_, _| {
            let mut replies = replies.lock().unwrap();
            let next = replies.0.next();
            if let Some(Reply::Answer(head, body)) = &next {
                replies.1 = Some((head.clone(), body.clone()));
            }
            next.or_else(|| replies.1.clone().map(|(head, body)| Reply::Answer(head, body))).unwrap_or(Reply::Cut)
        })
    }

    /// Gives the replies to each kind of request in turn, the last answer again and again. `asks` tells the kind;
    /// `otherwise` answers one for which there are no replies.
    pub fn by_kind(
        asks: fn(&Seen) -> &'static str,
        answers: Vec<(&'static str, Vec<Reply>)>,
        otherwise: impl Fn(&'static str) -> Reply + Send + Sync + 'static,
    ) -> Stub {
        let answers = answers.into_iter().map(|(ask, replies)| (ask, replies.into_iter(), None));
        let answers = Mutex::new(answers.collect::<Vec<_>>());
        Stub::start(move |_, seen| {
            let (ask, mut answers) = (asks(seen), answers.lock().unwrap());
            let Some((_, replies, last)) = answers.iter_mut().find(|(of, ..)| *of == ask) else {
                return otherwise(ask);
            };
            match replies.next() {
                Some(Reply::Answer(head, body)) => {
                    *last = Some((head.clone(), body.clone()));
                    Reply::Answer(head, body)
                }
                Some(other) => other,
                None => last.clone().map_or(Reply::Cut, |(head, body)| Reply::Answer(head, body)),
            }
        })
    }

    /// Passes each request on to the server at that address, and its answer back.
    pub fn in_front_of(server: &str) -> Stub {
        let address = server.trim_start_matches("http://").trim_end_matches('/').to_string();
        Stub::start(move |_, seen| {
            let mut stream = TcpStream::connect(&address).unwrap();
            let kept = |line: &&str| !line.is_empty() && !is_of_the_connection(line);
            let head: Vec<&str> = seen.head.lines().filter(kept).collect();
            let length = seen.body.len();
            let front = format!("{}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n", head.join("\r\n"));
            stream.write_all(&[front.as_bytes(), &seen.body].concat()).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
            let head = String::from_utf8_lossy(&answer[..end]).into_owned();
            let head: Vec<&str> = head.lines().filter(kept).collect();
            Reply::Answer(head.join("\r\n").split_once(' ').unwrap().1.to_string(), answer[end + 4..].to_vec())
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.0.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen().len()
    }

    /// Waits until so many requests have come.
    pub fn asked(&self, count: usize) {
        let seen = self.seen.0.lock().unwrap();
        drop(self.seen.1.wait_while(seen, |seen| seen.len() < count).unwrap());
    }
}

/// Whether a line of a head is about how it is sent, which the next connection says anew.
fn is_of_the_connection(line: &str) -> bool {
    let line = line.to_lowercase();
    ["connection:", "content-length:"].iter().any(|name| line.starts_with(name))
}

fn serve(mut stream: TcpStream, (log, changed): &(Mutex<Vec<Seen>>, Condvar), reply: impl Fn(usize, &Seen) -> Reply) {
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
        changed.notify_all();
        log.len() - 1
    };
    let (head, body) = match reply(count, &seen) {
        Reply::Answer(head, body) => (head, body),
        Reply::Cut => return,
        Reply::Held(head, body, wait) => {
            let _ = wait.recv();
            (head, body)
        }
    };
    let front = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(front.as_bytes());
    let _ = stream.write_all(&body);
}

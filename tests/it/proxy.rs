//! A way to a server on which what clients send is kept.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was sent, a connection each.
type Sent = Arc<Mutex<Vec<Arc<Mutex<Vec<u8>>>>>>;

pub struct Proxy {
    pub port: u16,
    sent: Sent,
}

impl Proxy {
    /// Goes on until the test's process ends.
    pub fn to(server: &str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, sent, server) = (listener.local_addr().unwrap().port(), Sent::default(), server.to_string());
        let log = sent.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                let bytes = Arc::default();
                log.lock().unwrap().push(Arc::clone(&bytes));
                pass(client.try_clone().unwrap(), server.try_clone().unwrap(), Some(bytes));
                pass(server, client, None);
            }
        });
        Proxy { port, sent }
    }

    /// Forgets what was sent.
    pub fn forget(&self) {
        self.sent.lock().unwrap().clear();
    }

    /// What was sent, a connection each in the order in which they were opened.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().iter().map(|bytes| bytes.lock().unwrap().clone()).collect()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, log: Option<Arc<Mutex<Vec<u8>>>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(read) = from.read(&mut buffer) {
            if read == 0 || to.write_all(&buffer[..read]).is_err() {
                break;
            }
            if let Some(log) = &log {
                log.lock().unwrap().extend(&buffer[..read]);
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

//! Where the server listens, and what a browser calls that.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

/// Ports that are tried one after the other where none was asked for.
const TRIED: u16 = 20;

/// The port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// This one or none; 0 is any free one.
    Exactly(u16),
    /// This one, or the next one that is free.
    From(u16),
}

/// Listens at the first address of `host`.
pub fn bind(host: &str, port: Port) -> io::Result<TcpListener> {
    let (first, tried) = match port {
        Port::Exactly(port) => (port, 1),
        Port::From(port) => (port, TRIED),
    };
    let mut last = io::Error::from(ErrorKind::AddrInUse);
    for port in (first..=u16::MAX).take(tried.into()) {
        match TcpListener::bind(address(host, port)?) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// `[::1]` is taken like `::1`. IPv4 comes first where a name has both: `localhost` is typed as 127.0.0.1.
fn address(host: &str, port: u16) -> io::Result<SocketAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let mut found: Vec<SocketAddr> = (bare, port).to_socket_addrs()?.collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    found.into_iter().next().ok_or_else(|| io::Error::new(ErrorKind::NotFound, format!("`{host}` has no address")))
}

/// What to open in a browser on this machine: an address that means all of the machine's is reached at the loopback
/// one.
pub fn url(address: SocketAddr) -> String {
    let port = address.port();
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("http://127.0.0.1:{port}/"),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("http://[::1]:{port}/"),
        other => format!("http://{other}/"),
    }
}

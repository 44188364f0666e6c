//! Ending a running statement: a request over a connection of its own.

use crate::engine::Interrupt;
use ::postgres::CancelToken;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a request is given before the next one.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Handle {
    token: CancelToken,
    tls: MakeRustlsConnect,
    /// A request is on its way.
    asking: Arc<AtomicBool>,
}

impl Handle {
    pub fn new(token: CancelToken, tls: MakeRustlsConnect) -> Handle {
        Handle { token, tls, asking: Arc::default() }
    }
}

impl Interrupt for Handle {
    // On a thread of its own: a server that can't be reached must not hold up the one that asks.
    fn interrupt(&self) {
        if self.asking.swap(true, Ordering::SeqCst) {
            return;
        }
        let (token, tls, asking) = (self.token.clone(), self.tls.clone(), self.asking.clone());
        let ask = move || {
            // A request that fails is asked again, as long as the statement runs.
            drop(token.cancel_query(tls));
            std::thread::sleep(PAUSE);
            asking.store(false, Ordering::SeqCst);
        };
        if std::thread::Builder::new().spawn(ask).is_err() {
            self.asking.store(false, Ordering::SeqCst);
        }
    }
}

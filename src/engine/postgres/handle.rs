//! A connection as the parts of this engine share it.

use super::left::Left;
use crate::engine::{EngineError, Home};
use ::postgres::{Client, Statement as Prepared};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) struct PostgresConnection {
    pub client: Client,
    pub home: Arc<Home>,
    pub left: Left,
    pub tls: MakeRustlsConnect,
    /// Statements that are sent again and again.
    prepared: BTreeMap<String, Prepared>,
}

impl PostgresConnection {
    pub fn new(client: Client, tls: MakeRustlsConnect, home: Arc<Home>, left: Left) -> PostgresConnection {
        PostgresConnection { client, home, left, tls, prepared: BTreeMap::new() }
    }

    /// A statement of fft's own, prepared once.
    pub fn prepared(&mut self, text: &str) -> Result<Prepared, EngineError> {
        if let Some(known) = self.prepared.get(text) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(text)?;
        self.prepared.insert(text.into(), statement.clone());
        Ok(statement)
    }
}

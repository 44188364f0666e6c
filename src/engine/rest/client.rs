//! Requests with an access token.

use super::sender::{Ask, Sender};
use super::stop::Stop;
use super::token::Tokens;
use crate::engine::EngineError;
use crate::http::Answer;

/// Who fft is to a server.
pub enum Credentials {
    /// A token that doesn't end while fft runs.
    Fixed(String),
    Issued(Tokens),
}

/// Asks one server.
pub struct Client {
    sender: Sender,
    credentials: Credentials,
    /// Statuses of an answer to a token that may be one no longer.
    refusals: &'static [u16],
}

impl Client {
    pub fn new(credentials: Credentials) -> Client {
        Client { sender: Sender::new(), credentials, refusals: &[401, 403] }
    }

    /// The same where only these statuses say that a token is none.
    pub fn refusing_with(self, refusals: &'static [u16]) -> Client {
        Client { refusals, ..self }
    }

    /// The answer to a request that carries the access token.
    pub fn call(&self, ask: &Ask, stop: &Stop) -> Result<Answer, EngineError> {
        let tokens = match &self.credentials {
            Credentials::Fixed(token) => return self.sender.send(&bearing(ask, token), stop),
            Credentials::Issued(tokens) => tokens,
        };
        let token = tokens.get(None, &self.sender, stop)?;
        let answer = self.sender.send(&bearing(ask, &token), stop)?;
        // It may have ended before its time; and who isn't let in hasn't been heard.
        if !self.refusals.contains(&answer.status) {
            return Ok(answer);
        }
        let token = tokens.get(Some(&token), &self.sender, stop)?;
        self.sender.send(&bearing(ask, &token), stop)
    }

    /// The answer to a request that carries none: to another server, or with a secret of its own.
    pub fn call_without(&self, ask: &Ask, stop: &Stop) -> Result<Answer, EngineError> {
        self.sender.send(ask, stop)
    }
}

fn bearing(ask: &Ask, token: &str) -> Ask {
    ask.clone().with_header("authorization", format!("Bearer {token}"))
}

//! What the engines share that are spoken to over HTTP.
//!
//! | file | what it holds |
//! |---|---|
//! | `sender` | requests that are sent again where that is safe, and whose waiting ends when it is to |
//! | `token` | access tokens, kept and renewed |
//! | `client` | requests with an access token |
//! | `stop` | the end of what a connection does, asked for by another thread |
//! | `pace` | how long to wait before a statement is asked after again |
//! | `rows` | rows that come as JSON, as Arrow batches |
//!
//! No error holds a URL, a header or a body: any of them may be secret.

mod client;
mod pace;
mod rows;
mod sender;
mod stop;
#[cfg(test)]
pub(super) mod stub;
mod token;

pub(super) use crate::http::Answer;
pub(super) use client::{Client, Credentials};
pub(super) use pace::Pace;
pub(super) use rows::batch;
pub(super) use sender::{Again, Ask, Late, Sender};
pub(super) use stop::Stop;
pub(super) use token::{Issued, Tokens};

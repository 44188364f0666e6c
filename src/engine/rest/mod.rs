//! What the engines share that are spoken to over HTTP.
//!
//! | file | what it holds |
//! |---|---|
//! | `sender` | requests that are sent again where that is safe, and whose waiting ends when it is to |
//! | `token` | access tokens, kept and renewed |
//! | `key` | private keys, which sign who fft is |
//! | `client` | requests with an access token |
//! | `stop` | the end of what a connection does, asked for by another thread |
//! | `served` | what a server runs for fft, to its end |
//! | `pace` | how long to wait before that is asked after again |
//! | `rows`, `gather` | rows that come as JSON, as Arrow batches; small batches as larger ones |
//! | `packed` | rows on their way to a server, as Parquet |
//! | `address` | where a server is |
//!
//! No error holds a URL, a header or a body: any of them may be secret.

mod address;
mod client;
mod gather;
pub(super) mod key;
mod pace;
mod packed;
mod rows;
mod sender;
mod served;
mod stop;
#[cfg(test)]
pub(super) mod stub;
mod token;

pub(super) use crate::http::Answer;
pub(super) use address::{address, root};
pub(super) use client::{Client, Credentials};
pub(super) use gather::Gather;
pub(super) use key::Key;
pub(super) use pace::Pace;
pub(super) use packed::{Packed, unwritten};
pub(super) use rows::{Texts, array, batch, parts, texts, unreadable};
pub(super) use sender::{Again, Ask, Late, Sender};
pub(super) use served::{Fares, Served, end, to_its_end};
pub(super) use stop::Stop;
pub(super) use token::{Clocks, Issued, Tokens};

//! An HTTP request that a model makes, and its answer: the caller of a worker carries it out.

use std::collections::BTreeMap;

/// What a model's HTTP functions ask of the worker's host.
#[derive(Clone, Debug, PartialEq)]
pub enum HttpAsk {
    Send(HttpCall),
    /// The answer known by this key is none that the model can use; answered by a sentence.
    Unusable(String),
}

/// A request as the model made it.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCall {
    /// `GET`, `POST`.
    pub method: String,
    pub url: String,
    /// To be added to the URL's query, in order.
    pub params: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// Seconds.
    pub timeout: Option<f64>,
}

/// What came back, of any status.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpReply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Where the answer came from, redirects followed.
    pub url: String,
    /// What the answer is known by.
    pub key: String,
}

/// The reply, or the sentence that the model's error carries.
pub type HttpAnswer = Result<HttpReply, String>;

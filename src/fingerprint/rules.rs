//! What fft itself does between a node's inputs and its rows. It is as much an input as they are: a table that an fft with
//! other rules made isn't what this one would make, though nothing of the project changed.
//!
//! Rules go by a number for each kind of node. Raise it where the same inputs may give other rows, or columns of other
//! types, on any engine. `tests/it/rules.rs` has the sources that the rules are in, and fails when one of them changes.

use super::{Component, Kind};
use crate::graph::Body;

/// The rules of a record without this component.
pub const FIRST: u32 = 1;

/// By which rules each kind of node is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How the bytes of a seed become rows: encoding, delimiter, types, values, and how engines load them.
    pub seeds: u32,
    /// How a Python model is called, and how rows go to it and come from it.
    pub python: u32,
    /// What is written around a query, and the session that it runs in; of DuckDB, which comes with fft, the version too.
    pub sql: u32,
}

impl Rules {
    /// Those of this fft.
    pub const NOW: Rules = Rules { seeds: 4, python: 3, sql: 1 };

    /// The rules that a node is built by. The first ones are no component: they are what a record without one was made
    /// by.
    pub(super) fn component(self, body: &Body) -> Option<Component> {
        let (name, number) = match body {
            Body::Seed(_) => ("seeds", self.seeds),
            Body::Python(_) => ("python", self.python),
            Body::Sql(_) => ("sql", self.sql),
        };
        (number > FIRST).then(|| Component::shown(Kind::Rules, name, &number.to_string()))
    }
}

impl Default for Rules {
    fn default() -> Rules {
        Rules::NOW
    }
}

/// What the rules of a name say, in a sentence that goes on with `changed`.
pub fn described(name: &str) -> String {
    match name {
        "seeds" => "how seeds are read".into(),
        "python" => "how Python models are run".into(),
        "sql" => "how queries are run".into(),
        other => format!("how fft builds {other}"),
    }
}

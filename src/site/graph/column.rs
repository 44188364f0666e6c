//! Values of nodes as shards have them: each once, and a number for each node.

use serde::Serialize;
use std::collections::BTreeMap;

/// Each value once, in the order of its first use.
#[derive(Default)]
struct Dictionary {
    numbers: BTreeMap<String, usize>,
    values: Vec<String>,
}

impl Dictionary {
    fn number(&mut self, value: impl Into<String>) -> usize {
        let value = value.into();
        *self.numbers.entry(value).or_insert_with_key(|value| {
            self.values.push(value.clone());
            self.values.len() - 1
        })
    }
}

/// A column of values that repeat.
#[derive(Serialize)]
pub(super) struct Column {
    values: Vec<String>,
    of: Vec<usize>,
}

impl Column {
    pub(super) fn new(values: impl Iterator<Item = String>) -> Column {
        let mut dictionary = Dictionary::default();
        let of = values.map(|value| dictionary.number(value)).collect();
        Column { values: dictionary.values, of }
    }
}

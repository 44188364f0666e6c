//! Which value of a seed its declared type doesn't hold, as an engine tells it that makes values of texts and refused some.

use super::{Column, Seed, of_file};
use crate::engine::{EngineError, ErrorKind};

/// A seed's rows where an engine has them as texts.
pub(in crate::engine) struct Texts<'a> {
    /// The type of a text.
    pub text_type: &'a str,
    /// The number of a row, from 0.
    pub row: &'a str,
    /// A column's text, and what tries to make a value of it.
    pub tried: &'a dyn Fn(usize, &Column) -> (String, String),
}

impl Seed<'_> {
    /// Why an engine refused rows: the error itself, or that of the first value which a declared type doesn't hold, where
    /// `first` finds one: row and column.
    pub fn explained(&self, error: EngineError, first: impl FnOnce() -> Option<(u64, usize)>) -> EngineError {
        if error.kind != ErrorKind::Statement {
            return error;
        }
        first().map_or_else(|| of_file(self.content, error), |(row, column)| self.unfit(row, column))
    }

    /// The first value that its declared type doesn't hold: row and column. `ask` gives the row of a query that selects
    /// what it is given; it isn't asked where no type is declared.
    pub fn first_unfit(
        &self,
        texts: &Texts<'_>,
        ask: impl FnOnce(&str) -> Option<Vec<Option<String>>>,
    ) -> Option<(u64, usize)> {
        let declared: Vec<usize> = (0..self.columns.len()).filter(|at| self.columns[*at].declared).collect();
        if declared.is_empty() {
            return None;
        }
        let one = |at: &usize| {
            let ((text, value), Texts { text_type, row, .. }) = ((texts.tried)(*at, &self.columns[*at]), texts);
            format!(
                "cast(min(case when {text} is not null and {value} is null then {row} end) as {text_type}) as c{at}"
            )
        };
        let firsts: Vec<String> = declared.iter().map(one).collect();
        let found = ask(&firsts.join(", "))?;
        let found = found.into_iter().zip(declared).filter_map(|(row, column)| Some((row?.parse().ok()?, column)));
        found.min()
    }
}

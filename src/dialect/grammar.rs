//! How an engine's queries are read: what parses them, and which names are the same.
//!
//! Takes an identifier as it is written, gives the form in which two are compared. The standard grammar serves every
//! engine that has none of its own.

use crate::syntax::sql::Lexicon;
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::TokenWithSpan;

/// An engine's way of reading a query, for what follows columns through it.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// Makes the parser's own description of the dialect.
    pub parser: fn() -> Box<dyn sqlparser::dialect::Dialect>,
    /// Takes from a text's tokens what the parser doesn't know and what changes nothing of where columns come from.
    pub adapt: fn(Vec<TokenWithSpan>) -> Vec<TokenWithSpan>,
    pub letter_case: LetterCase,
    /// How literals and comments are read.
    pub lexicon: Lexicon,
    /// Whether the name of an output column may be used in the same `select` behind it, and in `where`.
    pub reuses_aliases: bool,
    /// Whether a subquery behind `from` sees what stands before it without the word `lateral`.
    pub implicit_lateral: bool,
    /// Whether a function behind `from` names its one column like its alias rather than like itself.
    pub column_like_alias: bool,
    /// What the columns of `values` are called, and the number of the first.
    pub values: (&'static str, usize),
}

/// What becomes of an identifier's letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterCase {
    /// It never counts, in quotes neither.
    Ignored,
    /// An identifier without quotes is a lower-case one.
    Lowered,
    /// An identifier without quotes is an upper-case one.
    Raised,
}

impl Grammar {
    /// The grammar of the SQL standard as most engines have it.
    pub const STANDARD: Grammar = Grammar {
        parser: || Box::new(GenericDialect {}),
        adapt: std::convert::identity,
        letter_case: LetterCase::Lowered,
        lexicon: Lexicon::STANDARD,
        reuses_aliases: false,
        implicit_lateral: false,
        column_like_alias: true,
        values: ("column", 1),
    };

    /// The form in which two identifiers are compared.
    pub fn key(&self, identifier: &str, quoted: bool) -> String {
        match (self.letter_case, quoted) {
            (LetterCase::Ignored, _) | (LetterCase::Lowered, false) => identifier.to_lowercase(),
            (LetterCase::Raised, false) => identifier.to_uppercase(),
            (_, true) => identifier.into(),
        }
    }
}

//! How an engine's queries are read: what parses them, and which names are the same.
//!
//! Takes an identifier as it is written, gives the form in which two are compared. The standard grammar serves every
//! engine that has none of its own.

use super::is_plain;
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
    /// The same of names of relations, where it isn't the same.
    pub relation_case: LetterCase,
    /// How literals and comments are read.
    pub lexicon: Lexicon,
    /// How what counts in a text is told from its layout, in fingerprints and in what is sent. An engine's own lexicon where it
    /// had it from the beginning: another one would change the fingerprints of what is built.
    pub layout: Lexicon,
    /// Whether the parser is kept from literals and comments that it would read otherwise than the engine.
    pub masks: bool,
    /// Whether the name of an output column hides a column of that name in `group by`, `having` and `qualify`.
    pub names_override: bool,
    /// Whether a common table expression may read itself without the word `recursive`.
    pub implicit_recursion: bool,
    /// Whether `$1` is the first column of what is read.
    pub positional_columns: bool,
    /// Whether a list of structs behind `from` gives their fields, and a list may be named there without a function.
    pub lists_of_structs: bool,
    /// Functions behind `from` with the columns that they always have.
    pub table_functions: &'static [(&'static str, &'static [&'static str])],
    /// Functions with the place of the argument that names a part of a date, which is no column.
    pub date_parts: &'static [(&'static str, usize)],
    pub pivot: Pivot,
    /// Whether the name of an output column may be used in the same `select` behind it, and in `where`.
    pub reuses_aliases: bool,
    /// Whether a subquery behind `from` sees what stands before it without the word `lateral`.
    pub implicit_lateral: bool,
    /// Whether a function behind `from` names its one column like its alias rather than like itself.
    pub column_like_alias: bool,
    /// What the columns of `values` are called, and the number of the first.
    pub values: (&'static str, usize),
}

/// What the columns are called that `pivot` and `unpivot` make, and where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pivot {
    pub names: PivotNames,
    /// The column of values stands before the one of their names.
    pub value_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PivotNames {
    /// `value`, `value_alias`
    ValueFirst,
    /// `value`, `alias_value`
    AliasFirst,
    /// The value as a literal, with its quotes; those of several aggregates are the engine's matter.
    Literal,
}

/// What becomes of an identifier's letter case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterCase {
    /// It never counts, in quotes neither.
    #[default]
    Ignored,
    /// An identifier without quotes is a lower-case one.
    Lowered,
    /// It always counts.
    Kept,
    /// An identifier without quotes is an upper-case one.
    Raised,
}

impl LetterCase {
    /// The form of a name, as dialects quote it, under which its relation is found.
    pub fn found(self, name: &str) -> String {
        match self {
            LetterCase::Ignored => name.to_lowercase(),
            LetterCase::Lowered | LetterCase::Kept => name.into(),
            // What a dialect writes without quotes is the name in upper case.
            LetterCase::Raised if is_plain(&name.to_ascii_lowercase()) && name == name.to_ascii_uppercase() => {
                name.to_ascii_lowercase()
            }
            LetterCase::Raised => name.into(),
        }
    }
}

impl Grammar {
    /// The grammar of the SQL standard as most engines have it.
    pub const STANDARD: Grammar = Grammar {
        parser: || Box::new(GenericDialect {}),
        adapt: std::convert::identity,
        letter_case: LetterCase::Lowered,
        relation_case: LetterCase::Lowered,
        lexicon: Lexicon::STANDARD,
        layout: Lexicon::STANDARD,
        masks: false,
        names_override: false,
        implicit_recursion: false,
        positional_columns: false,
        lists_of_structs: false,
        table_functions: &[],
        date_parts: &[],
        pivot: Pivot { names: PivotNames::ValueFirst, value_first: false },
        reuses_aliases: false,
        implicit_lateral: false,
        column_like_alias: true,
        values: ("column", 1),
    };

    /// The form in which two identifiers are compared.
    pub fn key(&self, identifier: &str, quoted: bool) -> String {
        self.letter_case.key(identifier, quoted)
    }

    /// The form in which two names of relations are compared.
    pub fn relation_key(&self, identifier: &str, quoted: bool) -> String {
        self.relation_case.key(identifier, quoted)
    }

    /// The same of a column's name as the engine tells it, or as a project has it.
    pub fn known(&self, name: &str) -> String {
        self.letter_case.known(name)
    }

    /// The same of a relation's.
    pub fn known_relation(&self, name: &str) -> String {
        self.relation_case.known(name)
    }
}

impl LetterCase {
    fn key(self, identifier: &str, quoted: bool) -> String {
        match (self, quoted) {
            (LetterCase::Ignored, _) | (LetterCase::Lowered, false) => identifier.to_lowercase(),
            (LetterCase::Raised, false) => identifier.to_uppercase(),
            (LetterCase::Kept, _) | (_, true) => identifier.into(),
        }
    }

    // A project has small letters where the engine has capitals.
    fn known(self, name: &str) -> String {
        self.key(name, !(self == LetterCase::Raised && super::is_plain(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_their_case_counts() {
        let found = |case: LetterCase| ["Users", "USERS", "users", "Ü B"].map(|name| case.found(name));
        assert_eq!(found(LetterCase::Ignored), ["users", "users", "users", "ü b"]);
        assert_eq!(found(LetterCase::Lowered), ["Users", "USERS", "users", "Ü B"]);
        assert_eq!(found(LetterCase::Raised), ["Users", "users", "users", "Ü B"]);
    }
}

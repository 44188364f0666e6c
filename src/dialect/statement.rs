//! One statement of an engine's SQL, with the place of the model's query in it.

use crate::name::RelationName;
use std::ops::Range;

/// What is sent to an engine at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    pub text: String,
    /// Where the query of a model stands in the text, in bytes, as it was given but for a terminator at its end.
    pub query: Option<Range<usize>>,
    /// What stands for the dialect's placeholders, in their order.
    pub values: Vec<Option<String>>,
    /// The table that it makes, whose rows are to be counted and what it reads for them measured.
    pub makes: Option<RelationName>,
    /// It changes rows of a table, which are to be counted.
    pub changes: bool,
}

impl Statement {
    /// A query of a model alone.
    pub fn query(text: impl Into<String>) -> Statement {
        let text = text.into();
        Statement { query: Some(0..text.len()), text, ..Statement::default() }
    }

    /// A statement with a query between other texts.
    pub fn around(head: &str, query: &str, tail: &str) -> Statement {
        let text = format!("{head}{query}{tail}");
        Statement { text, query: Some(head.len()..head.len() + query.len()), ..Statement::default() }
    }

    /// `head` and the rows of a query, in brackets, where nothing but a query may stand; the line break ends a comment that
    /// ends it. The query has no terminator.
    pub fn bracketed(head: &str, query: &str) -> Statement {
        Statement::around(&format!("{head}select * from (\n"), query, "\n)")
    }

    /// The same with values for its placeholders.
    pub fn with(self, values: Vec<Option<String>>) -> Statement {
        Statement { values, ..self }
    }

    /// The same behind a comment that says what it is for. Words that would end the comment are broken up.
    pub fn commented(self, words: &str) -> Statement {
        let comment = format!("/* {} */ ", words.replace("*/", "* /").replace("/*", "/ *"));
        let query = self.query.map(|query| query.start + comment.len()..query.end + comment.len());
        Statement { text: format!("{comment}{}", self.text), query, ..self }
    }

    /// Characters from the start of the query to a byte of the text; `None` where that lies outside the query.
    pub fn in_query(&self, byte: usize) -> Option<usize> {
        let query = self.query.clone().filter(|query| query.start <= byte && byte <= query.end)?;
        Some(self.text[query.start..self.text.floor_char_boundary(byte).max(query.start)].chars().count())
    }

    /// The byte of the text at which a character begins, or its end.
    pub fn byte_of(&self, character: usize) -> usize {
        self.text.char_indices().nth(character).map_or(self.text.len(), |(byte, _)| byte)
    }
}

impl From<String> for Statement {
    fn from(text: String) -> Statement {
        Statement { text, ..Statement::default() }
    }
}

impl From<&str> for Statement {
    fn from(text: &str) -> Statement {
        text.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_text_is_one_in_the_query() {
        let plain = Statement::around("create table é as (\n", "select 'ü', x", "\n)");
        for statement in [plain.clone(), plain.commented("fft run-1 odd */ drop /* name.ff")] {
            let at = statement.text.find('x').unwrap();
            assert_eq!(statement.in_query(at), Some(12));
            assert_eq!(statement.byte_of(statement.text[..at].chars().count()), at);
            assert_eq!(&statement.text[statement.query.clone().unwrap()], "select 'ü', x");
            assert_eq!(statement.in_query(3), None);
            assert_eq!(statement.in_query(statement.text.len()), None);
            assert_eq!(statement.text.matches("*/").count(), statement.text.matches("/*").count());
        }
        assert_eq!(Statement::from("select 1").in_query(0), None);
    }
}

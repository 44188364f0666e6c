//! What a query's text says by itself of the columns that it reads and gives: nothing has to be known of any relation.
//!
//! [`of`] takes a text and the engine's [`Grammar`]; it gives a [`Shape`]. Pure, and never fails: what isn't certain is a
//! reason. Other rooms prove with it that a query's rows are what they were, so that everything here errs on one side:
//!
//! - a name that stands anywhere in the text may be a column's of anything that is read, whatever it is qualified with,
//!   however it is quoted, in any letter case;
//! - what may read columns without naming them (`*`, a natural join, a whole row as a value) reads all of them;
//! - only what is known to give the same for the same is steady: functions are on a list, and words that make rows depend
//!   on their order, on the clock or on chance are on another.

mod list;
#[cfg(test)]
mod tests;
mod word;

pub use list::{Item, List};

use super::parse::{is_adapted, with_query};
use super::query::Tracer;
use super::{Question, Relations};
use crate::dialect::Grammar;
use crate::syntax::sql::{Token, TokenKind, is_certain, tokens_in};
use std::collections::BTreeSet;

/// What a text says of columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Every name in it, in small letters.
    pub names: BTreeSet<String>,
    /// Why it may read columns that it doesn't name.
    pub all: Option<String>,
    /// Why it may give other rows where it reads the same ones.
    pub unsteady: Option<String>,
    /// It adds numbers up or the like, so that only the same rows in the same order give the very same ones.
    pub rounds: bool,
    /// Its columns one by one, else why they aren't told apart.
    pub list: Result<List, String>,
}

/// A text taken apart.
pub(super) struct Text<'a> {
    pub text: &'a str,
    pub grammar: &'a Grammar,
    /// Those that count.
    pub tokens: Vec<Token<'a>>,
}

/// The shape of a query's text.
pub fn of(text: &str, grammar: &Grammar) -> Shape {
    let tokens = tokens_in(text, grammar.lexicon).filter(|token| token.kind != TokenKind::Trivia).collect();
    let text = Text { text, grammar, tokens };
    let relations = Relations::new();
    let question = Question { text: text.text, grammar, relations: &relations, columns: None };
    let read = with_query(text.text, grammar, |query| {
        let mut tracer = Tracer::new(&question);
        tracer.query(query, None);
        (tracer.seen.take(), list::of(&text, query))
    });
    let words = word::read(&text);
    let (seen, list, unread) = match read {
        Ok((seen, list)) => (seen, list, None),
        Err(reason) => (Default::default(), Err(reason.clone()), Some(reason)),
    };
    let doubtful =
        (!is_certain(text.text, grammar.lexicon)).then(|| "its text can be read in several ways".to_string());
    let adapted = is_adapted(text.text, grammar).then(|| "it has words that are read by themselves".to_string());
    Shape {
        names: text.names(0..text.tokens.len()),
        all: words.all.or(seen.all),
        unsteady: unread.or(doubtful).or(adapted).or(words.unsteady).or(seen.unfollowed),
        rounds: words.rounds,
        list,
    }
}

/// The shape of a text in which nodes and sources stand by their own names: `‹ref:stg_users›`.
pub fn of_logical(text: &str, grammar: &Grammar) -> Shape {
    let quote = if grammar.lexicon.double_quoted_strings { "`" } else { "\"" };
    of(&text.replace(['‹', '›'], quote), grammar)
}

impl Text<'_> {
    /// The word at a place in small letters; empty for what is no word.
    pub fn word(&self, at: usize) -> String {
        match self.tokens.get(at) {
            Some(token) if token.kind == TokenKind::Word => token.text.to_lowercase(),
            _ => String::new(),
        }
    }

    /// Names that stand in some tokens.
    pub fn names(&self, range: std::ops::Range<usize>) -> BTreeSet<String> {
        self.tokens.get(range).unwrap_or_default().iter().filter_map(name).collect()
    }

    /// Whether a token is this symbol.
    pub fn is(&self, at: usize, symbol: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Symbol && token.text == symbol)
    }
}

/// A token as a name in small letters.
fn name(token: &Token<'_>) -> Option<String> {
    match token.kind {
        TokenKind::Word => Some(token.text.to_lowercase()),
        TokenKind::Quoted => {
            let quote = token.text.chars().next()?;
            let inside = token.text.trim_start_matches(quote).trim_end_matches(quote);
            Some(inside.replace(&quote.to_string().repeat(2), &quote.to_string()).to_lowercase())
        }
        _ => None,
    }
}

/// How two texts of one node differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// In these columns alone, by their names as they are now; its rows are what they were.
    Columns { added: Vec<String>, changed: Vec<String>, removed: Vec<String> },
    /// In what decides which rows there are, or it isn't told.
    Rows(String),
}

/// What became of a node's columns where its text was edited.
pub fn edit(before: &Shape, after: &Shape) -> Edit {
    let (then, now) = match (&before.list, &after.list) {
        (Ok(then), Ok(now)) => (then, now),
        (_, Err(reason)) => return Edit::Rows(reason.clone()),
        (Err(reason), _) => return Edit::Rows(format!("before, {reason}")),
    };
    if then.body != now.body {
        return Edit::Rows("more than its list of columns is different".into());
    }
    let of = |list: &'_ List, key: &str| list.items.iter().find(|item| item.key == key).map(|item| item.digest);
    let names = |keep: &dyn Fn(&Item) -> bool, list: &List| {
        list.items.iter().filter(|item| keep(item)).map(|item| item.name.clone()).collect::<Vec<_>>()
    };
    Edit::Columns {
        added: names(&|item| of(then, &item.key).is_none(), now),
        changed: names(&|item| of(then, &item.key).is_some_and(|digest| digest != item.digest), now),
        removed: names(&|item| of(now, &item.key).is_none(), then),
    }
}

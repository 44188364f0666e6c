//! From text to the parser's query, on a stack that holds it.
//!
//! The parser bounds how deep brackets nest, but chains (`a + a + …`) become trees as deep as they are long, and taking
//! those apart recurses. So long texts are read, followed and dropped on a thread whose stack is as large as such a
//! tree may need, and texts beyond any reason are refused.

use super::Answer;
use crate::dialect::Grammar;
use crate::syntax::sql::masked;
use sqlparser::ast::{Query, Statement};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Most tokens of a text that is read.
const MOST: usize = 200_000;
/// Tokens of a text that any thread's stack holds.
const FEW: usize = 1_000;
/// Bytes of stack that a level of the tree may need, with room for builds that aren't optimized.
const LEVEL: usize = 1_024;
/// Bytes of stack beside those.
const BASE: usize = 8 << 20;
/// Longest message of the parser that is passed on, in characters.
const MESSAGE: usize = 200;

/// Gives the one query of `text`, or the reason why there is none, to `follow`.
pub(super) fn with_query(
    text: &str,
    grammar: &Grammar,
    follow: impl FnOnce(Result<&Query, String>) -> Answer + Send,
) -> Answer {
    let text = if grammar.masks { masked(text, grammar.lexicon) } else { text.into() };
    let tokens = match Tokenizer::new(&*(grammar.parser)(), &text).tokenize_with_location() {
        Ok(tokens) => (grammar.adapt)(tokens),
        Err(error) => return follow(Err(unread(&error.to_string()))),
    };
    let count = tokens.len();
    if count > MOST {
        return follow(Err(format!("the SQL is too long to be read: {count} tokens, at most {MOST} are")));
    }
    let read = || match parse(tokens, grammar) {
        Ok(query) => follow(Ok(&query)),
        Err(reason) => follow(Err(reason)),
    };
    if count <= FEW {
        return read();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(BASE + count * LEVEL);
        match thread.spawn_scoped(scope, read) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => Answer::unknown(format!("the SQL is too long to be read here: {error}"), None),
        }
    })
}

fn parse(tokens: Vec<TokenWithSpan>, grammar: &Grammar) -> Result<Box<Query>, String> {
    let dialect = (grammar.parser)();
    let mut parser = Parser::new(&*dialect).with_tokens_with_locations(tokens);
    let mut query = || {
        let statement = parser.parse_statement()?;
        while parser.consume_token(&Token::SemiColon) {}
        match parser.peek_token().token {
            Token::EOF => Ok(statement),
            found => Err(ParserError::ParserError(format!("one query is expected, found: {found}"))),
        }
    };
    match query() {
        Ok(Statement::Query(query)) => Ok(query),
        Ok(_) => Err("the SQL isn't a query".into()),
        Err(error) => Err(unread(&error.to_string())),
    }
}

fn unread(message: &str) -> String {
    let message = message.trim_start_matches("sql parser error: ");
    let short: String = message.chars().take(MESSAGE).collect();
    let cut = if short.len() < message.len() { " …" } else { "" };
    format!("the SQL can't be read: {short}{cut}")
}

//! From text to the parser's query, on a stack that holds it.
//!
//! The parser bounds how deep brackets nest, but chains (`a + a + …`) become trees as deep as they are long, and taking
//! those apart recurses. So long texts are read, followed and dropped on a thread whose stack is as large as such a
//! tree may need, and texts beyond any reason are refused.

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

/// What `follow` makes of the one query of `text`, or the reason why there is none.
pub(super) fn with_query<T: Send>(
    text: &str,
    grammar: &Grammar,
    follow: impl FnOnce(&Query) -> T + Send,
) -> Result<T, String> {
    let text = if grammar.masks { masked(text, grammar.lexicon) } else { text.into() };
    let tokens = match Tokenizer::new(&*(grammar.parser)(), &text).tokenize_with_location() {
        Ok(tokens) => (grammar.adapt)(tokens),
        Err(error) => return Err(unread(&error.to_string())),
    };
    let count = tokens.len();
    if count > MOST {
        return Err(format!("the SQL is too long to be read: {count} tokens, at most {MOST} are"));
    }
    let read = || parse(tokens, grammar).map(|query| follow(&query));
    if count <= FEW {
        return read();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(BASE + count * LEVEL);
        match thread.spawn_scoped(scope, read) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => Err(format!("the SQL is too long to be read here: {error}")),
        }
    })
}

/// Whether the parser gets other words than stand in the text.
pub(super) fn is_adapted(text: &str, grammar: &Grammar) -> bool {
    let text = if grammar.masks { masked(text, grammar.lexicon) } else { text.into() };
    let Ok(tokens) = Tokenizer::new(&*(grammar.parser)(), &text).tokenize_with_location() else { return true };
    let counts = |tokens: &[TokenWithSpan]| -> Vec<Token> {
        tokens.iter().map(|one| &one.token).filter(|one| !matches!(one, Token::Whitespace(_))).cloned().collect()
    };
    counts(&tokens) != counts(&(grammar.adapt)(tokens.clone()))
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

//! SQL as tokens, for deciding whether a change is cosmetic and for finding a query's first words.
//!
//! One lexer for all engines: it never fails, and takes what it doesn't know as a one-character symbol. Comments and
//! white space are trivia; string literals (plain, `E''`, dollar-quoted), quoted identifiers and optimizer hints
//! (`/*+ … */`) are kept as they are.

use crate::digest::{Digest, Tagged};

/// A piece of SQL text. Tokens are contiguous: their texts joined are the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: TokenKind,
    pub text: &'a str,
    /// Byte offset in the input.
    pub start: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// White space and comments.
    Trivia,
    /// An optimizer hint in a comment.
    Hint,
    Word,
    Number,
    /// A string literal with its quotes.
    String,
    /// A quoted identifier with its quotes.
    Quoted,
    Symbol,
}

/// The tokens of `text`, in order.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        let first = rest.chars().next()?;
        let (kind, length) = classify(rest, first);
        let token = Token { kind, text: &rest[..length], start };
        start += length;
        Some(token)
    })
}

/// A digest over the tokens that count: equal for two texts that differ in comments and white space only.
///
/// The order, spelling and letter case of words stay as they are: a slip here may cost a rebuild, never a wrong skip.
pub fn semantic_digest(text: &str) -> Digest {
    tokens(text)
        .filter(|token| token.kind != TokenKind::Trivia)
        .fold(Tagged::new("fft-sql-tokens-v1"), |hash, token| hash.part(token.text.as_bytes()))
        .finish()
}

/// The text with newlines as `\n` and without blanks at the ends of lines, those inside literals kept.
pub fn normalized(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    for token in tokens(&text) {
        match token.kind {
            TokenKind::Trivia => {
                if token.text.starts_with('\n') || token.text.contains('\n') {
                    trim_blanks(&mut out, token.text);
                } else {
                    out.push_str(token.text);
                }
            }
            _ => out.push_str(token.text),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Adds white space or a comment, each of its lines but the last without trailing blanks.
fn trim_blanks(out: &mut String, trivia: &str) {
    let mut lines = trivia.split('\n').peekable();
    while let Some(line) = lines.next() {
        match lines.peek() {
            Some(_) => {
                out.push_str(line.trim_end());
                out.push('\n');
            }
            None => out.push_str(line),
        }
    }
}

fn classify(rest: &str, first: char) -> (TokenKind, usize) {
    if first.is_whitespace() {
        return (TokenKind::Trivia, run(rest, char::is_whitespace));
    }
    if rest.starts_with("--") {
        return (TokenKind::Trivia, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        let kind = if rest.starts_with("/*+") { TokenKind::Hint } else { TokenKind::Trivia };
        return (kind, block_comment(rest));
    }
    match first {
        '\'' => (TokenKind::String, quoted(rest, 0, '\'', false)),
        'e' | 'E' if rest[1..].starts_with('\'') => (TokenKind::String, quoted(rest, 1, '\'', true)),
        '"' | '`' => (TokenKind::Quoted, quoted(rest, 0, first, false)),
        '$' => match dollar_quoted(rest) {
            Some(length) => (TokenKind::String, length),
            None => (TokenKind::Symbol, 1),
        },
        _ if first.is_alphabetic() || first == '_' => (TokenKind::Word, run(rest, is_word)),
        _ if first.is_ascii_digit() => (TokenKind::Number, run(rest, |c| is_word(c) || c == '.')),
        _ => (TokenKind::Symbol, symbol(rest, first)),
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Bytes of the longest start of `text` whose characters all satisfy `test`.
fn run(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|character| !test(character)).unwrap_or(text.len())
}

/// Operators of several characters stay together, so that `< =` and `<=` differ.
fn symbol(rest: &str, first: char) -> usize {
    const OPERATOR: &str = "<>=!|&~^%@#?:+*/-";
    if !OPERATOR.contains(first) {
        return first.len_utf8();
    }
    let length = run(rest, |character| OPERATOR.contains(character));
    // A comment may begin right behind an operator.
    let comment = ["--", "/*"].iter().filter_map(|start| rest[1..length].find(start)).min();
    comment.map_or(length, |at| at + 1)
}

/// Nested, as PostgreSQL and DuckDB read them; an open one runs to the end.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let step = match () {
            () if rest.starts_with("/*") => {
                depth += 1;
                2
            }
            () if rest.starts_with("*/") => {
                depth -= 1;
                2
            }
            () => rest.chars().next().map_or(1, char::len_utf8),
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// A quoted text from `from`; the quote doubled, or escaped where backslashes escape, goes on.
fn quoted(text: &str, from: usize, quote: char, backslash: bool) -> usize {
    let mut characters = text[from + 1..].char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if backslash && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return from + 1 + at + 1;
        }
    }
    text.len()
}

/// `$tag$ … $tag$`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let end = 1 + text[1..].find('$')?;
    let tag = &text[..=end];
    let plain = tag[1..end].chars().all(|character| character.is_alphanumeric() || character == '_');
    let starts_right = !tag[1..end].starts_with(|character: char| character.is_ascii_digit());
    if !plain || !starts_right {
        return None;
    }
    let close = text[end + 1..].find(tag)?;
    Some(end + 1 + close + tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Vec<&str> {
        tokens(text).filter(|token| token.kind != TokenKind::Trivia).map(|token| token.text).collect()
    }

    #[test]
    fn tokens_cover_the_text() {
        for text in
            ["select 'it''s' -- c\n, \"a\"\"b\" /* x /* y */ z */ + 1.5e3", "$$ a 'b $$ $t$ $$ $t$", "'open", "a<=b--c"]
        {
            assert_eq!(tokens(text).map(|token| token.text).collect::<String>(), text);
        }
    }

    #[test]
    fn only_blanks_outside_literals_are_trimmed() {
        assert_eq!(
            normalized("select 1 \r\n, 'a  \n b'  -- c  \n  from t  \n\n"),
            "select 1\n, 'a  \n b'  -- c\n  from t"
        );
    }

    #[test]
    fn literals_and_hints_are_whole() {
        assert_eq!(kept("select 'a -- b' /*+ hint */ /* c */"), ["select", "'a -- b'", "/*+ hint */"]);
        assert_eq!(kept("E'a\\'b' || $x$ -- $x$"), ["E'a\\'b'", "||", "$x$ -- $x$"]);
        assert_eq!(kept("a<=b--c"), ["a", "<=", "b"]);
    }

    #[test]
    fn layout_is_cosmetic_and_text_is_not() {
        let base = semantic_digest("select a, b from t");
        assert_eq!(base, semantic_digest("select a,\n  b -- both\nfrom t"));
        assert_ne!(base, semantic_digest("select a, c from t"));
        assert_ne!(semantic_digest("select 'a b'"), semantic_digest("select 'a  b'"));
        assert_ne!(semantic_digest("select a b"), semantic_digest("select ab"));
    }
}

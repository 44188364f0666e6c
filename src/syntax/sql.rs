//! SQL as tokens, for deciding whether a change is cosmetic and for finding a query's first words.
//!
//! One lexer for all engines: it never fails, and takes what it doesn't know as a one-character symbol. Comments and
//! white space are trivia; string literals (plain, `E''`, dollar-quoted), quoted identifiers and optimizer hints
//! (`/*+ … */`) are kept as they are. Where engines differ, a [`Lexicon`] says how one of them reads.

mod cosmetic;
mod lexicon;
mod masked;
mod statement;

pub use cosmetic::{is_certain, semantic_digest};
pub use lexicon::Lexicon;
pub use masked::masked;
pub use statement::{Outline, changes_rows, outline, statements, without_terminator};

use statement::is_open;

use super::moves::Moves;
use std::collections::BTreeMap;

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

/// The tokens of `text`, in order, as most engines read it.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    tokens_in(text, Lexicon::STANDARD)
}

/// The tokens of `text`, in order, as one engine reads it.
pub fn tokens_in(text: &str, lexicon: Lexicon) -> impl Iterator<Item = Token<'_>> {
    let mut start = 0;
    let mut tags = None;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '$' if lexicon.dollar_tags => dollar(rest, start, tags.get_or_insert_with(|| last_tags(text))),
            '$' if lexicon.dollar_quotes && rest.starts_with("$$") => between_dollars(rest),
            _ => classify(rest, first, lexicon),
        };
        let token = Token { kind, text: &rest[..length], start };
        start += length;
        Some(token)
    })
}

/// The text with newlines as `\n` and without blanks at the ends of lines, those inside literals kept.
pub fn normalized(text: &str, lexicon: Lexicon) -> String {
    normalize(text, lexicon).0
}

/// The same, with how its offsets moved.
pub fn normalize(text: &str, lexicon: Lexicon) -> (String, Moves) {
    if is_normal(text) {
        return (text.into(), Moves::default());
    }
    let mut out = String::with_capacity(text.len());
    let mut moves = Moves::default();
    // Where the trivia behind the last token that counts begin in `out`.
    let mut trivia = 0;
    for token in tokens_in(text, lexicon) {
        if token.kind != TokenKind::Trivia {
            let mut at = token.start;
            for line in token.text.split_inclusive("\r\n") {
                moves.push(out.len(), at);
                out.push_str(line.strip_suffix("\r\n").unwrap_or(line));
                out.push_str(if line.ends_with("\r\n") { "\n" } else { "" });
                at += line.len();
            }
            trivia = out.len();
            continue;
        }
        let mut at = token.start;
        for line in token.text.split_inclusive('\n') {
            moves.push(out.len(), at);
            out.push_str(line.strip_suffix('\n').unwrap_or(line));
            if line.ends_with('\n') {
                trim_end(&mut out, trivia, |character| character != '\n' && is_blank(character));
                out.push('\n');
            }
            at += line.len();
        }
    }
    trim_end(&mut out, trivia, is_blank);
    (out, moves)
}

/// Whether a text has no blank that may have to go, whatever its tokens are. Most have none.
fn is_normal(text: &str) -> bool {
    let mut before = b'x';
    for byte in text.bytes() {
        if byte == b'\r' || byte == b'\n' && before != b'\n' && is_blank(char::from(before)) {
            return false;
        }
        before = byte;
    }
    !is_blank(char::from(before))
}

/// Takes characters off the end of `out`, down to `least` bytes.
fn trim_end(out: &mut String, least: usize, test: impl Fn(char) -> bool) {
    let kept = out[least..].trim_end_matches(test).len();
    out.truncate(least + kept);
}

/// White space of SQL; other characters that Unicode counts as such are part of names on some engines.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

fn classify(rest: &str, first: char, lexicon: Lexicon) -> (TokenKind, usize) {
    if is_blank(first) {
        return (TokenKind::Trivia, run(rest, is_blank));
    }
    if lexicon.line_comments.iter().any(|start| rest.starts_with(start)) {
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let kind = if lexicon.is_directive(&rest[..length]) { TokenKind::Hint } else { TokenKind::Trivia };
        return (kind, length);
    }
    if rest.starts_with("/*") {
        let kind = if rest.starts_with("/*+") { TokenKind::Hint } else { TokenKind::Trivia };
        return (kind, block_comment(rest, lexicon.nested_comments));
    }
    if let Some(length) = string(rest, lexicon) {
        return (TokenKind::String, length);
    }
    match first {
        '`' if !lexicon.backticks => (TokenKind::Symbol, 1),
        '"' | '`' => {
            let ends = if lexicon.backslash_names { Ends::AtQuote } else { Ends::AtSingleQuote };
            (TokenKind::Quoted, quoted(rest, 0, first, ends, lexicon.backslash_names))
        }
        _ if first.is_alphabetic() || first == '_' => (TokenKind::Word, word(rest)),
        _ if first.is_ascii_digit() => (TokenKind::Number, run(rest, |c| is_word(c) || c == '.')),
        _ => (TokenKind::Symbol, symbol(rest, first, lexicon)),
    }
}

/// Bytes of the string literal that a text begins with, with the letters before its quote.
fn string(rest: &str, lexicon: Lexicon) -> Option<usize> {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).take(3).count();
    let quote = rest[letters..].chars().next()?;
    if quote != '\'' && !(quote == '"' && lexicon.double_quoted_strings) {
        return None;
    }
    let prefix = &rest[..letters];
    let is_one_of = |known: &[&str]| known.iter().any(|one| one.eq_ignore_ascii_case(prefix));
    let backslash = match () {
        () if letters == 0 || is_one_of(lexicon.string_prefixes) => lexicon.backslashes,
        () if is_one_of(lexicon.raw_prefixes) => false,
        () if quote == '\'' && is_one_of(lexicon.escape_prefixes) => true,
        () => return None,
    };
    let tripled = [quote; 3].iter().collect::<String>();
    if lexicon.triple_quotes && rest[letters..].starts_with(&tripled) {
        return Some(tripled_to(rest, letters + 3, &tripled, backslash));
    }
    let ends = if lexicon.doubled_quotes { Ends::AtSingleQuote } else { Ends::AtQuote };
    Some(quoted(rest, letters, quote, ends, backslash))
}

/// Bytes to the end of a text between tripled quotes, whose inside begins at `from`.
fn tripled_to(text: &str, from: usize, quotes: &str, backslash: bool) -> usize {
    let mut at = from;
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(quotes) {
            return at + quotes.len();
        }
        let escaped = text[at + next.len_utf8()..].chars().next().filter(|_| backslash && next == '\\');
        at += next.len_utf8() + escaped.map_or(0, char::len_utf8);
    }
    text.len()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Bytes of the word that a text begins with; the letters of most are ASCII.
fn word(text: &str) -> usize {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$';
    let end = text.as_bytes().iter().position(|byte| !plain(byte)).unwrap_or(text.len());
    if text[end..].starts_with(|next: char| !next.is_ascii()) { end + run(&text[end..], is_word) } else { end }
}

/// Bytes of the longest start of `text` whose characters all satisfy `test`.
fn run(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|character| !test(character)).unwrap_or(text.len())
}

/// Operators of several characters stay together, so that `< =` and `<=` differ.
fn symbol(rest: &str, first: char, lexicon: Lexicon) -> usize {
    const OPERATOR: &str = "<>=!|&~^%@#?:+*/-";
    if !OPERATOR.contains(first) {
        return first.len_utf8();
    }
    let length = run(rest, |character| OPERATOR.contains(character));
    // A comment may begin right behind an operator.
    let starts = lexicon.line_comments.iter().chain(&["/*"]);
    let comment = starts.filter_map(|start| rest[1..length].find(start)).min();
    comment.map_or(length, |at| at + 1)
}

/// An open one runs to the end.
fn block_comment(text: &str, nested: bool) -> usize {
    if !nested {
        return text[2..].find("*/").map_or(text.len(), |end| end + 4);
    }
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

/// Which quote ends a quoted text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The first.
    AtQuote,
    /// The first that isn't doubled.
    AtSingleQuote,
}

/// Bytes of a quoted text whose quote stands at `from`; one that a backslash escapes, where it does, goes on.
fn quoted(text: &str, from: usize, quote: char, ends: Ends, backslash: bool) -> usize {
    let mut characters = text[from + 1..].char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if backslash && character == '\\' {
            characters.next();
        } else if character == quote
            && (ends == Ends::AtQuote || characters.next_if(|(_, next)| *next == quote).is_none())
        {
            return from + 1 + at + 1;
        }
    }
    text.len()
}

/// `$$ … $$`, else a dollar sign alone.
fn between_dollars(rest: &str) -> (TokenKind, usize) {
    rest[2..].find("$$").map_or((TokenKind::Symbol, 1), |end| (TokenKind::String, end + 4))
}

/// `$tag$ … $tag$`, else a dollar sign alone. Where each tag stands last says whether it closes, so that a text of many
/// open tags isn't searched to its end for each.
fn dollar(rest: &str, start: usize, last: &BTreeMap<&str, usize>) -> (TokenKind, usize) {
    let closed = tag(rest).filter(|tag| last[*tag] >= start + tag.len());
    let length = closed.and_then(|tag| Some(2 * tag.len() + rest[tag.len()..].find(tag)?));
    length.map_or((TokenKind::Symbol, 1), |length| (TokenKind::String, length))
}

/// Where each dollar tag of a text stands for the last time.
fn last_tags(text: &str) -> BTreeMap<&str, usize> {
    text.match_indices('$').filter_map(|(at, _)| Some((tag(&text[at..])?, at))).collect()
}

/// The dollar tag at the beginning of a text.
fn tag(text: &str) -> Option<&str> {
    let end = 1 + text[1..].find('$')?;
    let name = &text[1..end];
    let plain = name.chars().all(|character| character.is_alphanumeric() || character == '_');
    let starts_right = !name.starts_with(|character: char| character.is_ascii_digit());
    (plain && starts_right).then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(text: &str) -> String {
        super::normalized(text, Lexicon::STANDARD)
    }

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
        assert_eq!(normalized("a /* b  \r\n  c */\t\n\n\n"), "a /* b\n  c */");
        assert_eq!(normalized("select 'open  \n  "), "select 'open  \n  ");
        assert_eq!(normalized(" \n "), "");
    }

    /// The way that is taken for most texts gives what the other one gives.
    #[test]
    fn a_text_without_loose_blanks_is_left_as_it_is() {
        for text in ["select 1\n\n, 'a' -- b\nfrom t", "\n\nselect 1", "x", "'a\n\n' /* b\n */", "é\nß"] {
            assert!(is_normal(text), "{text:?}");
            let slow = super::normalized(&format!("{text} "), Lexicon::STANDARD);
            assert_eq!((normalized(text), slow.as_str()), (text.to_string(), text), "{text:?}");
        }
        for text in ["a ", "a\n", "a \nb", "a\t\nb", "a\r\nb", "a\rb", "a\u{b}\nb"] {
            assert!(!is_normal(text), "{text:?}");
        }
    }

    #[test]
    fn words_are_whole_in_any_letters() {
        assert_eq!(kept("sélect_1$ été x é.ß"), ["sélect_1$", "été", "x", "é", ".", "ß"]);
    }

    #[test]
    fn literals_and_hints_are_whole() {
        assert_eq!(kept("select 'a -- b' /*+ hint */ /* c */"), ["select", "'a -- b'", "/*+ hint */"]);
        assert_eq!(kept("E'a\\'b' || $x$ -- $x$"), ["E'a\\'b'", "||", "$x$ -- $x$"]);
        assert_eq!(kept("a<=b--c"), ["a", "<=", "b"]);
    }
}

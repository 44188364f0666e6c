//! A text without what a parser may read otherwise than its engine: comments, and literals that aren't plain ones.

use super::{Lexicon, TokenKind, tokens_in};
use std::borrow::Cow;

/// What stands for a character: one that nobody has in a name.
const FILLER: char = '\u{e000}';

/// The text with blanks for comments, and literals and quoted names that have escapes, quotes or lines in them filled up.
/// Each character keeps its line and its column.
pub fn masked(text: &str, lexicon: Lexicon) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    for token in tokens_in(text, lexicon) {
        match token.kind {
            TokenKind::Trivia | TokenKind::Hint if token.text.trim_start().is_empty() => out.push_str(token.text),
            TokenKind::Trivia | TokenKind::Hint => out.extend(token.text.chars().map(blank)),
            TokenKind::String | TokenKind::Quoted if !is_plain(token.text, lexicon) => {
                fill(token.text, token.kind, &mut out)
            }
            _ => out.push_str(token.text),
        }
    }
    if out == text { text.into() } else { out.into() }
}

fn blank(character: char) -> char {
    if matches!(character, '\n' | '\r') { character } else { ' ' }
}

/// Whether a literal is a text between two simple quotes, without any in it, and without escapes.
fn is_plain(text: &str, lexicon: Lexicon) -> bool {
    let Some(quote) = text.chars().next().filter(|quote| ['\'', '"', '`'].contains(quote)) else { return false };
    let inside = text[1..].strip_suffix(quote);
    let escapes =
        if quote == '\'' || lexicon.double_quoted_strings { lexicon.backslashes } else { lexicon.backslash_names };
    inside.is_some_and(|inside| !(inside.contains([quote, '\n', '\r']) || escapes && inside.contains('\\')))
}

/// A literal of the same size and lines between the quotes that every parser knows.
fn fill(text: &str, kind: TokenKind, out: &mut String) {
    let letters = if kind == TokenKind::String { text.bytes().take_while(u8::is_ascii_alphabetic).count() } else { 0 };
    out.extend(text[..letters].chars().map(blank));
    let quote = if kind == TokenKind::String { '\'' } else { text.chars().next().unwrap_or('"') };
    let last = text[letters..].chars().count().saturating_sub(1);
    for (at, character) in text[letters..].chars().enumerate() {
        out.push(match character {
            '\n' | '\r' => character,
            _ if at == 0 || at == last => quote,
            _ => FILLER,
        });
    }
}

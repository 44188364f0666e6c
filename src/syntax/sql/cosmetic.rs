//! Whether a change of a text is cosmetic: a digest that comments and white space don't change.
//!
//! A slip here may cost a rebuild, never a wrong skip: a text of which it isn't certain how its engine reads it is digested
//! as a whole.

use super::{Lexicon, Token, TokenKind, is_open, tokens_in};
use crate::digest::{Digest, Tagged};

/// A digest over the tokens that count: equal for two texts that differ in comments and white space only.
///
/// The order, spelling and letter case of words stay as they are.
pub fn semantic_digest(text: &str, lexicon: Lexicon) -> Digest {
    let own = lexicon != Lexicon::STANDARD;
    let mut hash = Tagged::new(if own { "fft-sql-tokens-v2" } else { "fft-sql-tokens-v1" });
    if !is_certain(text, lexicon) {
        return hash.part(b"whole").part(text.as_bytes()).finish();
    }
    let mut before = None;
    // A path of files may hold what is an operator elsewhere, with blanks or without.
    let has_path =
        own && tokens_in(text, lexicon).any(|token| token.kind == TokenKind::Symbol && token.text.contains('@'));
    let (mut broken, mut end) = (false, 0);
    for token in tokens_in(text, lexicon) {
        if token.kind == TokenKind::Trivia {
            broken |= token.text.contains(['\n', '\r']);
            continue;
        }
        if let Some(before) = before {
            let glued = token.start == end;
            let joint = if own && glued && (has_path || is_tied(before, token, lexicon)) {
                b"glued"
            } else {
                joint(before, token, glued, broken)
            };
            hash = hash.part(joint);
        }
        hash = hash.part(token.text.as_bytes());
        (before, broken, end) = (Some(token), false, token.start + token.text.len());
    }
    hash.finish()
}

/// Whether there is one way in which the engine can read the text's tokens.
pub fn is_certain(text: &str, lexicon: Lexicon) -> bool {
    !if lexicon == Lexicon::STANDARD { is_ambiguous(text) } else { is_doubtful(text, lexicon) }
}

/// What stands between two tokens, where that changes what they mean: `x'ab'` isn't `x 'ab'`, and string literals on
/// two lines are one.
fn joint(left: Token<'_>, right: Token<'_>, glued: bool, broken: bool) -> &'static [u8] {
    let literal = matches!(right.kind, TokenKind::String | TokenKind::Quoted);
    let prefix = matches!(left.kind, TokenKind::Word | TokenKind::Number | TokenKind::String) || left.text == "&";
    match () {
        () if literal && prefix && glued => b"glued",
        () if left.kind == TokenKind::String && right.kind == TokenKind::String && broken => b"line",
        () => b"",
    }
}

/// Whether a blank between two tokens would make other ones of them for some engine: `1e+5`, `my-project`, `$1`, `.5`.
fn is_tied(left: Token<'_>, right: Token<'_>, lexicon: Lexicon) -> bool {
    let is_name = |token: Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::Number | TokenKind::Quoted);
    let is_any = |token: Token<'_>| is_name(token) || token.kind == TokenKind::String;
    let is_exponent = left.kind == TokenKind::Number && left.text.ends_with(['e', 'E']);
    match () {
        () if is_any(left) && is_any(right) => true,
        () if is_exponent && right.text.starts_with(['+', '-']) => true,
        () if lexicon.dashed_names && (is_name(left) && right.text == "-" || left.text == "-" && is_name(right)) => {
            true
        }
        () if left.text == "." => right.kind == TokenKind::Number,
        () => left.text == "$",
    }
}

/// Whether engines disagree on where literals and comments of a text end: backslashes before quotes, tripled quotes,
/// `#`, and comments in comments.
fn is_ambiguous(text: &str) -> bool {
    let marks = ["\\'", "\\\"", "\\`", "'''", "\"\"\"", "#"];
    marks.iter().any(|mark| text.contains(mark))
        || text.contains("/*")
            && tokens_in(text, Lexicon::STANDARD)
                .any(|token| token.text.starts_with("/*") && token.text[2..].contains("/*"))
}

/// Whether an engine may read a text otherwise than its lexicon tells, or doesn't take it at all.
fn is_doubtful(text: &str, lexicon: Lexicon) -> bool {
    let mut end = 0;
    let mut path = false;
    tokens_in(text, lexicon).any(|token| {
        let glued = token.start == end && end > 0;
        end = token.start + token.text.len();
        let last = end == text.len();
        match token.kind {
            TokenKind::Trivia => {
                // A path of files may hold what begins a comment elsewhere.
                let comment = !token.text.starts_with(super::is_blank);
                is_odd_comment(token.text) || comment && glued && path
            }
            TokenKind::Hint => is_odd_comment(token.text) || is_open(token.text, token.kind, last, lexicon),
            TokenKind::String | TokenKind::Quoted => {
                is_open(token.text, token.kind, last, lexicon) || lexicon.triple_quotes && is_broken(token.text)
            }
            TokenKind::Symbol => {
                path |= token.text.contains('@');
                token.text.contains(['#', '`', '\\'])
                    || token.text.chars().any(|one| one.is_whitespace() || one.is_control())
            }
            TokenKind::Word | TokenKind::Number => false,
        }
    })
}

/// A comment in a comment, one that nothing closes, or a line that ends as few do.
fn is_odd_comment(text: &str) -> bool {
    let lone = text.match_indices('\r').any(|(at, _)| !text[at + 1..].starts_with('\n'));
    let block = text.starts_with("/*") && (text[2..].contains("/*") || !text[2..].ends_with("*/"));
    lone || block
}

/// A text between simple quotes over several lines, where only one between tripled quotes may have them.
fn is_broken(text: &str) -> bool {
    let quoted = text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    text.contains(['\n', '\r']) && !quoted.starts_with("\'\'\'") && !quoted.starts_with("\"\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semantic_digest(text: &str) -> Digest {
        super::semantic_digest(text, Lexicon::STANDARD)
    }

    #[test]
    fn layout_is_cosmetic_and_text_is_not() {
        let base = semantic_digest("select a, b from t");
        assert_eq!(base, semantic_digest("select a,\n  b -- both\nfrom t"));
        assert_ne!(base, semantic_digest("select a, c from t"));
        assert_ne!(semantic_digest("select 'a b'"), semantic_digest("select 'a  b'"));
        assert_ne!(semantic_digest("select a b"), semantic_digest("select ab"));
        assert_eq!(semantic_digest("x in('a')"), semantic_digest("x  in ( 'a' )"));
    }

    #[test]
    fn a_doubtful_change_is_no_cosmetic_one() {
        for (left, right) in [
            ("select x'ab'", "select x 'ab'"),
            ("select U&\"a\"", "select U & \"a\""),
            ("select 'a'\n'b'", "select 'a' 'b'"),
            ("select 1 -- c\r, 2", "select 1 -- c\r, 3"),
            ("select 'a\\' -- x'", "select 'a\\' -- y'"),
            ("/* a /* b */ select 1 /* */ */", "/* a /* b */ select 2 /* */ */"),
            ("select a\u{a0}b", "select a b"),
            ("select '''a' -- b''' ", "select '''a' -- c''' "),
        ] {
            assert_ne!(semantic_digest(left), semantic_digest(right), "{left}");
        }
    }
}

//! The digest of what Python reads: tokens without comments and layout.

use super::depth::too_deep;
use super::source::normalised;
use crate::digest::{Digest, Tagged};
use crate::syntax::depth::on_large_stack;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextSize};

/// The digest of `source`'s tokens. Comments, blank lines, blanks and the width of indents don't count; block structure
/// and docstrings do. f-strings count with their layout, which `{x = }` prints. `None` where the syntax is wrong.
pub fn semantic_digest(source: &str) -> Option<Digest> {
    let source = normalised(source);
    if too_deep(&source).is_some() {
        return None;
    }
    on_large_stack(|| digest(&source))
}

fn digest(source: &str) -> Option<Digest> {
    let parsed = parse_module(source).ok()?;
    let mut hasher = Tagged::new("fft-python-tokens-v1");
    let mut open: Vec<TextSize> = Vec::new();
    for token in parsed.tokens().iter() {
        match token.kind() {
            TokenKind::FStringStart | TokenKind::TStringStart => open.push(token.range().start()),
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                let start = open.pop()?;
                if open.is_empty() {
                    let text = &source[start.to_usize()..token.range().end().to_usize()];
                    hasher = hasher.part(b"FString").part(text.as_bytes());
                }
            }
            _ if !open.is_empty() => {}
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::EndOfFile => {}
            kind @ (TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent) => {
                hasher = hasher.part(format!("{kind:?}").as_bytes()).part(b"");
            }
            kind => hasher = hasher.part(format!("{kind:?}").as_bytes()).part(source[token.range()].as_bytes()),
        }
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::semantic_digest;

    #[test]
    fn comments_and_layout_do_not_count() {
        let plain = semantic_digest("def f(x):\n    return [x, 1]\n");
        assert!(plain.is_some());
        assert_eq!(semantic_digest("def f( x ):  # why\r\n\r\n  return [\r\n    x, 1]"), plain);
        assert_eq!(semantic_digest("# head\ndef f(x):\n\n    # inner\n    return [x, 1]\n\n"), plain);
    }

    #[test]
    fn meaning_counts() {
        let plain = semantic_digest("def f(x):\n    if x:\n        a()\n    b()\n");
        assert_ne!(semantic_digest("def f(x):\n    if x:\n        a()\n        b()\n"), plain);
        assert_ne!(semantic_digest("x = 'a  b'"), semantic_digest("x = 'a b'"));
        assert_ne!(semantic_digest("def f():\n  'doc'\n"), semantic_digest("def f():\n  'docs'\n"));
        assert_ne!(semantic_digest("print(f'{x=}')"), semantic_digest("print(f'{x = }')"));
        assert_ne!(semantic_digest("a b".replace(' ', ";").as_str()), semantic_digest("ab"));
    }

    #[test]
    fn wrong_syntax_has_none() {
        assert_eq!(semantic_digest("def f(:\n"), None);
    }
}

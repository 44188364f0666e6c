//! Python: comments, strings of every kind, words. What stands inside an f-string is part of the string.

use super::{Class, Spans};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

pub fn spans<'a>(text: &'a str, out: &mut Spans<'a>) {
    let mut rest = text;
    // Only white space stands before this in its line.
    let mut fresh = true;
    while let Some(first) = rest.chars().next() {
        let (class, length) = piece(rest, first, fresh);
        out.push(class, &rest[..length]);
        fresh = first == '\n' || fresh && first.is_whitespace();
        rest = &rest[length..];
    }
}

fn piece(rest: &str, first: char, fresh: bool) -> (Class, usize) {
    match first {
        '#' => (Class::Comment, rest.find('\n').unwrap_or(rest.len())),
        '\'' | '"' => (Class::String, string(rest)),
        '@' if fresh => (Class::Decorator, 1 + dotted(&rest[1..])),
        _ if first.is_ascii_digit() => (Class::Number, number(rest)),
        _ => match word(rest) {
            0 => (Class::Plain, first.len_utf8()),
            length => name(rest, length),
        },
    }
}

fn name(rest: &str, length: usize) -> (Class, usize) {
    let (word, behind) = rest.split_at(length);
    let prefix = length <= 2 && word.bytes().all(|byte| b"rbuftRBUFT".contains(&byte));
    match () {
        () if prefix && behind.starts_with(['\'', '"']) => (Class::String, length + string(behind)),
        () if KEYWORDS.binary_search(&word).is_ok() => (Class::Keyword, length),
        () if behind.starts_with('(') => (Class::Function, length),
        () => (Class::Plain, length),
    }
}

/// Bytes of a name at the beginning; 0 for none.
pub fn word(text: &str) -> usize {
    text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len())
}

fn dotted(text: &str) -> usize {
    text.find(|character: char| !character.is_alphanumeric() && !"_.".contains(character)).unwrap_or(text.len())
}

/// Digits, letters of bases and exponents, and a point where a digit follows it or nothing of a name does.
fn number(text: &str) -> usize {
    let mut end = word(text);
    if let Some(fraction) = text[end..].strip_prefix('.') {
        end += 1 + word(fraction);
    }
    end
}

/// Bytes of a string that begins with its quotes. One quote ends at the line's end, three run on; what is open runs to
/// the end.
fn string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes[0];
    let triple = bytes.len() >= 3 && bytes[..3] == [quote; 3];
    let close: &[u8] = if triple { &bytes[..3] } else { &bytes[..1] };
    let mut at = close.len();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'\n' if !triple => return at,
            _ if bytes[at..].starts_with(close) => return at + close.len(),
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn keywords_are_in_order() {
        assert!(KEYWORDS.is_sorted());
    }
}

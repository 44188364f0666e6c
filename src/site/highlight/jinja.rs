//! The template parts of a text: where they stand, and their own pieces.

use super::{Class, Spans};
use std::ops::Range;

const KEYWORDS: &[&str] = &[
    "and",
    "block",
    "break",
    "call",
    "continue",
    "do",
    "elif",
    "else",
    "endblock",
    "endcall",
    "endfilter",
    "endfor",
    "endif",
    "endmacro",
    "endraw",
    "endset",
    "endwith",
    "extends",
    "false",
    "filter",
    "for",
    "from",
    "if",
    "import",
    "in",
    "include",
    "is",
    "macro",
    "none",
    "not",
    "or",
    "raw",
    "recursive",
    "set",
    "true",
    "with",
];

/// Byte ranges of `{{ … }}`, `{% … %}` and `{# … #}`, in order; an open one runs to the end.
pub fn regions(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('{') {
        let start = at + next;
        let length = match text.as_bytes().get(start + 1) {
            Some(b'{') => expression(&text[start..], "}}"),
            Some(b'%') => expression(&text[start..], "%}"),
            Some(b'#') => text[start + 2..].find("#}").map_or(text.len() - start, |end| end + 4),
            _ => 0,
        };
        at = start + length.max(1);
        if length > 0 {
            found.push(start..at);
        }
    }
    found
}

/// Bytes up to and with `close`, which counts only outside string literals.
fn expression(text: &str, close: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 2;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at += literal(&bytes[at..], quote),
            _ if bytes[at..].starts_with(close.as_bytes()) => return at + close.len(),
            _ => at += 1,
        }
    }
    text.len()
}

/// Bytes of a string literal with its quotes; an open one runs to the end.
fn literal(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The pieces of one region.
pub fn spans<'a>(region: &'a str, out: &mut Spans<'a>) {
    if region.starts_with("{#") {
        return out.push(Class::Comment, region);
    }
    let open = 2 + usize::from(region[2..].starts_with(['-', '+']));
    let closed = region.len() >= open + 2 && (region.ends_with("}}") || region.ends_with("%}"));
    let mut close = if closed { region.len() - 2 } else { region.len() };
    if closed && close > open && region[..close].ends_with(['-', '+']) {
        close -= 1;
    }
    out.push(Class::Template, &region[..open]);
    body(&region[open..close], out);
    out.push(Class::Template, &region[close..]);
}

fn body<'a>(text: &'a str, out: &mut Spans<'a>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => literal(rest.as_bytes(), first as u8).min(rest.len()),
            _ => super::python::word(rest).max(first.len_utf8()),
        };
        let (piece, behind) = rest.split_at(length);
        let class = match first {
            '\'' | '"' => Class::String,
            _ if first.is_ascii_digit() => Class::Number,
            _ if KEYWORDS.binary_search(&piece).is_ok() => Class::Keyword,
            _ if super::python::word(rest) > 0 && behind.starts_with('(') => Class::Function,
            _ => Class::Plain,
        };
        out.push(class, piece);
        rest = behind;
    }
}

//! SQL with Jinja in it, over the tokens of [`crate::syntax::sql`].

use super::{Class, Spans, jinja};
use crate::syntax::sql::{Token, TokenKind, tokens};
use std::borrow::Cow;
use std::ops::Range;

const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asof",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "cube",
    "current",
    "delete",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exists",
    "false",
    "fetch",
    "filter",
    "first",
    "following",
    "from",
    "full",
    "glob",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "inner",
    "insert",
    "intersect",
    "interval",
    "into",
    "is",
    "join",
    "last",
    "lateral",
    "left",
    "like",
    "limit",
    "materialized",
    "natural",
    "not",
    "null",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "pivot",
    "preceding",
    "qualify",
    "range",
    "recursive",
    "replace",
    "returning",
    "right",
    "rollup",
    "row",
    "rows",
    "sample",
    "select",
    "semi",
    "set",
    "similar",
    "some",
    "table",
    "tablesample",
    "then",
    "to",
    "true",
    "try_cast",
    "unbounded",
    "union",
    "unnest",
    "unpivot",
    "update",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
    "within",
];

/// Template parts are hidden from the SQL lexer, which would read their quotes as its own, and told in their place.
pub fn spans<'a>(text: &'a str, out: &mut Spans<'a>) {
    let regions = jinja::regions(text);
    let masked = mask(text, &regions);
    let mut regions = regions.into_iter().peekable();
    let mut at = 0;
    for token in tokens(&masked) {
        let end = token.start + token.text.len();
        let class = class(token, masked[end..].starts_with('('));
        while let Some(region) = regions.next_if(|region| region.start < end) {
            out.push(class, &text[at..region.start]);
            jinja::spans(&text[region.clone()], out);
            at = region.end;
        }
        if at < end {
            out.push(class, &text[at..end]);
            at = end;
        }
    }
}

/// The text with as many letters in the place of each region, so that offsets stay.
fn mask<'a>(text: &'a str, regions: &[Range<usize>]) -> Cow<'a, str> {
    if regions.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for region in regions {
        out.push_str(&text[out.len()..region.start]);
        out.extend(std::iter::repeat_n('_', region.len()));
    }
    out.push_str(&text[out.len()..]);
    Cow::Owned(out)
}

fn class(token: Token<'_>, called: bool) -> Class {
    match token.kind {
        TokenKind::Trivia if token.text.starts_with(['-', '/']) => Class::Comment,
        TokenKind::Trivia | TokenKind::Symbol => Class::Plain,
        TokenKind::Hint => Class::Comment,
        TokenKind::Number => Class::Number,
        TokenKind::String => Class::String,
        TokenKind::Quoted => Class::Quoted,
        TokenKind::Word if is_keyword(token.text) => Class::Keyword,
        TokenKind::Word if called => Class::Function,
        TokenKind::Word => Class::Plain,
    }
}

fn is_keyword(word: &str) -> bool {
    const LONGEST: usize = 12;
    word.len() <= LONGEST && KEYWORDS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn keywords_are_in_order_and_short() {
        assert!(KEYWORDS.is_sorted() && KEYWORDS.iter().all(|word| word.len() <= 12));
    }
}

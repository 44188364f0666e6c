//! Ephemeral upstream nodes written into a query as common table expressions.

use crate::dialect::without_terminator;
use crate::syntax::sql::{Token, TokenKind, tokens};

/// What a `ref()` of an ephemeral node renders as.
pub fn table_name(stem: &str) -> String {
    format!("__ff_{stem}")
}

/// `query` with `(name, text)` in front as common table expressions, joined to those it has; and by how many bytes the
/// query's own text moved back (for a query that begins with `with`, what stands behind that word).
pub fn inline(query: &str, ephemeral: &[(String, &str)]) -> (String, usize) {
    if ephemeral.is_empty() {
        return (query.to_string(), 0);
    }
    let expression = |(name, text): &(String, &str)| format!("{name} as (\n{}\n)", without_terminator(text).trim());
    let expressions = ephemeral.iter().map(expression).collect::<Vec<_>>().join(",\n");
    let (at, added) = match own_expressions(query) {
        Some(at) => (at, format!(" {expressions},")),
        None => (0, format!("with {expressions}\n")),
    };
    (format!("{}{added}{}", &query[..at], &query[at..]), added.len())
}

/// Where the common table expressions of a query that has some begin: behind `with` or `with recursive`.
fn own_expressions(query: &str) -> Option<usize> {
    let mut words = tokens(query).filter(|token| token.kind != TokenKind::Trivia);
    let end =
        |token: Token<'_>, word: &str| token.text.eq_ignore_ascii_case(word).then_some(token.start + token.text.len());
    let with = end(words.next()?, "with")?;
    Some(words.next().and_then(|token| end(token, "recursive")).unwrap_or(with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_query_gets_a_with() {
        let (text, offset) = inline("select 1 from a", &[("a".into(), "select 2; -- two\n")]);
        assert_eq!(text, "with a as (\nselect 2  -- two\n)\nselect 1 from a");
        assert_eq!(&text[offset..], "select 1 from a");
    }

    #[test]
    fn a_query_with_its_own_expressions_keeps_them() {
        let query = "-- c\nWITH RECURSIVE b as (select 1) select * from a";
        let (text, offset) = inline(query, &[("a".into(), "select 2")]);
        assert_eq!(text, "-- c\nWITH RECURSIVE a as (\nselect 2\n), b as (select 1) select * from a");
        assert_eq!(&text[20 + offset..], &query[20..]);
        let (text, _) = inline("with b as (select 1) select 1", &[("a".into(), "select 2"), ("c".into(), "select 3")]);
        assert_eq!(text, "with a as (\nselect 2\n),\nc as (\nselect 3\n), b as (select 1) select 1");
    }
}

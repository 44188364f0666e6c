//! Ephemeral upstream nodes written into a query as common table expressions.

use crate::syntax::sql::{TokenKind, tokens};

/// What a `ref()` of an ephemeral node renders as.
pub fn table_name(stem: &str) -> String {
    format!("__ff_{stem}")
}

/// `query` with `(name, text)` in front as common table expressions, joined to those it has; and where the query's own
/// text begins in the result, in bytes (for a query that begins with `with`, what stands behind that word).
pub fn inline(query: &str, ephemeral: &[(String, &str)]) -> (String, usize) {
    if ephemeral.is_empty() {
        return (query.to_string(), 0);
    }
    let expressions: Vec<String> =
        ephemeral.iter().map(|(name, text)| format!("{name} as (\n{}\n)", text.trim())).collect();
    let expressions = expressions.join(",\n");
    let mut words = tokens(query).filter(|token| token.kind != TokenKind::Trivia);
    let is = |token: &Option<crate::syntax::sql::Token<'_>>, word: &str| {
        token.as_ref().is_some_and(|token| token.text.eq_ignore_ascii_case(word))
    };
    let first = words.next();
    if !is(&first, "with") {
        let head = format!("with {expressions}\n");
        return (format!("{head}{query}"), head.len());
    }
    let second = words.next();
    let recursive = if is(&second, "recursive") { "recursive " } else { "" };
    let last = if recursive.is_empty() { first } else { second };
    let rest = last.map_or(0, |token| token.start + token.text.len());
    let head = format!("with {recursive}{expressions},");
    (format!("{head}{}", &query[rest..]), head.len().saturating_sub(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_query_gets_a_with() {
        let (text, offset) = inline("select 1 from a", &[("a".into(), "select 2")]);
        assert_eq!(text, "with a as (\nselect 2\n)\nselect 1 from a");
        assert_eq!(&text[offset..], "select 1 from a");
    }

    #[test]
    fn a_query_with_its_own_expressions_keeps_them() {
        let (text, _) = inline("-- c\nWITH RECURSIVE b as (select 1) select * from a", &[("a".into(), "select 2")]);
        assert_eq!(text, "with recursive a as (\nselect 2\n), b as (select 1) select * from a");
    }
}

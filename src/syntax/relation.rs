//! The relations that a query names: what stands behind `from`, `join` and the commas between them.
//!
//! Found in the tokens, for every engine alike, so names are told that are none: an alias, a common table expression that
//! isn't recognized. Whoever asks looks for a relation of that name. Nothing that stands there as a name is missed but
//! what a function or a macro of the database reads.

use super::sql::{Lexicon, Token, TokenKind, tokens_in};
use std::collections::BTreeSet;

/// Functions whose arguments have a `from` among them.
const FUNCTIONS: [&str; 5] = ["extract", "overlay", "position", "substring", "trim"];
/// Words that end a list of relations.
const ENDS: [&str; 16] = [
    "except",
    "fetch",
    "group",
    "having",
    "intersect",
    "limit",
    "offset",
    "order",
    "pivot",
    "qualify",
    "returning",
    "select",
    "union",
    "unpivot",
    "where",
    "window",
];

/// One level of brackets.
#[derive(Default)]
struct Level {
    /// Within a list of relations.
    listed: bool,
    /// A name may stand next.
    expected: bool,
    /// The arguments of a function that has a `from` of its own.
    function: bool,
}

/// Each name of one to three parts, unquoted parts in small letters unless their case counts, without those of common
/// table expressions.
pub fn named(text: &str, lexicon: Lexicon) -> BTreeSet<Vec<String>> {
    let all: Vec<Token<'_>> = tokens_in(text, lexicon).filter(|token| token.kind != TokenKind::Trivia).collect();
    let expressions = expressions(&all, lexicon);
    let mut found = BTreeSet::new();
    let mut levels = vec![Level::default()];
    let mut at = 0;
    while at < all.len() {
        let word = if all[at].kind == TokenKind::Word { all[at].text } else { "" };
        let is = |words: &[&str]| words.iter().any(|one| one.eq_ignore_ascii_case(word));
        let behind = |words: &[&str]| {
            let before = at.checked_sub(1).map_or("", |before| all[before].text);
            words.iter().any(|one| one.eq_ignore_ascii_case(before))
        };
        let nested = levels.len() > 1;
        let level = levels.last_mut().expect("invariant: the outermost level stays");
        match all[at].text {
            "(" => {
                // `from (a join b)`: the list goes on inside.
                let (listed, function) = (level.expected, behind(&FUNCTIONS));
                level.expected = false;
                levels.push(Level { listed, expected: listed, function });
            }
            ")" if nested => drop(levels.pop()),
            "," => level.expected = level.listed,
            _ if is(&["from"]) && !level.function && !behind(&["distinct"]) => {
                (level.listed, level.expected) = (true, true)
            }
            _ if is(&["join"]) => level.expected = true,
            _ if is(&ENDS) => (level.listed, level.expected) = (false, false),
            _ if level.expected && is(&["only", "lateral"]) => {}
            _ if level.expected => {
                level.expected = false;
                let (parts, end) = name(&all[at..], lexicon);
                let called = all.get(at + end).is_some_and(|next| next.text == "(");
                if (1..=3).contains(&parts.len())
                    && !called
                    && !(parts.len() == 1 && expressions.contains(&expression(&parts[0], lexicon)))
                {
                    found.insert(parts);
                }
                at += end.max(1) - 1;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The parts of the name that `tokens` begin with, and how many of them it takes.
fn name(tokens: &[Token<'_>], lexicon: Lexicon) -> (Vec<String>, usize) {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some((part, length)) = dashed(&tokens[at..], lexicon) {
        parts.extend(part);
        at += length;
        if tokens.get(at).is_none_or(|token| token.text != ".") {
            break;
        }
        at += 1;
    }
    (parts, at)
}

/// The next part, `my-project` among them; several parts where a name in quotes has dots.
fn dashed(tokens: &[Token<'_>], lexicon: Lexicon) -> Option<(Vec<String>, usize)> {
    let first = part(tokens.first()?, lexicon)?;
    if !lexicon.dashed_names {
        return Some((vec![first], 1));
    }
    if tokens[0].kind == TokenKind::Quoted {
        return Some((first.split('.').map(String::from).collect(), 1));
    }
    let (mut all, mut at) = (first, 1);
    let ends = |at: usize| tokens[at].start + tokens[at].text.len();
    while let [dash, next, ..] = &tokens[at..]
        && dash.text == "-"
        && dash.start == ends(at - 1)
        && next.start == ends(at)
        && matches!(next.kind, TokenKind::Word | TokenKind::Number)
    {
        all += &format!("-{}", next.text);
        at += 2;
    }
    Some((vec![all], at))
}

fn part(token: &Token<'_>, lexicon: Lexicon) -> Option<String> {
    let inside = || token.text.get(1..token.text.len().checked_sub(1)?);
    match token.kind {
        TokenKind::Word if lexicon.cased_names => Some(token.text.into()),
        TokenKind::Word => Some(token.text.to_lowercase()),
        TokenKind::Quoted if token.text.starts_with('"') => Some(inside()?.replace("\"\"", "\"")),
        TokenKind::Quoted if lexicon.backslash_names => Some(inside()?.replace("\\`", "`").replace("\\\\", "\\")),
        TokenKind::Quoted if token.text.starts_with('`') => Some(inside()?.replace("``", "`")),
        _ => None,
    }
}

/// Names of common table expressions: `name as (`, `name (columns) as materialized (`.
fn expressions(all: &[Token<'_>], lexicon: Lexicon) -> BTreeSet<String> {
    let is = |at: usize, word: &str| all.get(at).is_some_and(|token| token.text.eq_ignore_ascii_case(word));
    let mut found = BTreeSet::new();
    for at in 0..all.len() {
        let introduced = at > 0 && (is(at - 1, "with") || is(at - 1, "recursive") || is(at - 1, ","));
        let Some(name) = part(&all[at], lexicon).filter(|_| introduced) else { continue };
        let mut next = at + 1;
        if is(next, "(") {
            let close = all[next..].iter().position(|token| token.text == ")");
            next = close.map_or(all.len(), |close| next + close + 1);
        }
        if !is(next, "as") {
            continue;
        }
        let words = all[next + 1..].iter().take_while(|token| token.kind == TokenKind::Word).count();
        if words <= 2 && is(next + 1 + words, "(") {
            found.insert(expression(&name, lexicon));
        }
    }
    found
}

/// A common table expression's name: without letter case also where those of relations have one.
fn expression(name: &str, lexicon: Lexicon) -> String {
    if lexicon.cased_names { name.to_lowercase() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        named(text, Lexicon::STANDARD).iter().map(|parts| parts.join(".")).collect()
    }

    #[test]
    fn names_behind_from_and_join_are_found() {
        for (text, expected) in [
            ("select a from t", vec!["t"]),
            ("SELECT a FROM Raw.\"Odd Name\" x JOIN db.s.u USING (id)", vec!["db.s.u", "raw.Odd Name"]),
            (
                "select a, b from s.t, u as v, (select c, d from w) x where a in (select z from y)",
                vec!["s.t", "u", "w", "y"],
            ),
            ("select * from (a join b on f(1, 2) = 3), c order by d, e", vec!["a", "b", "c"]),
            ("from t select a, b", vec!["t"]),
            (
                "with a as (select 1 from x), b (c, d) as materialized (select * from a) select * from b, z",
                vec!["x", "z"],
            ),
            ("with recursive r as (select 1 union all select n + 1 from r) select * from r", vec![]),
            ("select extract(year from d), trim(both from e), a is distinct from b from t", vec!["t"]),
            ("select * from range(3), ‹ref:x›, lateral (select * from q) -- from nobody", vec!["q"]),
            ("select 'from t' as x, \"from\" from v", vec!["v"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }
}

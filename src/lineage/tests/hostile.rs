//! Texts that nobody would write: none may panic, run away or overflow a stack.

use super::case::{cases, relations};
use super::*;
use crate::dialect::Dialect;
use proptest::prelude::*;

fn ask_for(text: &str, columns: Option<&[String]>) -> Answer {
    let dialect = crate::dialect::DuckDb;
    let relations = relations(&dialect);
    trace(&Question { text, grammar: dialect.grammar(), relations: &relations, columns })
}

/// Whatever the text, each column that was asked for gets an answer, and spans lie in the text.
fn holds(text: &str) {
    let columns = ["id".to_string(), "x".into()];
    let answer = ask_for(text, Some(&columns));
    assert_eq!(answer.columns.iter().map(|(name, _)| name).collect::<Vec<_>>(), columns.iter().collect::<Vec<_>>());
    for span in ask_for(text, None).columns.iter().flat_map(|(_, lineage)| &lineage.from).filter_map(|edge| edge.span) {
        assert!(text.get(span.offset..span.offset + span.length).is_some(), "{text}");
    }
}

#[test]
fn deep_and_long_texts_end_well() {
    const MANY: usize = 60_000;
    let repeated = |start: &str, piece: &str, end: &str| format!("{start}{}{end}", piece.repeat(MANY));
    for text in [
        repeated("select id", " + id", " as x from users"),
        repeated("select id", "::int", " as x from users"),
        repeated("select id", " isnull", " as x from users"),
        repeated("select id", ".a", " as x from users"),
        repeated("select id", "[1]", " as x from users"),
        repeated("select ", "(", ""),
        repeated("select ", "not ", "id from users"),
        repeated("select ", "- ", "id from users"),
        repeated("select id from users", " union all select id from users", ""),
        repeated("select id from users where id in (0", ", 1", ")"),
        repeated("select id from users", " join users using (id)", "").chars().take(60_000).collect(),
        repeated("with a as (select 1 as x)", ", a as (select * from a)", " select * from a")
            .chars()
            .take(40_000)
            .collect(),
        repeated("select case", " when id = 1 then 2", " end as x from users"),
        repeated("select ", "case when ", "1"),
        repeated("select ", "[", "1"),
        repeated("select ", "[x for x in ", "1"),
        repeated("select * from ", "(select * from ", "users"),
        repeated("select id::int", "[]", " from users"),
        repeated("select a: ", "b: ", "1"),
        repeated("select ", "{'a': ", "1"),
        repeated("/*", "/*", ""),
        repeated("select '", "''", ""),
        repeated("select id as x from users where id = 1", " and id = 1", ""),
        repeated("select id as x from users where ", "exists (select 1 where ", "true"),
        "x".repeat(3_000_000),
        "select 1;".repeat(1000),
        "select sum(id) over w from users window w as (w), v as (w)".into(),
        "select sum(id) over a from users window a as (b), b as (a)".into(),
        "\u{0}\u{2}\u{feff}select".into(),
    ] {
        holds(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        holds(&text);
    }

    #[test]
    fn any_words_are_answered(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        holds(&words.join(" "));
    }

    /// A query from which a piece is gone, or in which one stands elsewhere.
    #[test]
    fn any_mutation_is_answered(which in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(),
                                length in 0_usize..30, to in any::<prop::sample::Index>(), keep in any::<bool>()) {
        let all = cases("duckdb");
        let mut text: Vec<char> = all[which.index(all.len())].sql.chars().collect();
        let from = from.index(text.len());
        let end = (from + length).min(text.len());
        let piece: Vec<char> = if keep { text[from..end].to_vec() } else { text.drain(from..end).collect() };
        let at = to.index(text.len() + 1);
        text.splice(at..at, piece);
        holds(&text.into_iter().collect::<String>());
    }
}

const WORDS: &[&str] = &[
    "select",
    "from",
    "where",
    "users",
    "orders",
    "web.events",
    "id",
    "x",
    "*",
    ",",
    "(",
    ")",
    "as",
    "join",
    "using",
    "on",
    "=",
    "with",
    "recursive",
    "union",
    "all",
    "by name",
    "group by",
    "order by",
    "limit",
    "1",
    "'a'",
    "sum(",
    "over",
    "partition by",
    "values",
    "lateral",
    "unnest(",
    "exists",
    "in",
    "case",
    "when",
    "then",
    "end",
    "pivot",
    "for",
    "[",
    "]",
    "{",
    "}",
    "->",
    ":",
    "::",
    "columns(",
    "exclude",
    "replace",
    "rename",
    "natural",
    "full",
    "asof",
    "qualify",
    "window",
    "w",
    ".",
    "\"",
    "count(*)",
    "distinct on",
    "except",
    "u",
    "intersect",
    "lambda",
    "tablesample",
    "sample",
    "glob",
    "**",
];

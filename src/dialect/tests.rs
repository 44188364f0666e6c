//! How the warehouses' texts are read: which changes are cosmetic, what is a statement of its own, what the parser sees.

mod reading;

use super::{BigQuery, Dialect, Snowflake, Spark};
use crate::digest::Digest;
use crate::syntax::relation::named;
use crate::syntax::sql::{Lexicon, masked, normalized, outline, semantic_digest, tokens_in, without_terminator};
use proptest::prelude::*;
use reading::{Reading, bigquery, snowflake};

const ENGINES: [(&dyn Dialect, Reading); 2] = [(&BigQuery, bigquery), (&Snowflake, snowflake)];

fn lexicon(dialect: &dyn Dialect) -> Lexicon {
    dialect.grammar().lexicon
}

fn digest(dialect: &dyn Dialect, text: &str) -> Digest {
    semantic_digest(text, dialect.grammar().layout)
}

fn same(dialect: &dyn Dialect, texts: &[&str]) {
    let first = digest(dialect, texts[0]);
    texts.iter().for_each(|text| assert_eq!(digest(dialect, text), first, "{}: {text}", dialect.name()));
}

fn different(dialect: &dyn Dialect, left: &str, right: &str) {
    assert_ne!(digest(dialect, left), digest(dialect, right), "{}: {left:?} and {right:?}", dialect.name());
}

#[test]
fn comments_and_layout_are_cosmetic() {
    for (dialect, _) in ENGINES {
        same(
            dialect,
            &[
                "select a, 'x  y' from t where b <> 'http://example.org/#a--b'",
                "select a,'x  y' -- it's both\nfrom t\n/* of \"them\" */ where b <> 'http://example.org/#a--b'",
                "select a , 'x  y'\r\n  from t where b<>'http://example.org/#a--b' -- `",
            ],
        );
    }
    same(&BigQuery, &["select a from t", "# it's a\nselect a # \"b\n from t", "select a from t#"]);
    same(&BigQuery, &["select '''a' -- b''' as c", "select '''a' -- b''' -- ''' \n as c"]);
    same(&BigQuery, &["select r'\\'a' || \"\"\"it's\"\"\"", "select r'\\'a' || \"\"\"it's\"\"\" # c"]);
    same(&Snowflake, &["select a from t", "// it's a\nselect a // \"b\n from t", "select a from t//"]);
    same(&Snowflake, &["select $$it's -- a$$ as c", "select $$it's -- a$$ -- $$\n as c"]);
    same(&Snowflake, &["select v:a.b::int, $1, 4/2", "select v:a.b::int , $1 /* c */ , 4 / 2"]);
    same(&Spark::default(), &["select 'it\\'s', \"a\"", "select 'it\\'s' -- it's\n , \"a\" /* ' */"]);
}

#[test]
fn what_counts_is_no_layout() {
    for (dialect, _) in ENGINES {
        for (left, right) in [
            ("select 'a b'", "select 'a  b'"),
            ("select 'it\\'s  a'", "select 'it\\'s a'"),
            ("select 'a\\\\' -- x'", "select 'a\\\\' || x"),
            ("select a /*+ hint */", "select a"),
            ("select Ab", "select ab"),
            ("select 1e+5", "select 1e + 5"),
            ("select a < = b", "select a <= b"),
            ("select 'a' 'b'", "select 'a'\n'b'"),
            ("select 'a''b'", "select 'a' 'b'"),
            ("select a - -b", "select a --b"),
            ("select a\u{a0}b", "select a b"),
            ("select 1 -- c\r, 2", "select 1 -- c\r, 3"),
            ("/* a /* b */ select 1 /* */ */", "/* a /* b */ select 2 /* */ */"),
            ("select 1 /*", "select 1 /* a"),
            ("select a-b", "select a--b"),
        ] {
            different(dialect, left, right);
        }
    }
    for (left, right) in [
        ("#legacySQL\nselect 1", "select 1"),
        ("#legacySQL\nselect 1", "#standardSQL\nselect 1"),
        ("select 1 from my-project.s.t", "select 1 from my - project.s.t"),
        ("select '''a'  b'''", "select '''a' b'''"),
        ("select \"\"\"a\"  b\"\"\"", "select \"\"\"a\" b\"\"\""),
        ("select r'\\'  b'", "select r'\\' b'"),
        ("select rb'a'", "select rb 'a'"),
        ("select \"a  b\"", "select \"a b\""),
        ("select `a  b`", "select `a b`"),
        ("select `a\\`  b`", "select `a\\` b`"),
        ("select 'a\n  b'", "select 'a\n b'"),
    ] {
        different(&BigQuery, left, right);
    }
    for (left, right) in [
        ("select $$a  b$$", "select $$a b$$"),
        ("select $$'$$, 'a  b', $$'$$", "select $$'$$, 'a b', $$'$$"),
        ("select \"a  b\"", "select \"a b\""),
        ("select a // it's\n, 'b  c'", "select a // it's\n, 'b c'"),
        ("select a # it's\n, 'b  c'", "select a # it's\n, 'b c'"),
        ("select `it's`, 'b  c'", "select `it's`, 'b c'"),
        ("select $1 from @s/a//b.csv", "select $1 from @s/a//c.csv"),
        ("select $1 from @s/a --b", "select $1 from @s/a--b"),
        ("select $1 from @s/a/b", "select $1 from @s/a / b"),
        ("select $1", "select $ 1"),
        ("select $x$ a $x$", "select $x$ a$x$"),
    ] {
        different(&Snowflake, left, right);
    }
    for (left, right) in [
        ("select 'it\\'s  a'", "select 'it\\'s a'"),
        ("select 'it\\'s \n', a", "select 'it\\'s\n', a"),
        ("select \"a  b\"", "select \"a b\""),
        ("select \"it's\", 'a  b'", "select \"it's\", 'a b'"),
        ("select r'\\', 'a  b'", "select r'\\', 'a b'"),
        ("select `a  b`", "select `a b`"),
    ] {
        different(&Spark::default(), left, right);
    }
}

#[test]
fn statements_end_where_the_engine_ends_them() {
    for (dialect, text, second) in [
        (&BigQuery as &dyn Dialect, "select 'it\\'s;' ; select 2", Some(18)),
        (&BigQuery, "select '''a;'b''' # ; c\n;", None),
        (&BigQuery, "select r'\\';' ; declare x int64", Some(16)),
        (&BigQuery, "select \"\"\";\\\"\"\";\"\"\" as `a;`", None),
        (&BigQuery, "select '' ; select ''", Some(12)),
        (&Snowflake, "select $$;$$ // ; c\n; select 2", Some(22)),
        (&Snowflake, "select 'a'';' as \"b;\"", None),
        (&Snowflake, "select $a$;$b$", Some(11)),
        (&Snowflake, "select 'http://a;b'", None),
    ] {
        let found = outline(text, lexicon(dialect));
        assert_eq!((found.second, found.open), (second, None), "{}: {text}", dialect.name());
    }
    for (dialect, text) in [
        (&BigQuery as &dyn Dialect, "select '''a''"),
        (&BigQuery, "select r'a\\'"),
        (&BigQuery, "select `a\\`"),
        (&BigQuery, "/* a /* */ b */ '"),
        (&Snowflake, "select 'a\\'"),
        (&Snowflake, "select \"a"),
    ] {
        assert!(outline(text, lexicon(dialect)).open.is_some(), "{}: {text}", dialect.name());
    }
    assert_eq!(BigQuery.without_terminator("select 1; # ;"), "select 1  # ;");
    assert_eq!(Snowflake.without_terminator("select 1 ; // ;"), "select 1   // ;");
}

#[test]
fn relations_are_named_in_every_spelling() {
    let names = |dialect: &dyn Dialect, text: &str| {
        let found = named(text, lexicon(dialect));
        found.iter().map(|parts| parts.join("|")).collect::<Vec<_>>().join(" ")
    };
    for (text, expected) in [
        ("select 1 from `my-project.s.T` join my-project.s.t2 using (a), S.t", "S|t my-project|s|T my-project|s|t2"),
        ("select 1 from `my-project`.s.`a\\`b` # from x\n", "my-project|s|a`b"),
        ("with A as (select 1) select * from A, `b`", "b"),
        ("with Orders as (select 1 from Orders2) select * from orders", "Orders2"),
    ] {
        assert_eq!(names(&BigQuery, text), expected);
    }
    let text = "select 'it\\'s' from `raw`.`Orders` join s.t on \"from x\" = a";
    assert_eq!(names(&Spark::default(), text), "raw|Orders s|t");
    assert_eq!(names(&Snowflake, "select 1 from S.T join \"Odd\".u // from x\n, @s/x, $$from y$$"), "Odd|u s|t");
}

/// What the parser is given has the same places, and no literal in it that it could read otherwise.
#[test]
fn odd_literals_are_filled_up_for_the_parser() {
    for (dialect, text, expected) in [
        (&BigQuery as &dyn Dialect, "select r'\\'a', 'it' # c\n, b\"x\"", "select  'FFF', 'it'    \n,  'F'"),
        (&BigQuery, "select '''é\n'b''' as a", "select 'FFF\nFFFF' as a"),
        (&BigQuery, "select `a\\`b`, `c d`", "select `FFFF`, `c d`"),
        (
            &Snowflake,
            "select $$it's$$ // c\n, 'a''b', 'c', /* d */ \"e\"\"f\"",
            "select 'FFFFFF'     \n, 'FFFF', 'c',         \"FFFF\"",
        ),
    ] {
        let found = masked(text, lexicon(dialect)).replace('\u{e000}', "F");
        assert_eq!(found, expected, "{}", dialect.name());
    }
}

const PIECES: &[&str] = &[
    "'",
    "'",
    "\"",
    "`",
    "'''",
    "\"\"\"",
    "\\",
    "\\'",
    "--",
    "//",
    "#",
    "/*",
    "*/",
    "/*+",
    "$$",
    "$",
    "$1",
    "\n",
    "\n",
    " ",
    "  ",
    "\t",
    "\r\n",
    "\r",
    "a",
    "A",
    "r",
    "b",
    "rb",
    "e",
    "1",
    "1e",
    ".",
    "-",
    "+",
    "*",
    "/",
    ";",
    ",",
    "(",
    ")",
    "@",
    "s",
    "x y",
    "=",
    "<",
    ":",
    "::",
    "'a b'",
    "\"a b\"",
    "`a b`",
    "$$a b$$",
    "-- c\n",
    "# c\n",
    "// c\n",
    "/* c */",
    "select",
    "#legacysql\n",
    "é",
    "\u{a0}",
];

/// Two texts that differ in a piece or a blank.
fn pair() -> impl Strategy<Value = (String, String)> {
    let pieces = || prop::collection::vec(prop::sample::select(PIECES), 1..14);
    (pieces(), any::<prop::sample::Index>(), prop::sample::select(PIECES), 0..4_u8).prop_map(
        |(pieces, at, other, how)| {
            let at = at.index(pieces.len());
            let mut edited = pieces.clone();
            match how {
                0 => edited.insert(at, " "),
                1 => edited.insert(at, other),
                2 => edited[at] = other,
                _ => drop(edited.remove(at)),
            }
            (pieces.concat(), edited.concat())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// Of two texts that are held to be equal, another reading finds the same.
    #[test]
    fn no_change_that_counts_is_cosmetic((left, right) in pair()) {
        for (dialect, read) in ENGINES {
            if digest(dialect, &left) == digest(dialect, &right) {
                prop_assert_eq!(read(&left), read(&right), "{}: {:?} and {:?}", dialect.name(), left, right);
            }
        }
    }

    /// Layout goes from between what counts, and from nowhere else.
    #[test]
    fn a_normalized_text_says_the_same((text, _) in pair()) {
        for (dialect, read) in ENGINES {
            let found = normalized(&text, dialect.grammar().layout);
            prop_assert_eq!(read(&found), read(&text.replace("\r\n", "\n")), "{}: {:?}", dialect.name(), text);
        }
    }

    /// A terminator goes alone, and every character keeps its place for the parser.
    #[test]
    fn what_is_sent_and_what_is_parsed_have_the_places_of_the_text((text, _) in pair()) {
        for (dialect, read) in ENGINES {
            let tokens: Vec<_> = tokens_in(&text, lexicon(dialect)).map(|token| token.text).collect();
            prop_assert_eq!(tokens.concat(), text.as_str());
            let without = without_terminator(&text, lexicon(dialect));
            prop_assert_eq!(without.len(), text.len());
            if let (Some(mut before), Some(after)) = (read(&text), read(&without)) {
                while before.last().is_some_and(|last| last.as_str() == ";") {
                    before.pop();
                }
                prop_assert_eq!(before, after, "{}: {:?}", dialect.name(), text);
            }
            let masked = masked(&text, lexicon(dialect));
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            let lines = |text: &str| text.char_indices().filter(|(_, one)| *one == '\n').count();
            prop_assert_eq!(lines(&masked), lines(&text));
        }
    }
}

//! A text's statements: where the first begins, whether another follows, and the semicolons that end it.

use super::{Lexicon, TokenKind, tokens_in};
use std::ops::Range;

/// Where the statements of a text are. Byte offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The first token that counts.
    pub first: Option<usize>,
    /// The first token behind the semicolon that ends the first statement.
    pub second: Option<usize>,
    /// A literal, quoted name or comment that nothing closes.
    pub open: Option<usize>,
}

/// Looks at a text as the engine of `lexicon` reads it.
pub fn outline(text: &str, lexicon: Lexicon) -> Outline {
    let mut found = Outline::default();
    let mut ended = false;
    for token in tokens_in(text, lexicon) {
        if is_open(token.text, token.kind, token.start + token.text.len() == text.len(), lexicon) {
            found.open = Some(token.start);
        }
        match token.kind {
            TokenKind::Trivia => {}
            _ if token.text == ";" => ended = found.first.is_some(),
            _ if ended => {
                found.second = Some(token.start);
                break;
            }
            _ => found.first = found.first.or(Some(token.start)),
        }
    }
    found
}

/// Where each statement of a text is, in bytes, without the semicolon that ends it and without the blanks and comments
/// around it.
pub fn statements(text: &str, lexicon: Lexicon) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut ended = true;
    for token in tokens_in(text, lexicon) {
        match token.kind {
            TokenKind::Trivia => {}
            _ if token.text == ";" => ended = true,
            _ => {
                let end = token.start + token.text.len();
                match found.last_mut().filter(|_| !ended) {
                    Some(last) => last.end = end,
                    None => found.push(token.start..end),
                }
                ended = false;
            }
        }
    }
    found
}

/// Whether a statement is one that changes rows of a table, by its first word.
pub fn changes_rows(text: &str, lexicon: Lexicon) -> bool {
    let first = tokens_in(text, lexicon).find(|token| token.kind != TokenKind::Trivia);
    let words = ["insert", "update", "delete", "merge"];
    first.is_some_and(|token| words.iter().any(|word| token.text.eq_ignore_ascii_case(word)))
}

/// Whether the last token of a text is one that runs to its end because nothing closes it.
pub(super) fn is_open(text: &str, kind: TokenKind, last: bool, lexicon: Lexicon) -> bool {
    // With one more character behind it, an open one takes that too, and so does none that is closed.
    let longer = |more: &str| {
        let longer = format!("{text}{more}");
        tokens_in(&longer, lexicon).next().is_some_and(|token| token.text.len() == longer.len())
    };
    match kind {
        _ if !last => false,
        TokenKind::String | TokenKind::Quoted => longer(" "),
        TokenKind::Hint | TokenKind::Trivia => text.starts_with("/*") && longer(" "),
        // A dollar tag that nothing closes is read as a sign alone.
        TokenKind::Word | TokenKind::Number | TokenKind::Symbol => false,
    }
}

/// `query` with a blank in place of the semicolons that end it, whatever blanks and comments stand around them. What is
/// given back has as many bytes as what came in, so that offsets keep their meaning.
pub fn without_terminator(query: &str, lexicon: Lexicon) -> String {
    let mut ends = Vec::new();
    for token in tokens_in(query, lexicon) {
        match token.kind {
            TokenKind::Trivia => {}
            _ if token.text == ";" => ends.push(token.start),
            _ => ends.clear(),
        }
    }
    let mut text = query.to_string();
    for at in ends {
        text.replace_range(at..=at, " ");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: Lexicon = Lexicon { backticks: false, ..Lexicon::STANDARD };

    #[test]
    fn only_the_terminator_goes() {
        for (query, expected) in [
            ("select 1;", "select 1 "),
            ("select 1 ; -- the end;\n/* ; /* ; */ */ ;\n", "select 1   -- the end;\n/* ; /* ; */ */  \n"),
            ("select ';'", "select ';'"),
            ("select 'it''s;' as \"a;\"", "select 'it''s;' as \"a;\""),
            ("select E'it\\'s' as x;", "select E'it\\'s' as x "),
            ("select E'it\\'s;' as x", "select E'it\\'s;' as x"),
            ("select 'a\\';", "select 'a\\' "),
            ("select $x$;$x$", "select $x$;$x$"),
            ("select $x$';$x$;", "select $x$';$x$ "),
            ("select $1;", "select $1 "),
            ("select a$b$;", "select a$b$ "),
            ("select `;` from t;", "select `;` from t "),
            ("select 1; select 2", "select 1; select 2"),
            ("select 1 -- ;", "select 1 -- ;"),
            ("select 1 --;\r;", "select 1 --;\r "),
            ("select 'é' ;", "select 'é'  "),
            ("select 'open;", "select 'open;"),
            ("select 1 /*+ ; */;", "select 1 /*+ ; */ "),
            ("", ""),
        ] {
            assert_eq!(without_terminator(query, Lexicon::STANDARD), expected, "{query}");
        }
        assert_eq!(without_terminator("select '`';", POSTGRES), "select '`' ");
        assert_eq!(without_terminator("select 1 ` ; -- `", POSTGRES), "select 1 `   -- `");
    }

    #[test]
    fn statements_are_told_apart() {
        for (text, first, second) in [
            ("select 1; select 2", Some(0), Some(10)),
            (" -- a\n;; select 1 ; -- b", Some(9), None),
            ("select ';', E'\\';', $$;$$, \";\" /* ; */;", Some(0), None),
            ("select 1;\n/* c */ ; drop table x", Some(0), Some(20)),
            ("-- nothing\n/* here */ ;", None, None),
            ("", None, None),
        ] {
            let found = outline(text, Lexicon::STANDARD);
            assert_eq!((found.first, found.second, found.open), (first, second, None), "{text}");
        }
    }

    #[test]
    fn every_statement_is_found() {
        for (text, expected) in [
            ("a; b 'x;' ;; -- c;\n $$d;$$ ; ", &["a", "b 'x;'", "$$d;$$"][..]),
            (" /* ; */ select 1 /* ; */ + 2 -- end", &["select 1 /* ; */ + 2"]),
            ("insert into t values (\"a;\")", &["insert into t values (\"a;\")"]),
            (" -- nothing ;\n;", &[]),
        ] {
            let found: Vec<&str> = statements(text, Lexicon::STANDARD).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_nothing_closes_is_told() {
        for (text, open) in [
            ("select 'a", Some(7)),
            ("select 'a''", Some(7)),
            ("select 'a' ''", None),
            ("select E'a\\'", Some(7)),
            ("select \"a", Some(7)),
            ("select 1 /* a /* b */", Some(9)),
            ("select 1 /* a */", None),
            ("select 1 -- a", None),
            ("select $x$ a", None),
            ("'", Some(0)),
            ("/*", Some(0)),
        ] {
            assert_eq!(outline(text, Lexicon::STANDARD).open, open, "{text}");
        }
    }

    #[test]
    fn engines_read_quotes_and_comments_differently() {
        let backslashes =
            Lexicon { backslashes: true, nested_comments: false, raw_prefixes: &["r"], ..Lexicon::STANDARD };
        assert_eq!(outline("select 'a\\';' ; 2", backslashes).second, Some(16));
        assert_eq!(outline("select r'a\\' ; 2", backslashes).second, Some(15));
        assert_eq!(outline("/* /* */ 1; 2", backslashes).second, Some(12));
        let plain = Lexicon { dollar_quotes: false, dollar_tags: false, escape_prefixes: &[], ..Lexicon::STANDARD };
        assert_eq!(outline("$$ ; $$", plain).second, Some(5));
        assert_eq!(outline("e'\\' ; 1", plain).second, Some(7));
    }
}

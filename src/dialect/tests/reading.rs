//! What two engines read in a text, written down from their manuals, apart from the lexer that is tried by it.
//!
//! A reading is the list of what counts: words, numbers, literals and single signs, a sign with a mark before it where it
//! stands right behind another one, and a literal or a number with one where blanks before it make a difference.

/// What counts in a text; `None` where something in it is never closed.
pub type Reading = fn(&str) -> Option<Vec<String>>;

const SIGNS: &str = "<>=!|&~^%@#?:+*/-";

struct Rules {
    lines: &'static [&'static str],
    /// What opens a text between quotes, what closes it, whether a backslash escapes, and whether a doubled quote does.
    quotes: &'static [(&'static str, &'static str, bool, bool)],
    prefixes: &'static [&'static str],
}

pub fn bigquery(text: &str) -> Option<Vec<String>> {
    read(
        text,
        &Rules {
            lines: &["--", "#"],
            quotes: &[
                ("'''", "'''", true, false),
                ("\"\"\"", "\"\"\"", true, false),
                ("'", "'", true, false),
                ("\"", "\"", true, false),
                ("`", "`", true, false),
            ],
            prefixes: &["r", "b", "rb", "br"],
        },
    )
}

pub fn snowflake(text: &str) -> Option<Vec<String>> {
    read(
        text,
        &Rules {
            lines: &["--", "//"],
            quotes: &[("$$", "$$", false, false), ("'", "'", true, true), ("\"", "\"", false, true)],
            prefixes: &[],
        },
    )
}

fn read(text: &str, rules: &Rules) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    // Whether a blank or a comment stood before, and a line's end.
    let (mut apart, mut line, mut follows_text) = (true, false, false);
    while let Some(first) = rest.chars().next() {
        let is_directive = ["#legacysql", "#standardsql"].iter().any(|word| rest.to_lowercase().starts_with(word));
        let comment = match () {
            () if " \t\n\r\u{b}\u{c}".contains(first) => Some(first.len_utf8()),
            () if rules.lines.iter().any(|start| rest.starts_with(start))
                && !(is_directive && rules.lines.contains(&"#")) =>
            {
                Some(rest.find(['\n', '\r']).unwrap_or(rest.len()))
            }
            () if rest.starts_with("/*") && !rest.starts_with("/*+") => Some(rest[2..].find("*/")? + 4),
            () => None,
        };
        if let Some(length) = comment {
            (apart, line) = (true, line || rest[..length].contains(['\n', '\r']));
            rest = &rest[length..];
            continue;
        }
        let length = counted(rest, first, rules)?;
        let piece = &rest[..length];
        let is_text =
            length > 1 && !piece.starts_with("/*") && (piece.contains(['\'', '"', '`']) || piece.starts_with("$$"));
        let is_sign = length == first.len_utf8() && SIGNS.contains(first);
        let before = found.last().map_or("", String::as_str);
        let follows_sign = before.trim_start_matches("+ ").len() == 1 && before.ends_with(|last| SIGNS.contains(last));
        let mut mark = String::new();
        if !apart && (is_sign && follows_sign || is_text && (follows_text || before.ends_with(char::is_alphanumeric))) {
            mark.push('+');
        }
        if line && is_text && follows_text && piece.ends_with('\'') && before.ends_with('\'') {
            mark.push('/');
        }
        found.push(if mark.is_empty() { piece.into() } else { format!("{mark} {piece}") });
        (apart, line, follows_text) = (false, false, is_text);
        rest = &rest[length..];
    }
    Some(found)
}

/// Bytes of what counts at the beginning of a text.
fn counted(rest: &str, first: char, rules: &Rules) -> Option<usize> {
    if let Some(hint) = rest.strip_prefix("/*+") {
        return Some(hint.find("*/")? + 5);
    }
    let is_word = |one: char| one.is_alphanumeric() || one == '_' || one == '$';
    let letters = rest.find(|one: char| !one.is_ascii_alphabetic()).unwrap_or(rest.len());
    let is_prefix = letters == 0 || rules.prefixes.contains(&rest[..letters].to_lowercase().as_str());
    let opened = rules.quotes.iter().find(|(open, ..)| rest[letters..].starts_with(open));
    if let Some((open, close, backslash, doubled)) =
        opened.filter(|(open, ..)| is_prefix && (letters == 0 || *open != "`"))
    {
        let mut at = letters + open.len();
        loop {
            let next = rest[at..].chars().next()?;
            if *backslash && next == '\\' {
                at += 1 + rest[at + 1..].chars().next()?.len_utf8();
            } else if *doubled && rest[at..].starts_with(&close.repeat(2)) {
                at += 2 * close.len();
            } else if rest[at..].starts_with(close) {
                return Some(at + close.len());
            } else {
                at += next.len_utf8();
            }
        }
    }
    if first == '#' {
        return Some(rest.find(['\n', '\r']).unwrap_or(rest.len()).max(1).min(if rules.lines.contains(&"#") {
            rest.len()
        } else {
            1
        }));
    }
    if first.is_ascii_digit() {
        return Some(rest.find(|one: char| !is_word(one) && one != '.').unwrap_or(rest.len()));
    }
    if first.is_alphabetic() || first == '_' {
        return Some(rest.find(|one: char| !is_word(one)).unwrap_or(rest.len()));
    }
    Some(first.len_utf8())
}

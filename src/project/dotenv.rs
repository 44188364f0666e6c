//! The text of a `.env` file.
//!
//! Takes the text, gives names and values in order, and a problem for each bad line. `NAME=value` with optional
//! `export`, comments, single quotes (as written) and double quotes (`\n \r \t \" \\ \$` are escapes); a quoted value
//! may span lines; `$NAME` isn't expanded. What shells and other readers of such files take for different values is a
//! problem, never a guess. A problem never shows a value, for it may be a secret.

use crate::diagnostic::{Diagnostic, Location};

const HINT: &str = "write `NAME=value`, `NAME='value'` or `# a comment`";

/// Names and values; a name set twice appears twice, the later counts.
pub(super) fn parse(path: &str, text: &str, problems: &mut Vec<Diagnostic>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line_end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let line = rest[..line_end].trim();
        if line.is_empty() || line.starts_with('#') {
            rest = &rest[line_end..];
            continue;
        }
        match assignment(rest, line_end) {
            Ok((name, value, used)) => {
                found.push((name, value));
                rest = &rest[used..];
            }
            Err(message) => {
                let at = Location::at_offset(path, text, text.len() - rest.len());
                let problem = Diagnostic::new("bad-dotenv", message).at(Location { column: 0, ..at });
                problems.push(problem.hint(HINT));
                rest = &rest[line_end..];
            }
        }
    }
    found
}

/// One assignment at the start of `rest`, whose first line has `line_end` bytes: name, value, bytes used.
fn assignment(rest: &str, line_end: usize) -> Result<(String, String, usize), String> {
    let line = &rest[..line_end];
    let (left, right) = line.split_once('=').ok_or("a line without `=`")?;
    let name = left.trim();
    let name = name.strip_prefix("export").filter(|name| name.starts_with([' ', '\t'])).map_or(name, str::trim);
    let first = name.chars().next();
    let valid = first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
    if !valid {
        return Err("what stands before `=` is no variable name".into());
    }
    let blank = right.len() - right.trim_start_matches([' ', '\t']).len();
    let start = left.len() + 1 + blank;
    let (value, used) = match rest[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, end) =
                quoted(&rest[start + 1..], quote).ok_or(format!("the quote of `{name}` is not closed"))?;
            let tail_start = start + 1 + end;
            let tail_end = rest[tail_start..].find('\n').map_or(rest.len(), |end| tail_start + end + 1);
            let tail = rest[tail_start..tail_end].trim();
            let comment = tail.starts_with('#') && rest[tail_start..].starts_with([' ', '\t']);
            if !(tail.is_empty() || comment) {
                return Err(format!("text behind the closing quote of `{name}`"));
            }
            (value, tail_end)
        }
        _ => {
            let text = &rest[start..line_end.max(start)];
            if blank > 0 && text.starts_with('#') {
                return Err(format!(
                    "what follows `{name}=` may be a value or a comment: put it in quotes, or on a line of its own"
                ));
            }
            (unquoted(text), line_end)
        }
    };
    let raw = &rest[start..used];
    if raw.contains("${") && !raw.starts_with('\'') {
        return Err(format!(
            "`${{…}}` in the value of `{name}` isn't expanded: write the value out, or put it in single quotes"
        ));
    }
    if raw.starts_with('\'') && value.contains("\\\\") {
        return Err(format!(
            "two backslashes in the single quotes of `{name}` are read as two or as one: write them in double quotes, each twice"
        ));
    }
    Ok((name.to_string(), value, used))
}

/// The value up to the closing quote, and the bytes up to behind it.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            _ if character == quote => return Some((value, offset + 1)),
            '\\' if quote == '"' => match characters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\' | '$') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            _ => value.push(character),
        }
    }
    None
}

/// The value without a trailing comment (`#` behind a blank) and trailing blanks.
fn unquoted(text: &str) -> String {
    let comment =
        text.char_indices().find(|(offset, character)| *character == '#' && text[..*offset].ends_with([' ', '\t']));
    text[..comment.map_or(text.len(), |(offset, _)| offset)].trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_syntax_is_read() {
        let text = "# c\nA=1  \r\nexport B = two words # why\nC='a # $b\\n'\nD=\"x\\ny\\\"z\" # c\nE=\nF=a#b\nI=#ff0000 # red\n\
                    G=\"two\nlines\"\nexported=1\nH=k=v";
        let mut problems = Vec::new();
        let found = parse(".env", text, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let expected = [
            ("A", "1"),
            ("B", "two words"),
            ("C", "a # $b\\n"),
            ("D", "x\ny\"z"),
            ("E", ""),
            ("F", "a#b"),
            ("I", "#ff0000"),
            ("G", "two\nlines"),
            ("exported", "1"),
            ("H", "k=v"),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_string(), value.to_string())));
    }

    #[test]
    fn bad_lines_are_told_and_their_values_are_not() {
        let text = "OK=1\nnonsense hunter2\n1X=hunter2\nFF_TOKEN='hunter2\nFF_PW=\"hunter2\" hunter2\nLAST=1\n";
        let mut problems = Vec::new();
        let found = parse(".env.dev", text, &mut problems);
        assert_eq!(found.len(), 2);
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let hint = "\n  hint: write `NAME=value`, `NAME='value'` or `# a comment`";
        let expected = [
            "error[bad-dotenv]: a line without `=`\n  --> .env.dev:2",
            "error[bad-dotenv]: what stands before `=` is no variable name\n  --> .env.dev:3",
            "error[bad-dotenv]: the quote of `FF_TOKEN` is not closed\n  --> .env.dev:4",
            "error[bad-dotenv]: text behind the closing quote of `FF_PW`\n  --> .env.dev:5",
        ];
        assert_eq!(shown, expected.map(|problem| format!("{problem}{hint}")));
    }

    #[test]
    fn what_readers_disagree_about_is_told() {
        for (text, expected) in [
            ("A= #x", "may be a value or a comment"),
            ("A=\t# later", "may be a value or a comment"),
            ("A=${HOME}/x", "isn't expanded"),
            ("A=\"${HOME}/x\"", "isn't expanded"),
            ("A='C:\\\\x'", "two backslashes"),
            ("A=\"x\"#c", "text behind the closing quote"),
            ("export A", "without `=`"),
            ("A: 1", "without `=`"),
        ] {
            let mut problems = Vec::new();
            assert!(parse(".env", text, &mut problems).is_empty(), "{text}");
            assert!(problems[0].message.contains(expected), "{text}: {}", problems[0]);
            assert_eq!(problems[0].at, Some(Location::new(".env", 1, 0)));
        }
        for (text, expected) in
            [("A='${HOME}'", "${HOME}"), ("A=pa$$word", "pa$$word"), ("A='C:\\x'", "C:\\x"), ("A=", "")]
        {
            let found = parse(".env", text, &mut Vec::new());
            assert_eq!(found, [("A".to_string(), expected.to_string())], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in r#"([A-Z =#'"\\né$]|export ){0,20}"#) {
            parse(".env", &text, &mut Vec::new());
        }

        #[test]
        fn a_quoted_value_is_read_back(value in r"[^'\\]{0,20}") {
            let mut problems = Vec::new();
            let found = parse(".env", &format!("A='{value}'"), &mut problems);
            assert_eq!(found, [("A".to_string(), value)]);
        }
    }
}

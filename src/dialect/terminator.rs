//! The `;` that may end a query, found without mistaking one in a string or a comment.
//!
//! Takes and gives SQL text. What is given back has as many bytes as what came in, so that offsets keep their meaning.

/// `query` with a blank in place of the semicolons that end it, whatever blanks and comments stand around them.
pub fn without_terminator(query: &str) -> String {
    let mut text = query.to_string();
    for at in terminators(query.as_bytes()) {
        text.replace_range(at..=at, " ");
    }
    text
}

/// Offsets of the semicolons behind which nothing but blanks, comments and semicolons follows.
fn terminators(bytes: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let comment = comment_length(rest);
        if comment > 0 {
            at += comment;
            continue;
        }
        match rest[0] {
            b';' => found.push(at),
            byte if byte.is_ascii_whitespace() => {}
            _ => found.clear(),
        }
        at += quoted_length(rest);
    }
    found
}

/// Length of the comment that `text` begins with, 0 for none. Block comments nest.
fn comment_length(text: &[u8]) -> usize {
    if text.starts_with(b"--") {
        return text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    }
    if !text.starts_with(b"/*") {
        return 0;
    }
    let (mut depth, mut at) = (1, 2);
    while depth > 0 && at < text.len() {
        let (step, change) = match &text[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        depth += change;
        at += step;
    }
    at
}

/// Length of the string, quoted identifier or dollar-quoted text that `text` begins with; 1 for anything else.
fn quoted_length(text: &[u8]) -> usize {
    let end = |from: usize, closing: &[u8]| {
        let found = text[from..].windows(closing.len()).position(|window| window == closing);
        found.map_or(text.len(), |found| from + found + closing.len())
    };
    match text[0] {
        quote @ (b'\'' | b'"') => end(1, &[quote]),
        b'$' => {
            let tag = text[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count() + 2;
            match text.get(tag - 1) {
                Some(b'$') => end(tag, &text[..tag]),
                _ => 1,
            }
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_terminator_goes() {
        for (query, expected) in [
            ("select 1;", "select 1 "),
            ("select 1 ; -- the end;\n/* ; /* ; */ */ ;\n", "select 1   -- the end;\n/* ; /* ; */ */  \n"),
            ("select ';'", "select ';'"),
            ("select 'it''s;' as \"a;\"", "select 'it''s;' as \"a;\""),
            ("select $x$;$x$", "select $x$;$x$"),
            ("select $1;", "select $1 "),
            ("select 1; select 2", "select 1; select 2"),
            ("select 1 -- ;", "select 1 -- ;"),
            ("select 'é' ;", "select 'é'  "),
            ("select 'open;", "select 'open;"),
            ("", ""),
        ] {
            assert_eq!(without_terminator(query), expected, "{query}");
        }
    }
}

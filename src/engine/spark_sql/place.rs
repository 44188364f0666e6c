//! Where Spark says that something is wrong: a line and a position, in one of three spellings.

use crate::dialect::Statement;

/// Characters from the start of the statement's query to the place that a message names; `None` where it names none, or
/// one outside of the query.
pub fn position(message: &str, statement: &Statement) -> Option<usize> {
    let (line, position) = place(message)?;
    let start: usize = statement.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let line = statement.text.get(start..)?.split('\n').next()?;
    let byte = line.char_indices().nth(position).map_or(line.len(), |(byte, _)| byte);
    statement.in_query(start + byte)
}

/// The line, from 1, and the character in it, from 0. What the message itself says in its end counts; else the place of
/// the expression that failed, unless that is one of a view.
fn place(message: &str) -> Option<(usize, usize)> {
    let end = message.find("\n== SQL").unwrap_or(message.len());
    let (told, context) = message.split_at(end);
    let places = |text: &str| text.match_indices("line ").filter_map(|(at, _)| pair(&text[at..])).collect::<Vec<_>>();
    let told = places(told).pop();
    let context = || {
        context
            .lines()
            .filter(|line| line.starts_with("== SQL"))
            .find_map(|line| places(line).pop().filter(|_| !line.contains(" of ")))
    };
    told.or_else(context)
}

/// `line 2 pos 14`, `line 2, pos 14` or `line 2, position 15`.
fn pair(text: &str) -> Option<(usize, usize)> {
    let (line, rest) = number(text.strip_prefix("line ")?)?;
    let rest = rest.trim_start_matches([',', ' ']);
    match rest.strip_prefix("position ") {
        Some(rest) => Some((line, number(rest)?.0.checked_sub(1)?)),
        None => Some((line, number(rest.strip_prefix("pos ")?)?.0)),
    }
}

fn number(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for (message, expected) in [
            ("[A] x. SQLSTATE: 42703; line 3 pos 2", Some((3, 2))),
            ("[A] x. SQLSTATE: 42601 (line 2, pos 14)\n\n== SQL ==\nselect 1", Some((2, 14))),
            ("[A] at line 7 pos 7 x; line 3 pos 2", Some((3, 2))),
            ("[A] The value 'boom'\n== SQL(line 2, position 8) ==\nselect", Some((2, 7))),
            ("[A] The value 'boom'\n== SQL (line 2, position 8) ==\nline 9 pos 9", Some((2, 7))),
            ("[A] x\n== SQL of VIEW main.s.v(line 1, position 8) ==\nselect", None),
            ("a line of words", None),
            ("line 2, position 0", None),
        ] {
            assert_eq!(place(message), expected, "{message}");
        }
    }

    #[test]
    fn a_place_is_one_in_the_query() {
        let statement = Statement::around("create table é as (\n", "select 'ü',\n  nope from t", "\n)");
        assert_eq!(position("; line 3 pos 2", &statement), Some(14));
        assert_eq!(position("; line 2 pos 8", &statement), Some(8));
        assert_eq!(position("; line 1 pos 3", &statement), None);
        assert_eq!(position("; line 9 pos 3", &statement), None);
        assert_eq!(position("; line 3 pos 99", &statement), Some(25));
    }
}

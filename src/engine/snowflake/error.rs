//! What the account says when it doesn't do what it is asked, put as ours.

use super::answer::Failure;
use crate::dialect::{Dialect, Snowflake, Statement};
use crate::engine::rest::Answer;
use crate::engine::{Condition, EngineError, ErrorKind};
use crate::syntax::sql::{TokenKind, outline, tokens_in};
use std::time::Duration;

/// The code of a statement that was cancelled.
pub(super) const CANCELLED: &str = "000604";
/// That of several statements where one was to be.
const SEVERAL: &str = "000008";

/// Conditions by the code of the account's error.
const CONDITIONS: &[(&str, Condition)] = &[
    ("002003", Condition::NoSuchRelation),
    ("002043", Condition::NoSuchRelation),
    ("000904", Condition::NoSuchColumn),
];

/// Errors of a statement that others were in the way of, and of which nothing is kept: too many wait for a table.
const IN_THE_WAY: &[&str] = &["000625"];

/// No warehouse works for the session.
const NO_WAREHOUSE: &str = "000606";

/// Before a statement is tried again that others were in the way of.
const PAUSE: Duration = Duration::from_millis(300);

/// How the account begins what is wrong with a text.
const HEADS: &[&str] = &["SQL compilation error:", "SQL execution error:"];

/// The error of a statement, with its place in the query that stands in it.
pub(super) fn failed(failure: &Failure, statement: &Statement) -> EngineError {
    let code = failure.code.as_str();
    let known = CONDITIONS.iter().find(|(known, _)| *known == code);
    let (message, position) = match second(statement).filter(|_| code == SEVERAL) {
        Some(position) => ("a second statement begins behind the `;`".into(), Some(position)),
        None => (words(&failure.message), place(&failure.message, statement)),
    };
    let number = match failure.sql_state.as_deref() {
        Some(state) => format!("{code}, SQLSTATE {state}"),
        None => code.to_string(),
    };
    if code == NO_WAREHOUSE {
        let hint = "set `warehouse` to one that the role may use, and look whether it is suspended";
        return EngineError::new(ErrorKind::Settings, format!("{message} ({number})")).hint(hint);
    }
    EngineError {
        position,
        condition: Some(known.map_or(Condition::Refused, |(_, condition)| *condition)),
        retry: IN_THE_WAY.contains(&code).then_some(PAUSE),
        ..EngineError::new(ErrorKind::Statement, format!("{message} ({number})"))
    }
}

/// What is wrong, in one line and without the place.
fn words(message: &str) -> String {
    let mut rest = message.trim();
    for head in HEADS {
        rest = rest.strip_prefix(head).unwrap_or(rest).trim_start();
    }
    // `error line 2 at position 2` stands in front, and says no more.
    if let Some((first, more)) = rest.split_once('\n')
        && first.starts_with("error line ")
    {
        rest = more;
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').into()
}

/// Characters from the start of the statement's query to what is wrong in it: where the message says it, or where the name
/// stands that it is about.
fn place(message: &str, statement: &Statement) -> Option<usize> {
    match spoken(message) {
        Some((line, position)) => {
            let start: usize = statement.text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
            let line = statement.text.get(start..)?.split('\n').next()?;
            let byte = line.char_indices().nth(position).map_or(line.len(), |(byte, _)| byte);
            statement.in_query(start + byte)
        }
        None => named(message, statement),
    }
}

/// `line 2 at position 14`: the line from 1, and the character in it from 0.
fn spoken(message: &str) -> Option<(usize, usize)> {
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<usize>().ok();
    message.match_indices("line ").find_map(|(at, word)| {
        let rest = &message[at + word.len()..];
        let (line, position) = rest.split_once(" at position ")?;
        Some((line.parse().ok()?, number(position)?))
    })
}

/// Where the last part of the name in `Object 'DB.SCHEMA.NAME' does not exist` stands in the query, if it does so once.
fn named(message: &str, statement: &Statement) -> Option<usize> {
    let (_, rest) = message.split_once('\'')?;
    let (name, rest) = rest.split_once('\'')?;
    if !rest.contains("does not exist") {
        return None;
    }
    let name = name.rsplit('.').next()?.trim_matches('"');
    let query = statement.query.clone()?;
    let text = &statement.text[query.clone()];
    let mut found = tokens_in(text, Snowflake.grammar().lexicon).filter(|token| match token.kind {
        TokenKind::Word => token.text.eq_ignore_ascii_case(name),
        TokenKind::Quoted => token.text.trim_matches('"') == name,
        _ => false,
    });
    let first = found.next()?;
    if found.next().is_some() { None } else { statement.in_query(query.start + first.start) }
}

/// Where the `;` in front of a second statement stands in the query.
fn second(statement: &Statement) -> Option<usize> {
    let query = statement.query.clone()?;
    let text = &statement.text[query.clone()];
    let behind = outline(text, Snowflake.grammar().lexicon).second?;
    statement.in_query(query.start + text[..behind].rfind(';')?)
}

/// The error of a request that wasn't answered with what was asked for.
pub(super) fn refused(answer: &Answer) -> EngineError {
    let body: Failure = serde_json::from_slice(&answer.body).unwrap_or_default();
    // Behind the words stands the number of the request.
    let words = body.message.split(" [").next().unwrap_or_default().trim().trim_end_matches('.');
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let (kind, what, hint) = match answer.status {
        401 => (
            ErrorKind::Settings,
            "doesn't know who asks",
            "check `account`, `user` and the key or token of the profile, and that the public key is the user's",
        ),
        403 => (
            ErrorKind::Settings,
            "doesn't allow that",
            "check `role` of the profile, and that a network policy lets this machine in",
        ),
        404 => (ErrorKind::Settings, "has no such thing", "check `account` and `host` of the profile"),
        400 => (ErrorKind::Settings, "refuses what it was asked", "check the profile"),
        429 => (ErrorKind::Connection, "has too much to do", "use fewer `--jobs`, or a larger warehouse"),
        _ => (ErrorKind::Connection, "failed", "try again later"),
    };
    let message = format!("the account {what} (HTTP {}){words}", answer.status);
    EngineError::new(kind, message).hint(hint)
}

/// An answer that isn't what the account's interface has.
pub(super) fn unreadable(what: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Connection, format!("the account's answer can't be read: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, message: &str) -> EngineError {
        let failure = Failure { code: code.into(), message: message.into(), ..Failure::default() };
        failed(&failure, &Statement::around("create table é as (\n", "select 'ü',\n  nope from user_s; x", "\n)"))
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (code, message, told, position, condition) in [
            (
                "000904",
                "SQL compilation error: error line 3 at position 2\ninvalid identifier 'NOPE'",
                "invalid identifier 'NOPE' (000904)",
                Some(14),
                Condition::NoSuchColumn,
            ),
            (
                "001003",
                "SQL compilation error:\nsyntax error line 2 at position 8 unexpected 'x'.\nsyntax error line 3 at position 2 …",
                "syntax error line 2 at position 8 unexpected 'x'. syntax error line 3 at position 2 … (001003)",
                Some(8),
                Condition::Refused,
            ),
            (
                "002003",
                "SQL compilation error:\nObject 'DB.PUBLIC.USER_S' does not exist or not authorized.",
                "Object 'DB.PUBLIC.USER_S' does not exist or not authorized (002003)",
                Some(24),
                Condition::NoSuchRelation,
            ),
            (
                "002003",
                "SQL compilation error:\nObject 'OTHER' does not exist or not authorized.",
                "Object 'OTHER' does not exist or not authorized (002003)",
                None,
                Condition::NoSuchRelation,
            ),
            (
                "000008",
                "Actual statement count 2 did not match the desired statement count 1.",
                "a second statement begins behind the `;` (000008)",
                Some(30),
                Condition::Refused,
            ),
            (
                "100038",
                "Numeric value 'boom' is not recognized",
                "Numeric value 'boom' is not recognized (100038)",
                None,
                Condition::Refused,
            ),
        ] {
            let error = error(code, message);
            assert_eq!((error.message.as_str(), error.position), (told, position), "{message}");
            assert_eq!(error.condition, Some(condition));
        }
        assert!(error("000625", "Statement 'x' has locked table 'T'").retry.is_some());
    }
}

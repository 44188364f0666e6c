//! What Spark says of a statement that failed, put as ours.

use super::place::position;
use crate::dialect::Statement;
use crate::engine::{Condition, EngineError, ErrorKind};
use std::time::Duration;

/// Conditions by the beginning of Spark's own name for the error.
const CONDITIONS: &[(&str, Condition)] = &[
    ("TABLE_OR_VIEW_NOT_FOUND", Condition::NoSuchRelation),
    ("VIEW_NOT_FOUND", Condition::NoSuchRelation),
    ("SCHEMA_NOT_FOUND", Condition::NoSuchRelation),
    ("CATALOG_NOT_FOUND", Condition::NoSuchRelation),
    ("NO_SUCH_CATALOG_EXCEPTION", Condition::NoSuchRelation),
    ("DELTA_TABLE_NOT_FOUND", Condition::NoSuchRelation),
    ("UNRESOLVED_COLUMN", Condition::NoSuchColumn),
    ("UNRESOLVED_FIELD", Condition::NoSuchColumn),
];
/// What a catalog of another format says of a schema that isn't there, who has no name for it.
const NO_SCHEMA: &str = "Namespace does not exist";

/// Errors of a transaction that was in another one's way, and of which nothing is kept.
const CONFLICTS: &[&str] = &["DELTA_CONCURRENT", "DELTA_METADATA_CHANGED", "DELTA_PROTOCOL_CHANGED", "CONCURRENT_"];
/// What tables of another format say in such a case, who have no name for it.
const CONFLICTING: &[&str] =
    &["Found conflicting files", "Cannot commit", "CommitFailedException", "concurrently modified"];

/// Before a statement is tried again that was in another one's way.
const PAUSE: Duration = Duration::from_millis(200);

/// What comes behind an error's name and sentence and is of no use to whoever wrote the query.
const ENDS: &[&str] = &[
    "\n== SQL",
    "\n\n",
    "\nJVM stacktrace",
    "\n\tat ",
    "\n'",
    ";\n'",
    "\n+- ",
    "\nVerify the spelling and correctness of the schema and catalog",
    " Verify the spelling and correctness of the schema and catalog",
    " If necessary set \"spark.sql.ansi.enabled\"",
    " If necessary set \"ansi_mode\"",
    " SQLSTATE: ",
];

/// The error of a statement, with its place in the query that stands in it.
pub fn told(message: &str, state: Option<&str>, statement: &Statement) -> EngineError {
    let name = name(message);
    let is = |known: &&str| name.is_some_and(|(name, _)| name.starts_with(known));
    let state = state.map(str::to_string).or_else(|| state_of(message));
    let conflict = CONFLICTS.iter().any(&is) || CONFLICTING.iter().any(|words| message.contains(words));
    let kind = match state.as_deref() {
        Some("HY008") => ErrorKind::Interrupted,
        Some(state) if state.starts_with("08") => ErrorKind::Connection,
        _ if is(&"OPERATION_CANCELED") => ErrorKind::Interrupted,
        _ => ErrorKind::Statement,
    };
    let unnamed = if message.contains(NO_SCHEMA) { Condition::NoSuchRelation } else { Condition::Refused };
    let condition = CONDITIONS.iter().find(|(known, _)| is(known)).map_or(unnamed, |(_, condition)| *condition);
    EngineError {
        position: position(message, statement),
        hint: hint(name.map(|(name, _)| name)),
        condition: (kind == ErrorKind::Statement).then_some(condition),
        retry: conflict.then_some(PAUSE),
        ..EngineError::new(kind, words(message, state.as_deref()))
    }
}

/// The name in brackets that Spark gives an error, and where it begins.
fn name(message: &str) -> Option<(&str, usize)> {
    message.match_indices('[').find_map(|(at, _)| {
        let (name, _) = message[at + 1..].split_once(']')?;
        let is_name =
            name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || b"_.0123456789".contains(&byte));
        is_name.then_some((name, at))
    })
}

fn state_of(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("SQLSTATE: ")?;
    let state: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    (state.len() == 5).then_some(state)
}

/// `[NAME] what is wrong (SQLSTATE 42703)`, in one line.
fn words(message: &str, state: Option<&str>) -> String {
    // In front of the name stands where the failing task ran.
    let message = &message[name(message).map_or(0, |(_, at)| at)..];
    let end = ENDS.iter().filter_map(|end| message.find(end)).min().unwrap_or(message.len());
    let mut words = message[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = words.rmatch_indices("; line ").next() {
        words.truncate(at);
    }
    let words = words.trim_end_matches(['.', ';', ' ']);
    match state {
        Some(state) => format!("{words} (SQLSTATE {state})"),
        None => words.into(),
    }
}

/// What to do about it, where Spark's own words don't say it.
fn hint(name: Option<&str>) -> Option<String> {
    let advice = match name? {
        "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES" => "give the column a name without blanks and any of `,;{}()=`",
        name if name.starts_with("INSUFFICIENT_PERMISSIONS") || name.starts_with("PERMISSION_DENIED") => {
            "grant that to whoever the profile's token or client belongs to"
        }
        name if name.starts_with("SCHEMA_NOT_FOUND") => "check `database` and `catalog` of the profile",
        _ => return None,
    };
    Some(advice.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement::around("create or replace table main.s.x as (\n", "select 'é',\n  nope from main.s.t", "\n)")
    }

    #[test]
    fn errors_are_told_in_a_line_with_their_place() {
        for (message, state, expected, position, condition) in [
            (
                "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `nope` cannot be resolved. Did you mean one of \
                 the following? [`a`, `b`]. SQLSTATE: 42703; line 3 pos 2;\n'Project [*]\n+- 'Sub",
                Some("42703"),
                "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `nope` cannot be resolved. Did you mean one of \
                 the following? [`a`, `b`] (SQLSTATE 42703)",
                Some(14),
                Condition::NoSuchColumn,
            ),
            (
                "[PARSE_SYNTAX_ERROR] Syntax error at or near 'from'. SQLSTATE: 42601 (line 3, pos 7)\n\n== SQL ==\n\
                 create or replace table main.s.x as (\n",
                None,
                "[PARSE_SYNTAX_ERROR] Syntax error at or near 'from' (SQLSTATE 42601)",
                Some(19),
                Condition::Refused,
            ),
            (
                "Job aborted due to stage failure: Task 0 in stage 6.0 failed: org.apache.spark.SparkNumberFormat\
                 Exception: [CAST_INVALID_INPUT] The value 'boom' of the type \"STRING\" cannot be cast to \"INT\" \
                 because it is malformed. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this \
                 error.\n== SQL(line 2, position 8) ==\nselect 'é'\n       ^^^",
                None,
                "[CAST_INVALID_INPUT] The value 'boom' of the type \"STRING\" cannot be cast to \"INT\" because it is \
                 malformed",
                Some(7),
                Condition::Refused,
            ),
            (
                "[TABLE_OR_VIEW_NOT_FOUND] The table or view `main`.`s`.`t` cannot be found. Verify the spelling and \
                 correctness of the schema and catalog.\nIf you did not; line 3 pos 12",
                Some("42P01"),
                "[TABLE_OR_VIEW_NOT_FOUND] The table or view `main`.`s`.`t` cannot be found (SQLSTATE 42P01)",
                Some(24),
                Condition::NoSuchRelation,
            ),
            (
                "View with same name already exists: s.v",
                None,
                "View with same name already exists: s.v",
                None,
                Condition::Refused,
            ),
        ] {
            let error = told(message, state, &statement());
            assert_eq!((error.message.as_str(), error.position), (expected, position), "{message}");
            assert_eq!((error.kind, error.condition), (ErrorKind::Statement, Some(condition)), "{message}");
        }
    }

    #[test]
    fn ends_conflicts_and_lost_servers_are_told_apart() {
        let kind = |message, state| told(message, state, &statement()).kind;
        assert_eq!(kind("[OPERATION_CANCELED] Operation has been canceled.", None), ErrorKind::Interrupted);
        assert_eq!(kind("cancelled", Some("HY008")), ErrorKind::Interrupted);
        assert_eq!(kind("gone", Some("08S01")), ErrorKind::Connection);
        for message in
            ["[DELTA_CONCURRENT_APPEND.ROW_LEVEL_CHANGES] Transaction conflict", "Found conflicting files that"]
        {
            assert!(told(message, Some("2D521"), &statement()).retry.is_some(), "{message}");
        }
        assert_eq!(told("[CAST_INVALID_INPUT] no", None, &statement()).retry, None);
    }
}

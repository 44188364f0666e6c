//! DuckDB's errors, put as ours.
//!
//! Sessions run with `errors_as_json`, so an error carries its class, its text and the byte offset in the statement.
//! What is no JSON (an error of opening, or of the driver) is taken as text.

use crate::dialect::Statement;
use crate::engine::{Condition, EngineError, ErrorKind};
use serde_json::Value;

/// What went wrong, before it is known where in a model that is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Failure {
    /// DuckDB's class: `Binder`, `Catalog`, `IO` …
    pub class: String,
    /// DuckDB's text, whole.
    pub text: String,
    /// Byte offset in the statement sent.
    pub offset: Option<usize>,
}

impl From<duckdb::Error> for Failure {
    fn from(error: duckdb::Error) -> Failure {
        let text = error.to_string();
        structured(&text).unwrap_or_else(|| plain(&text))
    }
}

/// `Binder Error: {"exception_type":"Binder", …}`, with or without the words in front.
fn structured(text: &str) -> Option<Failure> {
    let json: Value = serde_json::from_str(&text[text.find('{')?..]).ok()?;
    let field = |name: &str| json.get(name).and_then(Value::as_str);
    Some(Failure {
        class: field("exception_type")?.to_string(),
        text: field("exception_message")?.trim().to_string(),
        offset: field("position").and_then(|position| position.parse().ok()),
    })
}

/// `Binder Error: …`, perhaps with the offending line behind it.
fn plain(text: &str) -> Failure {
    let text = text.split("\n\nLINE ").next().unwrap_or(text).trim();
    match text.split_once(" Error: ") {
        Some((class, rest)) if !class.contains('\n') && class.len() < 30 => {
            Failure { class: class.to_string(), text: rest.to_string(), offset: None }
        }
        _ => Failure { class: String::new(), text: text.to_string(), offset: None },
    }
}

impl From<duckdb::Error> for EngineError {
    fn from(error: duckdb::Error) -> EngineError {
        Failure::from(error).into()
    }
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> EngineError {
        let (text, hint) = split_hint(&failure.text);
        let message = match failure.class.as_str() {
            "" => text,
            class => format!("{class} Error: {text}"),
        };
        let kind = kind(&failure);
        let condition = (kind == ErrorKind::Statement && !failure.class.is_empty()).then(|| condition(&failure));
        EngineError { condition, hint: remedy(&failure).or(hint), ..EngineError::new(kind, message) }
    }
}

impl Failure {
    /// As an error with its place in the query of the statement that was sent.
    pub fn within(self, statement: &Statement) -> EngineError {
        let position = self.offset.and_then(|offset| statement.in_query(offset));
        EngineError { position, ..self.into() }
    }

    /// The same of a statement that was sent behind `head`.
    pub fn behind(self, head: &str, statement: &Statement) -> EngineError {
        let offset = self.offset.and_then(|offset| offset.checked_sub(head.len()));
        Failure { offset, ..self }.within(statement)
    }
}

fn condition(failure: &Failure) -> Condition {
    match failure.class.as_str() {
        "Catalog" => Condition::NoSuchRelation,
        "Binder" => Condition::NoSuchColumn,
        "Dependency" => Condition::StillRead,
        _ if repeats_key(&failure.text) => Condition::NotUnique,
        _ => Condition::Refused,
    }
}

/// Of an index that is made, or of rows that come under it: then the commit fails.
fn repeats_key(text: &str) -> bool {
    text.contains("contains duplicates") || text.contains("UNIQUE constraint violation")
}

fn kind(failure: &Failure) -> ErrorKind {
    match failure.class.as_str() {
        "INTERRUPT" | "Interrupt" => ErrorKind::Interrupted,
        _ if failure.text == "Interrupted!" => ErrorKind::Interrupted,
        "IO" if failure.text.contains("Could not set lock on file") => ErrorKind::Locked,
        "FATAL" | "Fatal" | "Connection" => ErrorKind::Connection,
        _ => ErrorKind::Statement,
    }
}

/// What DuckDB's text proposes (`Did you mean …`, `Candidate bindings: …`), apart from what it complains of.
fn split_hint(text: &str) -> (String, Option<String>) {
    let starts = |line: &str| line.starts_with("Did you mean") || line.starts_with("Candidate");
    let hint = text.lines().map(str::trim).position(starts);
    let Some(hint) = hint else { return (text.to_string(), None) };
    let lines = |part: &mut dyn Iterator<Item = &str>| {
        part.map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    (lines(&mut text.lines().take(hint)), Some(lines(&mut text.lines().skip(hint))))
}

/// What to do about a failure that DuckDB gives no advice for, or advice that would make fft download code. Only what it
/// complains of is looked at: candidates that it lists, and data that it quotes, name anything.
fn remedy(failure: &Failure) -> Option<String> {
    let subject = split_hint(&failure.text).0.to_lowercase();
    if needs_icu(&subject) {
        return Some(
            "time zones need DuckDB's extension `icu`, which isn't in this build: set `extension_directory` of the \
             profile to a folder that holds it, or allow `autoinstall_known_extensions`; in UTC, cast to `timestamp` \
             first (`now()::timestamp`)"
                .into(),
        );
    }
    subject
        .starts_with("ambiguous reference to catalog or schema")
        .then(|| "a schema has the database's name: give the database another with `catalog:` in profiles.yml".into())
}

/// Whether the extension is what is missing, by DuckDB's own sentences, or a function or cast of a type that has its
/// functions there.
fn needs_icu(subject: &str) -> bool {
    let missing = [
        "exists in the icu extension",
        "required extension 'icu",
        "requires the extension icu ",
        "installing and loading the icu extension",
        "installing the icu extension",
    ];
    let extension = subject.starts_with("extension ") && subject.contains("icu.duckdb_extension");
    let zoned = |text: &str| text.contains("timestamp with time zone") || text.contains("timestamptz");
    // `… argument types 'date_trunc(VARCHAR, TIMESTAMP WITH TIME ZONE)'. You might …`
    let call = subject.split_once("no function matches").and_then(|(_, rest)| rest.split('\'').nth(1));
    let cast = subject.split_once("unimplemented type for cast").and_then(|(_, rest)| rest.lines().next());
    !is_of_data(subject)
        && (missing.iter().any(|words| subject.contains(words)) || extension || call.or(cast).is_some_and(zoned))
}

/// Whether a value, which may say anything, is what the sentence is about.
fn is_of_data(subject: &str) -> bool {
    ["could not ", "failed to cast", "invalid ", "error when converting"].iter().any(|start| subject.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(class: &str, text: &str) -> Option<String> {
        EngineError::from(Failure { class: class.into(), text: text.into(), offset: None }).hint
    }

    #[test]
    fn time_zones_are_spoken_of_where_they_are_what_is_missing() {
        for (class, text) in [
            (
                "Binder",
                "No function matches the given name and argument types '+(TIMESTAMP WITH TIME ZONE, INTERVAL)'. You might need to add explicit type casts.\n\tCandidate functions:\n\t+(DATE, INTEGER) -> DATE\n",
            ),
            ("Not implemented", "Unimplemented type for cast (TIMESTAMP WITH TIME ZONE -> DATE)"),
            (
                "Catalog",
                "Setting with name \"timezone\" is not in the catalog, but it exists in the icu extension.\n\nPlease try installing and loading the icu extension",
            ),
            (
                "Autoload",
                "An error occurred while trying to automatically install the required extension 'icu':\nno network",
            ),
            ("IO", "Extension \"/x/icu.duckdb_extension\" not found."),
        ] {
            assert!(advice(class, text).is_some_and(|hint| hint.contains("extension_directory")), "{text}");
        }
        for (class, text) in [
            (
                "Binder",
                "No function matches the given name and argument types 'avg(VARCHAR)'. You might need to add explicit type casts.\n\tCandidate functions:\n\tavg(TIMESTAMP WITH TIME ZONE) -> TIMESTAMP WITH TIME ZONE\n",
            ),
            ("Catalog", "Table with name icu does not exist!\nDid you mean \"main.icus\"?"),
            ("Binder", "Referenced column \"icu\" not found in FROM clause!\nCandidate bindings: \"icu_id\""),
            ("Conversion", "Could not convert string 'exists in the icu extension' to INT32"),
            ("Conversion", "invalid timestamp field format: \"required extension 'icu'\""),
            ("Parser", "syntax error at or near \"timestamptz\""),
            ("Invalid Input", "Could not cast 'ambiguous reference to catalog or schema'"),
        ] {
            let hint = advice(class, text).unwrap_or_default();
            assert!(!hint.contains("time zones") && !hint.contains("catalog:"), "{text}: {hint}");
        }
    }

    #[test]
    fn a_schema_with_the_databases_name_is_told() {
        let text = "Ambiguous reference to catalog or schema \"x\" - use a fully qualified path like \"memory.x\"";
        assert!(advice("Binder", text).unwrap().contains("`catalog:`"));
    }
}

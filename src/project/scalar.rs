//! Plain YAML scalars as the YAML 1.2 core schema reads them (YAML 1.2.2, chapter 10.3.2), as far as nothing is lost.
//!
//! Takes a scalar's text, gives JSON. A number is one only where it is written back as it was: `01234`, `1.10` and a
//! number of thirty digits stay text. `yes`, `on` and `5_000` are text; so are infinities, which JSON lacks.

use serde_json::{Number, Value};

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match number(text).filter(|number| is_exact(text, number)) {
            Some(number) => Value::Number(number),
            None => Value::String(text.into()),
        },
    }
}

/// Whether SQL gets the very text for this number.
fn is_exact(text: &str, number: &Number) -> bool {
    number.to_string() == text && !text.contains(['e', 'E'])
}

/// Why a plain scalar means different things to different readers of YAML, where it does.
pub(super) fn ambiguity(text: &str) -> Option<&'static str> {
    let radix = |prefix: &str, digit: fn(&char) -> bool| {
        text.strip_prefix(prefix).is_some_and(|digits| !digits.is_empty() && digits.chars().all(|one| digit(&one)))
    };
    match text {
        _ if number(text).is_some_and(|number| !is_exact(text, &number)) => {
            Some("a number that isn't kept as it is written")
        }
        _ if radix("0x", char::is_ascii_hexdigit) || radix("0o", |digit| ('0'..='7').contains(digit)) => {
            Some("a number that isn't kept as it is written")
        }
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            Some("text to some readers of YAML, and true or false to others")
        }
        _ => None,
    }
}

/// A value of the command line: JSON where it is JSON, else text. A number that would be written otherwise stays text.
/// The error says what in a list or mapping can't be kept.
pub fn given(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Err(_) => Ok(Value::from(text)),
        Ok(Value::Number(number)) if !is_exact(text, &number) => Ok(Value::from(text)),
        Ok(value @ (Value::Array(_) | Value::Object(_))) => match inexact(text) {
            Some(number) => Err(number),
            None => Ok(value),
        },
        Ok(value) => Ok(value),
    }
}

/// The first number of a JSON text that isn't kept as it is written.
fn inexact(json: &str) -> Option<String> {
    let mut rest = json;
    while let Some(start) =
        rest.find(|character: char| character == '"' || character == '-' || character.is_ascii_digit())
    {
        rest = &rest[start..];
        if rest.starts_with('"') {
            let mut escaped = false;
            let end = rest[1..].find(|character| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends
            });
            rest = &rest[1..][end? + 1..];
            continue;
        }
        let end = rest.find(|character: char| !(character.is_ascii_digit() || "+-.eE".contains(character)));
        let (number, tail) = rest.split_at(end.unwrap_or(rest.len()));
        if !serde_json::from_str(number).is_ok_and(|value: Number| is_exact(number, &value)) {
            return Some(number.to_string());
        }
        rest = tail;
    }
    None
}

fn number(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let valid = digits.chars().all(|digit| digit.is_digit(radix));
            return valid.then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Number::from);
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        let integer = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
        return integer.ok().or_else(|| Number::from_f64(text.parse().ok()?));
    }
    let starts = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let digits = unsigned.bytes().any(|byte| byte.is_ascii_digit());
    let characters = unsigned.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    if !(starts && digits && characters) {
        return None;
    }
    Number::from_f64(text.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_core_schema_is_followed() {
        for (text, expected) in [
            ("12", json!(12)),
            ("-7", json!(-7)),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.5", json!(1.5)),
            ("0", json!(0)),
            ("TRUE", json!(true)),
            ("~", json!(null)),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
            assert_eq!(ambiguity(text), None, "{text}");
        }
        for text in [
            "01234",
            "12345678901234567890123",
            "1.10",
            "1.0e2",
            "1e5",
            "+7",
            "-0",
            "0x1F",
            "0o17",
            ".5",
            "1.",
            "0.10000000000000000001",
        ] {
            assert_eq!(resolve(text), json!(text), "{text}");
            assert_eq!(ambiguity(text), Some("a number that isn't kept as it is written"), "{text}");
        }
        for text in ["yes", "5_000", "1.2.3", "2026-01-02", ".inf", "e5", "-", "0xZZ", "inf", "nan", ".", "0x"] {
            assert_eq!(resolve(text), json!(text), "{text}");
        }
        assert_eq!(ambiguity("2026-01-02"), None);
        assert!(ambiguity("NO").is_some_and(|words| words.contains("true or false")));
    }

    #[test]
    fn values_of_the_command_line_stay_as_they_are_written() {
        for text in ["01234", "12345678901234567890123", "1.10", "1e5", "0x1F", "-0", "a: b", "", "{", "yes"] {
            assert_eq!(given(text), Ok(json!(text)), "{text}");
        }
        assert_eq!(given("12"), Ok(json!(12)));
        assert_eq!(given("0.5"), Ok(json!(0.5)));
        assert_eq!(given("true"), Ok(json!(true)));
        assert_eq!(given("\"01\""), Ok(json!("01")));
        assert_eq!(given(r#"{"a": [1, -2.5, "1.10 \" 1e5"]}"#), Ok(json!({"a": [1, -2.5, "1.10 \" 1e5"]})));
        assert_eq!(given("[1, 1.10]"), Err("1.10".to_string()));
        assert_eq!(given("[12345678901234567890123]"), Err("12345678901234567890123".to_string()));
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_as_a_number_is_written_as_it_was(text in r"[-+]?[0-9]{0,24}(\.[0-9]{0,4})?(e[0-9])?") {
            if let Value::Number(number) = resolve(&text) {
                assert_eq!(number.to_string(), text);
            }
        }
    }
}

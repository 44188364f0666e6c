//! Plain YAML scalars as the YAML 1.2 core schema reads them (YAML 1.2.2, chapter 10.3.2).
//!
//! Takes a scalar's text, gives JSON. `yes`, `on` and `5_000` are text; infinities, which JSON lacks, stay text too.

use serde_json::{Number, Value};

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.into()), Value::Number),
    }
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
            ("+7", json!(7)),
            ("18446744073709551615", json!(u64::MAX)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("1.5e3", json!(1500.0)),
            (".5", json!(0.5)),
            ("TRUE", json!(true)),
            ("~", json!(null)),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
        for text in ["yes", "5_000", "1.2.3", "2026-01-02", ".inf", "e5", "-", "0xZZ", "inf", "nan", ".", "0x"] {
            assert_eq!(resolve(text), json!(text), "{text}");
        }
    }
}

//! Methods of texts, lists and maps as Jinja2's templates call them: `d.items()`, `'a,b'.split(',')`.
//!
//! Values never change here, so methods that would change one (`append`, `update` …) are an error that says what to
//! write instead.

use super::problem::failure_of;
use crate::diagnostic::did_you_mean;
use minijinja::value::{ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat;

const TEXT: &[&str] = &[
    "capitalize",
    "casefold",
    "count",
    "endswith",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rjust",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "zfill",
];
const LIST: &[&str] = &["copy", "count", "index"];
const MAP: &[&str] = &["copy", "get", "items", "keys", "values"];

/// The longest text that filling up may give, in characters.
const WIDEST: usize = 100_000;

/// What a method gives that the template engine doesn't have itself.
pub fn call(state: &mut State, value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    // What `format` fills up isn't counted by the template engine.
    if method == "format" && value.as_str().is_some_and(is_wide) {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    match pycompat::unknown_method_callback(state, value, method, arguments) {
        Err(error) if error.kind() == ErrorKind::UnknownMethod => {}
        known => return known,
    }
    let known = match value.as_str() {
        Some(text) => of_text(text, method, arguments),
        None => of_collection(value, method, arguments),
    };
    known.unwrap_or_else(|| Err(unknown(value, method)))
}

/// Whether a text to be filled in asks for a width beyond reason.
fn is_wide(text: &str) -> bool {
    let wide = |digits: &str| digits.parse::<u128>().map_or(true, |width| width > WIDEST as u128);
    let fields = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
    let numbers = fields.flat_map(|field| field.split(|character: char| !character.is_ascii_digit()));
    numbers.filter(|digits| !digits.is_empty()).any(wide)
}

fn of_text(text: &str, method: &str, arguments: &[Value]) -> Option<Result<Value, Error>> {
    let with = |give: &dyn Fn(&str) -> Value| from_args(arguments).map(|(argument,): (&str,)| give(argument));
    let filled = |left: bool, right: bool, default: &str| {
        let (width, fill): (usize, Option<&str>) = from_args(arguments)?;
        let missing = width.min(WIDEST).saturating_sub(text.chars().count());
        let before = if left && right { missing / 2 } else { missing * usize::from(left) };
        let fill = fill.unwrap_or(default);
        let sign = if default == "0" && text.starts_with(['+', '-']) { 1 } else { 0 };
        let (sign, text) = text.split_at(sign);
        let after = if right { missing - before } else { 0 };
        Ok(Value::from(format!("{sign}{}{text}{}", fill.repeat(before), fill.repeat(after))))
    };
    Some(match method {
        "casefold" => Ok(text.to_lowercase().into()),
        "center" => filled(true, true, " "),
        "ljust" => filled(false, true, " "),
        "rjust" => filled(true, false, " "),
        "zfill" => filled(true, false, "0"),
        "removeprefix" => with(&|prefix| text.strip_prefix(prefix).unwrap_or(text).into()),
        "removesuffix" => with(&|suffix| text.strip_suffix(suffix).unwrap_or(text).into()),
        "partition" => with(&|separator| {
            let (before, after) = text.split_once(separator).unwrap_or((text, ""));
            let found = if before.len() == text.len() { "" } else { separator };
            [before, found, after].into_iter().map(Value::from).collect()
        }),
        "index" => from_args(arguments).and_then(|(part,): (&str,)| {
            let at = text.find(part).map(|at| text[..at].chars().count());
            at.map(Value::from).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the text doesn't hold that"))
        }),
        "rsplit" => from_args(arguments).map(|(separator, most): (&str, Option<usize>)| {
            let most = most.map_or(usize::MAX, |most| most.saturating_add(1));
            let mut parts: Vec<&str> = text.rsplitn(most, separator).collect();
            parts.reverse();
            parts.into_iter().map(Value::from).collect()
        }),
        _ => return None,
    })
}

fn of_collection(value: &Value, method: &str, arguments: &[Value]) -> Option<Result<Value, Error>> {
    match (value.kind(), method) {
        (ValueKind::Seq | ValueKind::Map, "copy") => Some(from_args(arguments).map(|()| value.clone())),
        (ValueKind::Seq, "index") => Some(from_args(arguments).and_then(|(wanted,): (&Value,)| {
            let at = value.try_iter()?.checked().position(|item| item.is_ok_and(|item| item == *wanted));
            at.map(Value::from).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the list doesn't hold that"))
        })),
        _ => None,
    }
}

fn unknown(value: &Value, method: &str) -> Error {
    let (what, known) = match value.kind() {
        ValueKind::String => ("a text", TEXT),
        ValueKind::Seq | ValueKind::Iterable => ("a list", LIST),
        ValueKind::Map => ("a map", MAP),
        _ => return Error::from(ErrorKind::UnknownMethod),
    };
    let hint = match (what, method) {
        ("a list", "append" | "extend" | "insert" | "pop" | "remove" | "reverse" | "sort" | "clear") => {
            "a list can't be changed: make a new one, `{% set xs = xs + [x] %}`; to keep it beyond a loop, \
             `{% set ns = namespace(xs=[]) %}` before and `{% set ns.xs = ns.xs + [x] %}` inside"
                .into()
        }
        ("a map", "update" | "pop" | "popitem" | "setdefault" | "clear") => {
            "a map can't be changed: make a new one, `{% set d = dict(d, key=value) %}`; to keep it beyond a loop, \
             `{% set ns = namespace(d={}) %}` before and `{% set ns.d = dict(ns.d, key=value) %}` inside"
                .into()
        }
        _ => did_you_mean(method, known.iter().copied())
            .unwrap_or_else(|| format!("methods of {what}: {}", known.join(", "))),
    };
    failure_of(ErrorKind::UnknownMethod, "template", &format!("{what} has no method `{method}`"), &hint)
}

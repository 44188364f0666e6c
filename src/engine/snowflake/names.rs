//! Names as the account has them, and as fft writes and tells them.
//!
//! A name without quotes is an upper-case one there. fft writes `stg_users` without quotes, so that what the account calls
//! `STG_USERS` is told as `stg_users`, and every other name as it is.

use crate::dialect::{Dialect, LetterCase, Snowflake};

/// The name that the account has, of one that fft writes.
pub(super) fn own(name: &str) -> String {
    if LetterCase::Raised.found(name) == name && name == name.to_ascii_lowercase() {
        Snowflake.folded(name)
    } else {
        name.into()
    }
}

/// The same of a name in a profile, where one without quotes means what it means in SQL, and one in quotes itself.
pub(super) fn declared(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => Snowflake.folded(name),
    }
}

/// A name in a profile as fft writes it; why it can't, in words.
pub(super) fn written(name: &str) -> Result<String, &'static str> {
    let own = if name.starts_with('"') { declared(name) } else { name.into() };
    if own.is_empty() || own.starts_with('"') {
        return Err("is no name");
    }
    if name.starts_with('"') && is_unwritable(&own) {
        return Err("is a name of small letters in quotes, which fft has no way to write");
    }
    Ok(LetterCase::Raised.found(&own))
}

/// A name of the account as fft tells it. One that fft can't write, of small letters in quotes, is told in its quotes.
pub(super) fn told(own: &str) -> String {
    if is_unwritable(own) { format!("\"{own}\"") } else { LetterCase::Raised.found(own) }
}

/// The same of a column, which is read but never looked for by its name.
pub(super) fn column_name(own: &str) -> String {
    LetterCase::Raised.found(own)
}

/// Whether fft has no way to write a name of the account: without quotes it would be another one.
pub(super) fn is_unwritable(own: &str) -> bool {
    self::own(own) != own
}

/// Names as the list that `in` takes.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| Snowflake.string_literal(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_small_letters_is_one_of_the_accounts_in_capitals() {
        for (name, has) in [
            ("stg_users", "STG_USERS"),
            ("STG_USERS", "STG_USERS"),
            ("Users", "Users"),
            ("a b", "a b"),
            ("größe", "größe"),
        ] {
            assert_eq!(own(name), has, "{name}");
        }
        for (has, name) in [("STG_USERS", "stg_users"), ("Users", "Users"), ("users", "\"users\""), ("A B", "A B")] {
            assert_eq!(told(has), name, "{has}");
        }
        for (written, has) in
            [("analytics", "ANALYTICS"), ("Analytics", "ANALYTICS"), ("\"Mine\"", "Mine"), ("a b", "a b")]
        {
            assert_eq!(declared(written), has, "{written}");
        }
        for (name, expected) in [
            ("analytics", Ok("analytics")),
            ("ANALYTICS", Ok("analytics")),
            ("Sales", Ok("Sales")),
            ("\"Sales\"", Ok("Sales")),
            ("\"SALES\"", Ok("sales")),
            ("\"two words\"", Ok("two words")),
            ("\"sales\"", Err("is a name of small letters in quotes, which fft has no way to write")),
            ("\"\"", Err("is no name")),
            ("\"sales", Err("is no name")),
        ] {
            assert_eq!(written(name), expected.map(String::from), "{name}");
        }
        assert!(is_unwritable("users") && !is_unwritable("USERS") && !is_unwritable("Users"));
    }
}

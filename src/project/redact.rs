//! Passwords and secrets taken out of text that people or files get to see.
//!
//! Takes text, gives the same text with each secret replaced. What looks like a password in a URL or a connection
//! string is taken out wherever it stands; values of secret variables where the environment is known.

use super::{EnvVar, Environment, Profile};
use crate::secret::{Secrets, mask};
use std::fmt;
use std::ops::Range;

/// Secret though its name doesn't say so: who has it can guess withheld values.
const KEY: &str = "FFT_FINGERPRINT_KEY";

const PASSWORD_KEYS: [&str; 3] = ["password=", "passwd=", "pwd="];

/// `text` with `***` for the password of every `scheme://user:password@host` and every `password=…`.
pub fn without_passwords(text: &str) -> String {
    let mut shown = text.to_string();
    for span in passwords(text).into_iter().rev() {
        shown.replace_range(span, "***");
    }
    shown
}

impl Environment {
    /// Every secret value with the variable that holds it: those of secret variables, and the passwords within the
    /// values of others.
    pub fn secrets(&self) -> Vec<(&str, &str)> {
        let mut secrets: Vec<(&str, &str)> = Vec::new();
        for (name, var) in &self.vars {
            match var.secret || name == KEY {
                true => secrets.push((&var.value, name)),
                false => {
                    secrets.extend(passwords(&var.value).into_iter().map(|span| (&var.value[span], name.as_str())))
                }
            }
        }
        secrets
    }

    /// Every secret value in every form in which it may stand.
    pub fn forms(&self) -> Secrets {
        Secrets::new(self.secrets())
    }

    /// As [`redact`], for where a message is made once: the forms are made anew each time.
    pub fn redact(&self, text: &str) -> String {
        redact(text, &self.forms())
    }
}

/// `text` without passwords, and with `‹env:NAME›` for every value of a secret variable and for the passwords within the
/// values of others, in whatever form they stand.
pub fn redact(text: &str, secrets: &Secrets) -> String {
    without_passwords(&secrets.redact(text, mask))
}

/// Where the passwords are, in order and apart from each other.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = text.match_indices("://").filter_map(|(at, _)| in_url(text, at + 3)).collect();
    let lower = text.to_ascii_lowercase();
    for key in PASSWORD_KEYS {
        spans.extend(lower.match_indices(key).map(|(at, _)| in_pair(text, at + key.len())));
    }
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match apart.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => apart.push(span),
        }
    }
    apart
}

/// The password of the URL whose authority starts at `start`. The last `@` counts: passwords hold raw ones.
fn in_url(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let rest = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
    let at = rest.rfind('@')?;
    let colon = rest[..at].find(':')?;
    Some(start + colon + 1..start + at)
}

/// The value of a `password=` that starts at `start`, quoted or not.
fn in_pair(text: &str, start: usize) -> Range<usize> {
    let rest = &text[start..];
    let length = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.find('\'').map_or(rest.len(), |end| end + 2),
        None => rest.find(|c: char| c.is_whitespace() || "&;\"'`".contains(c)).unwrap_or(rest.len()),
    };
    start..start + length
}

impl fmt::Debug for EnvVar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Debug = if self.exposed { &self.value } else { &"withheld" };
        f.debug_struct("EnvVar")
            .field("value", value)
            .field("origin", &self.origin)
            .field("secret", &self.secret)
            .field("exposed", &self.exposed)
            .field("ignored", &self.ignored)
            .finish()
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("engine", &self.engine)
            .field("settings", &"withheld")
            .field("at", &self.at)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls_and_connection_strings_are_taken_out() {
        for (text, expected) in [
            ("postgresql+psycopg://u:p@ss:w@h:5432/db", "postgresql+psycopg://u:***@h:5432/db"),
            ("at 'https://u:p@h/x' and http://h:80/y", "at 'https://u:***@h/x' and http://h:80/y"),
            ("host=h PASSWORD='a b' user=u", "host=h PASSWORD=*** user=u"),
            ("postgres://h/db?password=x&sslmode=require", "postgres://h/db?password=***&sslmode=require"),
            ("postgres://u:p@h/db?password=x@y", "postgres://u:***"),
            ("`https://u:p'w@h`", "`https://u:***@h`"),
            ("https://h/a", "https://h/a"),
            ("password=", "password="),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_redacted(text in r"([a-z:/@'é ]|password=|://){0,12}") {
            without_passwords(&text);
        }
    }

    #[test]
    fn messages_lose_the_values_of_secret_variables() {
        let var = |value: &str, secret| EnvVar {
            value: value.into(),
            origin: "process".into(),
            secret,
            exposed: false,
            ignored: false,
        };
        let vars = [
            ("FF_PG_DSN", var("postgresql+psycopg://fft:hun:ter2@host/db", false)),
            ("FF_TOKEN", var("abc123", true)),
            ("FF_TOKEN_LONG", var("abc123456", true)),
            ("FF_REGION", var("here", false)),
        ];
        let environment =
            Environment { vars: vars.map(|(name, var)| (name.to_string(), var)).into(), ..Environment::default() };
        assert_eq!(
            environment.redact("at hun:ter2 with abc123456 and abc123 here"),
            "at ‹env:FF_PG_DSN› with ‹env:FF_TOKEN_LONG› and ‹env:FF_TOKEN› here"
        );
        assert!(!format!("{environment:?}").contains("abc123"));
    }
}

//! Passwords and secrets taken out of text that people or files get to see.
//!
//! Takes text, gives the same text with each secret replaced. What looks like a password in a URL or a connection
//! string, or like a token in a URL's query, is taken out wherever it stands; values of secret variables where the
//! environment is known.

use super::{EnvVar, Environment, Profile};
use crate::secret::{Secrets, mask};
use std::fmt;
use std::ops::Range;

/// Secret though its name doesn't say so: who has it can guess withheld values.
const KEY: &str = "FFT_FINGERPRINT_KEY";

const PASSWORD_KEYS: [&str; 3] = ["password=", "passwd=", "pwd="];

/// Parameters of a URL that let in whoever knows their values, sorted. `key` isn't among them: it may as well say which
/// data are meant, and those are inputs.
const TOKENS: [&str; 25] = [
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "awsaccesskeyid",
    "client_secret",
    "googleaccessid",
    "id_token",
    "passwd",
    "password",
    "pwd",
    "refresh_token",
    "s3_access_key_id",
    "s3_secret_access_key",
    "s3_session_token",
    "secret",
    "sig",
    "signature",
    "token",
    "x_amz_credential",
    "x_amz_security_token",
    "x_amz_signature",
    "x_goog_credential",
    "x_goog_signature",
];

/// `text` with `***` for the password of every `scheme://user:password@host` and every `password=…`, and for the tokens
/// among the parameters of every URL.
pub fn without_passwords(text: &str) -> String {
    masked(text, passwords(text))
}

/// `text` with `***` for the tokens among the parameters of every URL.
pub fn without_tokens(text: &str) -> String {
    masked(text, apart(tokens(text)))
}

fn masked(text: &str, spans: Vec<Range<usize>>) -> String {
    let mut shown = text.to_string();
    for span in spans.into_iter().rev() {
        shown.replace_range(span, "***");
    }
    shown
}

impl Environment {
    /// Every secret value with the variable that holds it: those of secret variables, the passwords within the values of
    /// others, and what else the profile has of them.
    pub fn secrets(&self) -> Vec<(&str, &str)> {
        let mut secrets: Vec<(&str, &str)> = Vec::new();
        for (name, var) in &self.vars {
            if var.secret || name == KEY {
                secrets.push((&var.value, name))
            } else {
                secrets.extend(passwords(&var.value).into_iter().map(|span| (&var.value[span], name.as_str())))
            }
        }
        secrets.extend(self.of_profile.iter().map(|(name, var)| (var.value.as_str(), name.as_str())));
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

/// Where the passwords and tokens are, in order and apart from each other.
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = text.match_indices("://").filter_map(|(at, _)| in_url(text, at + 3)).collect();
    let lower = text.to_ascii_lowercase();
    for key in PASSWORD_KEYS {
        spans.extend(lower.match_indices(key).map(|(at, _)| in_pair(text, at + key.len())));
    }
    spans.extend(tokens(text));
    apart(spans)
}

/// The tokens among the parameters of all URLs.
fn tokens(text: &str) -> Vec<Range<usize>> {
    text.match_indices("://").flat_map(|(at, _)| in_query(text, at + 3)).collect()
}

fn apart(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
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
    let (before, behind) = (&rest[..colon], &rest[colon + 1..at]);
    let port = behind.find(['/', '?', '#']).map(|end| &behind[..end]);
    // An `@` in the path or the query of a URL without a password.
    if before.contains(['/', '?', '#']) || port.is_some_and(|port| port.parse::<u16>().is_ok()) {
        return None;
    }
    Some(start + colon + 1..start + at)
}

/// The values of the parameters that are tokens, of the URL whose authority starts at `start`: those of its query, and
/// those of its path, which begin with `;`.
fn in_query(text: &str, start: usize) -> Vec<Range<usize>> {
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || "'\"`<>#".contains(c)).unwrap_or(rest.len());
    // What begins a query stands in one as any other character does, and so does what parts a path's parameters.
    let question = rest[..end].find('?').unwrap_or(end);
    let path = rest[..question].split(';').skip(1);
    let query = rest[question..end].get(1..).into_iter().flat_map(|query| query.split('&'));
    let mut spans = Vec::new();
    for pair in path.chain(query) {
        let at = start + (pair.as_ptr() as usize - rest.as_ptr() as usize);
        if let Some((name, _)) = pair.split_once('=') {
            let known = url::form_urlencoded::parse(name.as_bytes()).next();
            let known = known.map(|(name, _)| name.to_ascii_lowercase().replace('-', "_")).unwrap_or_default();
            if TOKENS.binary_search(&known.as_str()).is_ok() {
                spans.push(at + name.len() + 1..at + pair.len());
            }
        }
    }
    spans
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
    use super::super::testing;
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
            ("https://h/x?se=2026&sig=a%2Fb%3D&sp=r", "https://h/x?se=2026&sig=***&sp=r"),
            (
                "'https://h/x?X-Amz-Signature=ab&X-Amz-Date=1' failed",
                "'https://h/x?X-Amz-Signature=***&X-Amz-Date=1' failed",
            ),
            ("s3://b/k?s3_secret_access_key=a/b+c&s3_region=eu", "s3://b/k?s3_secret_access_key=***&s3_region=eu"),
            ("https://h/x?api%5Fkey=1&Token=2#part", "https://h/x?api%5Fkey=***&Token=***#part"),
            ("https://u:p@h/x?token=a&b=c", "https://u:***@h/x?token=***&b=c"),
            ("sc://h:1/;use_ssl=true;token=abc;user_id=me", "sc://h:1/;use_ssl=true;token=***;user_id=me"),
            ("https://h/x;sid=1?token=2", "https://h/x;sid=1?token=***"),
            ("https://h/x?token=ab;cd?e&b=c", "https://h/x?token=***&b=c"),
            ("https://h/x?filter=a;sig=4", "https://h/x?filter=a;sig=4"),
            // What says which data are meant.
            ("https://h/x?page=2&key=users&sigma=1", "https://h/x?page=2&key=users&sigma=1"),
            ("token=a sig=b", "token=a sig=b"),
            // An `@` elsewhere.
            ("https://h:8080/x?mail=a@b", "https://h:8080/x?mail=a@b"),
            ("https://h/a:b@c", "https://h/a:b@c"),
        ] {
            assert_eq!(without_passwords(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_redacted(text in r"([a-z:/@'é &?=%;#]|password=|token=|://){0,12}") {
            without_passwords(&text);
        }
    }

    #[test]
    fn names_of_tokens_are_sorted() {
        assert!(TOKENS.is_sorted());
    }

    #[test]
    fn messages_lose_the_values_of_secret_variables() {
        let var = |value: &str, secret| testing::env_var(value, |var| var.secret = secret);
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

//! Takes credentials out of what people get to see.
//!
//! A URL loses its userinfo, the values of query parameters whose names look secret, and every value of a secret
//! environment variable that occurs in it, in whatever form.

use crate::project::without_passwords;
use crate::secret::Secrets;
use std::borrow::Cow;
use std::sync::Arc;
use url::Url;

/// What stands in a credential's place.
pub(super) const MASK: &str = "***";

/// Words that make a name look secret, wherever they stand in it.
const SECRET_WORDS: [&str; 22] = [
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "jwt",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "token",
    "cookie",
    "csrf",
];

/// Endings that make a word look secret even where it is run together: `accesstoken`, `clientsecret`.
const SECRET_ENDINGS: [&str; 7] = ["apikey", "accesskey", "password", "secret", "signature", "token", "authkey"];

/// Values shorter than this are left alone: they occur by chance.
const SHORTEST_SECRET: usize = 4;

/// Whether a header's or parameter's name says that its value is a credential.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = split_camel_case(name);
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| SECRET_WORDS.contains(&word) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// `apiKey` → `api_key`, lower case.
fn split_camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_small {
            out.push('_');
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
        out.extend(letter.to_lowercase());
    }
    out
}

/// The values that must not be shown.
#[derive(Clone, Default)]
pub(super) struct Redaction {
    values: Vec<String>,
    forms: Arc<Secrets>,
}

impl Redaction {
    /// Takes the values of secret environment variables.
    pub fn new(secrets: &[String]) -> Redaction {
        let long = secrets.iter().filter(|secret| secret.trim().len() >= SHORTEST_SECRET);
        let values: Vec<String> = long.cloned().collect();
        let forms = Secrets::new(values.iter().map(|value| (value.as_str(), "")));
        Redaction { values, forms: Arc::new(forms) }
    }

    /// The values that must not be shown.
    pub fn secrets(&self) -> &[String] {
        &self.values
    }

    pub fn text(&self, text: &str) -> String {
        self.forms.redact(text, |_| MASK.into())
    }

    pub fn url(&self, url: &Url) -> String {
        let mut shown = url.clone();
        // Setting these fails only for URLs without a host, which carry no userinfo.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(url.query().map(masked_query).as_deref());
        self.text(shown.as_str())
    }
}

/// The query as it stands, the values of secret-looking parameters replaced.
fn masked_query(query: &str) -> String {
    let masked = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if looks_secret(&decoded(name)) => format!("{name}={MASK}"),
        _ => pair.to_string(),
    };
    query.split('&').map(masked).collect::<Vec<_>>().join("&")
}

/// Whether a header's value carries a credential in a URL: a password in front of the host, or a parameter whose name
/// looks secret in query or fragment.
pub(super) fn has_secret_in_url(value: &str) -> bool {
    let mut behind = value.split(['?', '#', '&']).skip(1).filter_map(|pair| pair.split_once('='));
    without_passwords(value) != value || behind.any(|(name, _)| looks_secret(&decoded(name)))
}

fn decoded(name: &str) -> Cow<'_, str> {
    url::form_urlencoded::parse(name.as_bytes()).next().map_or(Cow::Borrowed(""), |(name, _)| name)
}

/// What can be shown of text that isn't a URL though it should be: nothing behind `?` or `#`, nothing before `@`.
pub(super) fn broken_url(text: &str) -> String {
    let front = text.split(['?', '#']).next().unwrap_or("");
    match front.rsplit_once('@') {
        Some((_, behind)) => format!("{MASK}@{behind}"),
        None => front.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_secret() {
        for name in ["token", "access_token", "accessToken", "API-Key", "key", "X-Amz-Signature", "clientsecret", "pwd"]
        {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["keyword", "monkey", "author", "page", "tokenizer", "country"] {
            assert!(!looks_secret(name), "{name}");
        }
    }

    #[test]
    fn a_url_is_shown_without_credentials() {
        let redaction = Redaction::new(&["s3cr3t/value".into()]);
        let url =
            Url::parse("https://me:pw@example.com/bot/s3cr3t/value?page=2&api%5Fkey=abc&token=x&q=s3cr3t%2Fvalue");
        assert_eq!(redaction.url(&url.unwrap()), "https://example.com/bot/***?page=2&api%5Fkey=***&token=***&q=***");
        let plain = Url::parse("https://example.com/a?b=%20c&d").unwrap();
        assert_eq!(redaction.url(&plain), plain.as_str());
        assert_eq!(broken_url("me:pw@host/p?token=x"), "***@host/p");
    }

    #[test]
    fn a_url_is_shown_without_any_form_of_a_secret() {
        let redaction = Redaction::new(&["cAnArY/Tok+en=8812~x".into()]);
        for (path, shown) in [
            ("botcAnArY%2FTok%2Ben%3D8812~x/x", "bot***/x"),
            ("botcAnArY%2fTok%2ben%3d8812%7Ex/x", "bot***/x"),
            ("q?b=Y0FuQXJZL1RvaytlbjE9ODgxMn54", "q?b=Y0FuQXJZL1RvaytlbjE9ODgxMn54"),
            ("q?b=Y0FuQXJZL1Rvaytlbj04ODEyfng%3D&c", "q?b=***%3D&c"),
            ("q?b=63416E4172592F546F6B2B656E3D383831327E78", "q?b=***"),
        ] {
            let url = Url::parse(&format!("https://example.com/{path}")).unwrap();
            assert_eq!(redaction.url(&url), format!("https://example.com/{shown}"));
        }
    }

    #[test]
    fn a_header_may_carry_a_credential_in_a_url() {
        for value in [
            "http://h/?token=x",
            "/next?page=2&access_token=x",
            "<https://h/x?sig=1>; rel=next",
            "https://h/#id_token=x",
            "0; url=https://me:pw@h/",
            "/x?api%5Fkey=1",
        ] {
            assert!(has_secret_in_url(value), "{value}");
        }
        for value in
            ["https://h/?page=2", "max-age=3600", "attachment; filename=key.csv", "<https://h/x>; rel=next", "\"a?b\""]
        {
            assert!(!has_secret_in_url(value), "{value}");
        }
    }
}

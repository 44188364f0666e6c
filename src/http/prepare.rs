//! A request made ready to send: checked, parameters in the URL, userinfo turned into a header.

use super::redact::{Redaction, broken_url, looks_secret};
use super::{HttpError, Request};
use base64::Engine as _;
use percent_encoding::percent_decode_str;
use std::time::Duration;
use ureq::http::{HeaderName, HeaderValue};
use url::Url;

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that the transport sets itself.
const TRANSPORT_HEADERS: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A secret shorter than this is taken to occur in an answer by chance.
const SHORTEST_ECHO: usize = 8;

/// A request as it goes out.
#[derive(Clone)]
pub struct Prepared {
    /// Upper case.
    pub method: String,
    /// http or https, without userinfo and fragment.
    pub url: Url,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub timeout: Duration,
}

impl Prepared {
    /// Checks `request`; `timeout` is for requests that have none. Errors with [`HttpError::Invalid`].
    pub fn new(request: &Request, timeout: Duration) -> Result<Prepared, HttpError> {
        let method = request.method.to_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            return Err(invalid(format!("`{}` is no method; use one of {}", request.method, METHODS.join(", "))));
        }
        let mut url = parse(&request.url)?;
        let mut headers = checked_headers(&request.headers)?;
        if let Some(basic) = take_userinfo(&mut url)
            && !headers.iter().any(|(name, _)| name == "authorization")
        {
            headers.push(("authorization".into(), basic));
        }
        if !request.params.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.params);
        }
        Ok(Prepared { method, url, headers, body: request.body.clone(), timeout: request.timeout.unwrap_or(timeout) })
    }

    /// Whether an answer may be kept.
    pub fn is_cacheable(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Everything secret that the request carries.
    pub(super) fn credentials(&self, redaction: &Redaction) -> Vec<String> {
        let mut found: Vec<String> = redaction.secrets().to_vec();
        for (name, value) in self.headers.iter().filter(|(name, _)| is_credential(name)) {
            found.push(value.clone());
            found.extend(value.split([' ', ';', ',']).map(str::to_string));
            found.extend(value.split(';').filter_map(|cookie| Some(cookie.split_once('=')?.1.trim().to_string())));
            found.extend(value.strip_prefix("Basic ").and_then(basic_password).filter(|_| name == "authorization"));
        }
        let secret = self.url.query_pairs().filter(|(name, _)| looks_secret(name));
        found.extend(secret.map(|(_, value)| value.into_owned()));
        found.retain(|text| text.len() >= SHORTEST_ECHO);
        found
    }
}

/// Whether a header carries a credential, in a request or an answer.
pub(super) fn is_credential(name: &str) -> bool {
    name.ends_with("-authenticate") || looks_secret(name)
}

fn invalid(message: String) -> HttpError {
    HttpError::Invalid { message }
}

fn parse(text: &str) -> Result<Url, HttpError> {
    let mut url = Url::parse(text.trim())
        .map_err(|error| invalid(format!("`{}` is no URL that can be fetched: {error}", broken_url(text))))?;
    if !matches!(url.scheme(), "http" | "https") {
        let shown = broken_url(text);
        return Err(invalid(format!("`{shown}` can't be fetched: only http and https URLs can")));
    }
    url.set_fragment(None);
    Ok(url)
}

fn checked_headers(headers: &[(String, String)]) -> Result<Vec<(String, String)>, HttpError> {
    let mut checked = Vec::new();
    for (name, value) in headers {
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(invalid(format!("`{}` is no header name", name.escape_debug())));
        }
        if HeaderValue::from_str(value).is_err() {
            return Err(invalid(format!("the value of header `{name}` has characters that can't be sent")));
        }
        let name = name.to_ascii_lowercase();
        if !TRANSPORT_HEADERS.contains(&name.as_str()) {
            checked.push((name, value.clone()));
        }
    }
    Ok(checked)
}

/// Removes the userinfo from a URL and gives it as the value of an Authorization header.
fn take_userinfo(url: &mut Url) -> Option<String> {
    let password = url.password().unwrap_or("").to_string();
    let user = url.username().to_string();
    if user.is_empty() && password.is_empty() {
        return None;
    }
    let plain: Vec<u8> = percent_decode_str(&user).chain(*b":").chain(percent_decode_str(&password)).collect();
    // Can't fail: a URL with userinfo has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain)))
}

fn basic_password(encoded: &str) -> Option<String> {
    let plain = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    Some(String::from_utf8(plain).ok()?.split_once(':')?.1.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(url: &str, params: &[(&str, &str)]) -> Result<Prepared, HttpError> {
        let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let request = Request { method: "get".into(), url: url.into(), params, ..Request::default() };
        Prepared::new(&request, Duration::from_secs(1))
    }

    #[test]
    fn parameters_are_appended_in_order() {
        let url = |params: &[(&str, &str)]| prepared("http://h/p?z=1#x", params).unwrap().url.to_string();
        assert_eq!(url(&[("b", "2 3"), ("a", "é&")]), "http://h/p?z=1&b=2+3&a=%C3%A9%26");
        assert_eq!(url(&[]), "http://h/p?z=1");
    }

    #[test]
    fn userinfo_becomes_a_header() {
        let request = prepared("http://me%40x:p%3Aw@h/", &[]).unwrap();
        assert_eq!(request.url.as_str(), "http://h/");
        assert_eq!(request.headers, [("authorization".to_string(), "Basic bWVAeDpwOnc=".to_string())]);
    }

    #[test]
    fn what_cannot_be_sent_is_said_without_credentials() {
        let message = |url| prepared(url, &[]).err().unwrap().to_string();
        assert_eq!(message("ftp://me:pw@h/x?token=1"), "`***@h/x` can't be fetched: only http and https URLs can");
        assert!(message("//h/x").starts_with("`//h/x` is no URL"));
        let request = Request {
            method: "GET".into(),
            url: "http://h".into(),
            headers: vec![("X-Api-Key".into(), "abc\r\ndef".into())],
            ..Request::default()
        };
        let error = Prepared::new(&request, Duration::ZERO).err().unwrap().to_string();
        assert!(error.contains("X-Api-Key") && !error.contains("abc"), "{error}");
    }
}

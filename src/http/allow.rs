//! The allow-list: which hosts may be contacted.
//!
//! An entry is a host name; it allows that host and its subdomains. An empty list allows every host.

use super::HttpError;
use super::redact::Redaction;
use url::{Host, Url};

/// Host names in the form that URLs carry them: lower case, punycode.
#[derive(Clone, Debug, Default)]
pub(super) struct AllowList(Vec<String>);

impl AllowList {
    pub fn new(domains: &[String]) -> AllowList {
        AllowList(domains.iter().filter_map(|domain| normalised(domain)).collect())
    }

    pub fn permits(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let host = host.trim_end_matches('.');
        let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        self.0.is_empty() || self.0.iter().any(|domain| below(domain))
    }

    /// Errors when the host isn't allowed; `from` is the URL that redirected here.
    pub fn check(&self, url: &Url, from: Option<&Url>, redaction: &Redaction) -> Result<(), HttpError> {
        if self.permits(url) {
            Ok(())
        } else {
            Err(HttpError::NotAllowed {
                url: redaction.url(url),
                host: redaction.text(url.host_str().unwrap_or("")),
                redirected_from: from.map(|from| redaction.url(from)),
            })
        }
    }
}

/// The host that an entry of the list names; `None` for anything that isn't one.
pub(super) fn normalised(domain: &str) -> Option<String> {
    let host = Host::parse(domain.trim().trim_end_matches('.')).ok()?;
    Some(host.to_string()).filter(|host| !host.is_empty() && !host.contains('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(domains: &[&str], url: &str) -> bool {
        let domains: Vec<String> = domains.iter().map(|domain| domain.to_string()).collect();
        AllowList::new(&domains).permits(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_domain_allows_itself_and_what_is_below_it() {
        assert!(permits(&["example.com"], "https://example.com/x"));
        assert!(permits(&["Example.COM"], "https://api.EXAMPLE.com:8443/x"));
        assert!(permits(&["example.com"], "https://example.com./x"));
        assert!(!permits(&["example.com"], "https://badexample.com/"));
        assert!(!permits(&["example.com"], "https://example.com.evil.net/"));
        assert!(!permits(&["example.com"], "https://example.com@evil.net/"));
        assert!(!permits(&["api.example.com"], "https://example.com/"));
    }

    #[test]
    fn an_empty_list_allows_all() {
        assert!(permits(&[], "http://127.0.0.1:9/"));
        assert!(permits(&["[::1]"], "http://[::1]/"));
        assert!(permits(&["bücher.example"], "https://xn--bcher-kva.example/"));
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        assert_eq!(normalised("https://example.com"), None);
        assert_eq!(normalised("*.example.com"), None);
        assert_eq!(normalised("example.com/path"), None);
        assert_eq!(normalised(""), None);
    }
}

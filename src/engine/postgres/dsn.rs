//! Connection strings: URL, `key=value`, and the spelling with a driver's name (`postgresql+psycopg://…`).
//!
//! Takes the text, gives the client's [`Config`] and how the server is to prove itself. What the client itself doesn't
//! know (`verify-full`, `sslrootcert`) is taken out first; what says nothing to fft is left out. No error shows a value.

use crate::diagnostic::did_you_mean;
use ::postgres::Config;
use ::postgres::config::{Host, SslMode};
use percent_encoding::{AsciiSet, utf8_percent_encode};

/// A connection string, read.
#[derive(Clone, Debug)]
pub(super) struct Dsn {
    pub config: Config,
    pub proof: Proof,
    /// `sslrootcert`: a file of certificates, or `system`.
    pub root_certificate: Option<String>,
}

/// What a server must show before it is trusted with anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Encryption where there is any, whoever the server is.
    None,
    /// A certificate of a known authority.
    Authority,
    /// That, and for the name that was asked for.
    Name,
}

/// Why a connection string can't be used, and how to mend it.
#[derive(Debug, PartialEq)]
pub(super) struct Problem {
    pub message: String,
    pub hint: Option<String>,
}

/// Parameters that the client knows.
const KNOWN: &[&str] = &[
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "sslmode",
    "sslrootcert",
    "sslnegotiation",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
];

/// Parameters that change nothing here.
const IDLE: &[&str] = &["client_encoding", "fallback_application_name", "gssencmode", "sslcompression", "sslsni"];

impl Dsn {
    pub fn parse(text: &str) -> Result<Dsn, Problem> {
        let text = text.trim();
        let (rest, parameters) = match url(text) {
            Some(url) => split_url(&url)?,
            None => (String::new(), pairs(text)?),
        };
        let mut read = Read { mode: SslMode::Prefer, proof: Proof::None, root_certificate: None, kept: Vec::new() };
        parameters.into_iter().try_for_each(|(key, value)| read.take(key, value))?;
        let mut config = if rest.is_empty() {
            read.as_pairs().parse::<Config>()
        } else {
            format!("{rest}{}", read.as_query()).parse()
        }
        .map_err(|error| problem(source(&error), None))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        // No server offers encryption on a Unix socket, so that libpq asks for none either.
        let local = config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
        let local = local && !config.get_hosts().is_empty();
        config.ssl_mode(if local { SslMode::Disable } else { read.mode });
        Ok(Dsn { config, proof: read.proof, root_certificate: read.root_certificate })
    }

    /// `host:port/database`, by which people and cache entries know it.
    pub fn shown(&self) -> String {
        let config = &self.config;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.to_string_lossy().into_owned(),
        });
        let mut hosts: Vec<String> = hosts.collect();
        if hosts.is_empty() {
            hosts = config.get_hostaddrs().iter().map(ToString::to_string).collect();
        }
        let port = |at: usize| config.get_ports().get(at).or(config.get_ports().first()).copied().unwrap_or(5432);
        let hosts: Vec<String> = hosts.iter().enumerate().map(|(at, host)| format!("{host}:{}", port(at))).collect();
        let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
        format!("{}/{database}", hosts.join(","))
    }
}

/// Parameters while they are read.
struct Read {
    mode: SslMode,
    proof: Proof,
    root_certificate: Option<String>,
    kept: Vec<(String, String)>,
}

impl Read {
    fn take(&mut self, key: String, value: String) -> Result<(), Problem> {
        match key.as_str() {
            "sslmode" => (self.mode, self.proof) = mode(&value)?,
            "sslrootcert" => self.root_certificate = Some(value).filter(|value| !value.is_empty()),
            known if KNOWN.contains(&known) => self.kept.push((key, value)),
            idle if IDLE.contains(&idle) => {}
            _ => {
                let hint = did_you_mean(&key, KNOWN.iter().copied());
                return Err(problem(format!("it has the parameter `{key}`, which fft doesn't know"), hint));
            }
        }
        Ok(())
    }

    fn as_pairs(&self) -> String {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
        self.kept.iter().map(|(key, value)| format!("{key}='{}' ", escaped(value))).collect()
    }

    fn as_query(&self) -> String {
        let encoded = |value: &str| -> String { value.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let pairs: Vec<String> = self.kept.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

fn mode(value: &str) -> Result<(SslMode, Proof), Problem> {
    match value {
        "disable" => Ok((SslMode::Disable, Proof::None)),
        "allow" | "prefer" => Ok((SslMode::Prefer, Proof::None)),
        "require" => Ok((SslMode::Require, Proof::None)),
        "verify-ca" => Ok((SslMode::Require, Proof::Authority)),
        "verify-full" => Ok((SslMode::Require, Proof::Name)),
        _ => {
            let modes = "disable, allow, prefer, require, verify-ca and verify-full";
            Err(problem("its `sslmode` isn't one of them", Some(format!("there are {modes}"))))
        }
    }
}

fn problem(message: impl Into<String>, hint: Option<String>) -> Problem {
    Problem { message: message.into(), hint }
}

/// What the client's parser says, without the words around it.
fn source(error: &::postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// A URL without the driver's name, where the text is one.
fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let base = scheme.split_once('+').map_or(scheme, |(base, _)| base);
    ["postgres", "postgresql"].contains(&base).then(|| format!("{base}://{rest}"))
}

type Parameters = Vec<(String, String)>;

/// A URL up to its query, written so that the client reads it as it is read here, and the query's parameters.
fn split_url(url: &str) -> Result<(String, Parameters), Problem> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgresql", url));
    let (credentials, behind) = match credentials_end(rest) {
        Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
        None => (None, rest),
    };
    let (place, query) = behind.split_once('?').unwrap_or((behind, ""));
    let (host, database) = match place.split_once('/') {
        Some((host, database)) => (host, Some(database)),
        None => (place, None),
    };
    let credentials = credentials.map_or(String::new(), |text| match text.split_once(':') {
        Some((user, password)) => format!("{}:{}@", coded(user), coded(password)),
        None => format!("{}@", coded(text)),
    });
    let database = database.map_or(String::new(), |database| format!("/{}", coded(database)));
    // A plus sign means itself here.
    let query = query.replace('+', "%2B");
    let pairs = ::url::form_urlencoded::parse(query.as_bytes());
    Ok((format!("{scheme}://{credentials}{host}{database}"), pairs.into_owned().collect()))
}

/// Where user and password end. Passwords hold raw `@`, `?` and `/`, and so may a parameter hold an `@`: what counts is
/// the first `@`, or none, behind which a host, a database and parameters stand.
fn credentials_end(rest: &str) -> Option<usize> {
    let ends = rest.match_indices('@').map(|(at, _)| at);
    let fits = |end: &Option<usize>| {
        let behind = &rest[end.map_or(0, |at| at + 1)..];
        let (place, query) = behind.split_once('?').unwrap_or((behind, ""));
        let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
        let key = query.split_once('=').map_or(query, |(key, _)| key);
        let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        hosts.split(',').all(is_host) && !database.contains('/') && is_key
    };
    // Where nothing fits, what stands in front of the last one isn't shown by an error.
    std::iter::once(None).chain(ends.map(Some)).find(fits).unwrap_or_else(|| rest.rfind('@'))
}

/// `host`, `host:5432`, `[::1]:5432`.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, port)) => (address, port.strip_prefix(':').unwrap_or(port)),
        None => text.split_once(':').unwrap_or((text, "")),
    };
    !name.contains('@') && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Text with what ends a part of a URL percent-coded; what is coded already stays so.
fn coded(text: &str) -> String {
    utf8_percent_encode(text, ENDS_A_PART).to_string()
}

const ENDS_A_PART: &AsciiSet =
    &AsciiSet::EMPTY.add(b'@').add(b':').add(b'/').add(b'?').add(b'#').add(b'[').add(b']').add(b' ');

/// `key=value key='a b'`, backslashes before what means itself.
fn pairs(text: &str) -> Result<Parameters, Problem> {
    let mut found = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        while characters.next_if(|c| c.is_whitespace()).is_some() {}
        let mut key = String::new();
        while let Some(c) = characters.next_if(|c| !c.is_whitespace() && *c != '=') {
            key.push(c);
        }
        if key.is_empty() && characters.peek().is_none() {
            return Ok(found);
        }
        while characters.next_if(|c| c.is_whitespace()).is_some() {}
        if key.is_empty() || characters.next() != Some('=') {
            let hint = "write a URL (`postgresql://user@host:5432/database`) or `host=… dbname=… user=…`";
            return Err(problem("it is neither a URL nor `key=value` pairs", Some(hint.into())));
        }
        while characters.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = characters.next_if_eq(&'\'').is_some();
        let ends = |c: &char| if quoted { *c == '\'' } else { c.is_whitespace() };
        let mut value = String::new();
        while let Some(c) = characters.next_if(|c| !ends(c)) {
            value.extend(if c == '\\' { characters.next() } else { Some(c) });
        }
        if quoted && characters.next().is_none() {
            return Err(problem(format!("the quote of `{key}` is never closed"), None));
        }
        found.push((key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let dsn = Dsn::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
        let password = dsn.config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let user = dsn.config.get_user().unwrap_or("-");
        format!("{user} {} {} {:?}", password.unwrap_or("-".into()), dsn.shown(), dsn.config.get_ssl_mode())
    }

    #[test]
    fn every_spelling_is_read() {
        for (text, expected) in [
            ("postgresql://u:p@h:5433/db", "u p h:5433/db Prefer"),
            ("postgresql+psycopg://u:p%40ss@h/db?sslmode=require", "u p@ss h:5432/db Require"),
            ("postgres://u@/db?host=/run/pg&sslmode=require", "u - /run/pg:5432/db Disable"),
            ("postgresql:///db?host=/run/pg&user=u", "u - /run/pg:5432/db Disable"),
            ("postgresql://u:a?b@h/db?application_name=x+y", "u a?b h:5432/db Prefer"),
            ("host=h port=5433 dbname=db user=u password='a \\'b'", "u a 'b h:5433/db Prefer"),
            ("host = h1,h2 user=u sslmode=disable", "u - h1:5432,h2:5432/u Disable"),
            ("dbname=db user=u client_encoding=utf8", "u - localhost:5432/db Prefer"),
            ("  postgresql://u@h/db?sslmode=verify-full  ", "u - h:5432/db Require"),
            ("postgresql://h/db?options=a@b&sslmode=require", "- - h:5432/db Require"),
            ("postgresql://u:p@h/db?application_name=a@b:1/x&sslmode=require", "u p h:5432/db Require"),
            ("postgresql://h?application_name=a@b&sslmode=require", "- - h:5432/ Require"),
            ("postgresql://u:p@ss:w/o?d@[::1]:5433/db?sslmode=require", "u p@ss:w/o?d ::1:5433/db Require"),
            ("postgresql://u:1/2@h1,h2:5433/d%40b", "u 1/2 h1:5432,h2:5433/d@b Prefer"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    /// Text as it stands in a URL: each letter raw or coded, as the bits say; `always` are coded whatever they say.
    fn written(text: &str, bits: u64, always: &str) -> String {
        let one = |(at, letter): (usize, char)| {
            let must = always.contains(letter) || letter == '%' || letter == '+' && always.contains('&');
            if must || bits >> (at % 64) & 1 == 1 {
                letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
            } else {
                letter.to_string()
            }
        };
        text.chars().enumerate().map(one).collect()
    }

    proptest::proptest! {
        /// Whatever user, password, database and parameters hold, encryption that is asked for is asked for.
        #[test]
        fn no_text_takes_encryption_away(
            user in "[a-z@:/?ä]{1,6}",
            password in "[a-z@:/?&=é%+]{0,10}",
            database in "[a-z@:?ä]{1,6}",
            name in "[a-z@:/?&=é%+]{0,10}",
            bits in proptest::num::u64::ANY,
            port in 1..u16::MAX,
        ) {
            let text = format!(
                "postgresql://{}:{}@db.example:{port}/{}?application_name={}&sslmode=require",
                written(&user, bits, "@:/?"),
                written(&password, bits, "@/?"),
                written(&database, bits, "@:?"),
                written(&name, bits, "&#"),
            );
            let expected = format!("{user} {} db.example:{port}/{database} Require", password);
            proptest::prop_assert_eq!(shown(&text), expected, "{}", text);
            let config = Dsn::parse(&text).unwrap().config;
            proptest::prop_assert_eq!(config.get_application_name(), Some(name.as_str()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "postgres://[a-z@:/?&=%,\\[\\]]{0,24}") {
            drop(Dsn::parse(&text));
        }
    }

    #[test]
    fn the_proof_is_as_asked_for() {
        let proof = |text: &str| Dsn::parse(text).map(|dsn| (dsn.proof, dsn.root_certificate)).unwrap();
        assert_eq!(proof("postgresql://h/db"), (Proof::None, None));
        assert_eq!(
            proof("postgresql://h/db?sslmode=verify-ca&sslrootcert=a+b.pem"),
            (Proof::Authority, Some("a+b.pem".into()))
        );
        assert_eq!(proof("host=h sslmode=verify-full sslrootcert=system"), (Proof::Name, Some("system".into())));
    }

    #[test]
    fn problems_are_told_without_values() {
        for (text, message, hint) in [
            ("hunter2", "it is neither a URL nor `key=value` pairs", "write a URL"),
            ("host=h pasword=hunter2", "it has the parameter `pasword`", "did you mean `password`?"),
            ("postgresql://h/db?sslmode=hunter2", "its `sslmode` isn't one of them", "there are disable"),
            ("host=h password='hunter2", "the quote of `password` is never closed", ""),
            ("host=h port=hunter2", "invalid value for option `port`", ""),
            ("mysql://u:hunter2@h/db", "it is neither a URL", "write a URL"),
        ] {
            let problem = Dsn::parse(text).unwrap_err();
            assert!(problem.message.starts_with(message), "{text}: {problem:?}");
            assert!(problem.hint.clone().unwrap_or_default().starts_with(hint), "{text}: {problem:?}");
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
        }
    }
}

//! Who fft is to the service: a service account by its key, a person by a refresh token, or the machine that fft runs on.
//!
//! Nothing of a key, a token or an address that may hold one is in any error.

use crate::engine::rest::{Again, Answer, Ask, Clocks, Credentials, Issued, Key, Sender, Stop, Tokens, address};
use crate::engine::{EngineError, ErrorKind};
use crate::world::Clock;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

const SCOPE: &str = "https://www.googleapis.com/auth/bigquery";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Where tokens of people are issued.
const TOKENS: &str = "https://oauth2.googleapis.com/token";
/// Where a machine of Google's tells who it is.
const MACHINE: &str = "metadata.google.internal";
/// What a token is asked for by the machine.
const MACHINE_TOKEN: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
/// How long a signature is good, in seconds: the longest that the service takes.
const SIGNED: i64 = 3600;
/// How far a clock may be off before a signature isn't taken, in seconds.
const SKEW: i64 = 30;

/// What a file of credentials holds.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum File {
    ServiceAccount {
        client_email: String,
        private_key: String,
        #[serde(default)]
        private_key_id: Option<String>,
        #[serde(default)]
        project_id: Option<String>,
        #[serde(default)]
        token_uri: Option<String>,
    },
    AuthorizedUser {
        client_id: String,
        client_secret: String,
        refresh_token: String,
        #[serde(default)]
        quota_project_id: Option<String>,
        #[serde(default)]
        token_uri: Option<String>,
    },
    #[serde(other)]
    Other,
}

/// Credentials, and the project that they are of.
pub struct Account {
    pub credentials: Credentials,
    pub project: Option<String>,
}

/// The account of a file's text; what is wrong with it, in words.
pub fn of_file(text: &[u8], clocks: Clocks) -> Result<Account, String> {
    let value: Value = serde_json::from_slice(text).map_err(|_| "holds no credentials in JSON".to_string())?;
    let kind = value["type"].as_str().unwrap_or_default().to_string();
    let file: File =
        serde_json::from_value(value).map_err(|_| format!("lacks what credentials of the type `{kind}` have"))?;
    let uri = |uri: Option<String>| {
        address(uri.as_deref().unwrap_or(TOKENS)).map_err(|words| format!("has a `token_uri` that {words}"))
    };
    match file {
        File::ServiceAccount { client_email, private_key, private_key_id, project_id, token_uri } => {
            let key = Key::read(private_key.as_bytes()).map_err(|words| format!("has a `private_key` that {words}"))?;
            let signer =
                Signer { email: client_email, key, id: private_key_id, uri: uri(token_uri)?, now: clocks.day.clone() };
            let tokens = Tokens::new(clocks, move |sender: &Sender, stop: &Stop| signer.issue(sender, stop));
            Ok(Account { credentials: Credentials::Issued(tokens), project: project_id })
        }
        File::AuthorizedUser { client_id, client_secret, refresh_token, quota_project_id, token_uri } => {
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", &client_id),
                ("client_secret", &client_secret),
                ("refresh_token", &refresh_token),
            ];
            let ask = posted(uri(token_uri)?, &form);
            let tokens = Tokens::new(clocks, move |sender: &Sender, stop: &Stop| issued(&sender.send(&ask, stop)?));
            Ok(Account { credentials: Credentials::Issued(tokens), project: quota_project_id })
        }
        File::Other => {
            Err(format!("holds credentials of the type `{kind}`; fft takes `service_account` and `authorized_user`"))
        }
    }
}

/// The account of the machine, as its metadata server tells it. `host`: where that is, if not at the usual place.
pub fn of_machine(host: Option<&str>, clocks: Clocks) -> Account {
    let place = format!("http://{}{MACHINE_TOKEN}", host.unwrap_or(MACHINE));
    let tokens = Tokens::new(clocks, move |sender: &Sender, stop: &Stop| {
        let none = || {
            EngineError::new(ErrorKind::Settings, "there are no credentials for BigQuery").hint(
                "set GOOGLE_APPLICATION_CREDENTIALS, or `credentials` of the profile, to the file of a service account",
            )
        };
        let url = Url::parse(&place).map_err(|_| none())?;
        let ask = Ask { timeout: Duration::from_secs(3), ..Ask::get(url) };
        let ask = ask.with_header("metadata-flavor", "Google".into());
        // No such machine is asked elsewhere: its name is known nowhere.
        let answer = sender.send(&ask, stop).map_err(|error| match error.kind {
            ErrorKind::Interrupted => error,
            _ => none(),
        })?;
        issued(&answer)
    });
    Account { credentials: Credentials::Issued(tokens), project: None }
}

/// Asks for tokens by signatures.
struct Signer {
    email: String,
    key: Key,
    /// What the service calls the key.
    id: Option<String>,
    uri: Url,
    now: Clock,
}

impl Signer {
    fn issue(&self, sender: &Sender, stop: &Stop) -> Result<Issued, EngineError> {
        let now = (self.now)().as_second();
        let answer = sender.send(&self.ask(now), stop)?;
        // A signature of another time isn't taken: the server says which time it is.
        let there = answer.headers.get("date").and_then(|text| DateTimeParser::new().parse_timestamp(text).ok());
        match there.map(Timestamp::as_second).filter(|there| (there - now).abs() > SKEW) {
            Some(there) if answer.status == 400 => issued(&sender.send(&self.ask(there), stop)?),
            _ => issued(&answer),
        }
    }

    fn ask(&self, now: i64) -> Ask {
        let claims = json!({
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.uri.as_str(),
            "iat": now,
            "exp": now + SIGNED,
        });
        let assertion = self.key.token(self.id.as_deref(), &claims);
        posted(self.uri.clone(), &[("grant_type", GRANT), ("assertion", &assertion)])
    }
}

fn posted(url: Url, form: &[(&str, &str)]) -> Ask {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let ask = Ask { again: Again::Always, ..Ask::get(url) };
    ask.with_body("POST", "application/x-www-form-urlencoded", body.into_bytes())
}

/// The token of an answer.
fn issued(answer: &Answer) -> Result<Issued, EngineError> {
    #[derive(Deserialize)]
    struct Told {
        access_token: String,
        #[serde(default)]
        expires_in: Option<u64>,
    }
    let told: Option<Told> = serde_json::from_slice(&answer.body).ok();
    match told.filter(|_| answer.status == 200) {
        Some(told) => {
            let life = Duration::from_secs(told.expires_in.unwrap_or(SIGNED as u64));
            Ok(Issued { token: told.access_token, life })
        }
        None => Err(no_token(answer.status)),
    }
}

/// No access token was issued.
fn no_token(status: u16) -> EngineError {
    let message = format!("Google gives no access token for the credentials (HTTP {status})");
    match status {
        400..=499 => {
            let hint = "check GOOGLE_APPLICATION_CREDENTIALS or `credentials` of the profile, and that its account is \
                        still there; `gcloud auth application-default login` renews a person's";
            EngineError::new(ErrorKind::Settings, message).hint(hint)
        }
        _ => EngineError::new(ErrorKind::Connection, message).hint("try again later"),
    }
}

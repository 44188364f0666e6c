//! Who asks: a user with a key pair, whose tokens fft signs itself, or the holder of an access token.

use crate::engine::rest::{Clocks, Credentials, Issued, Key, Tokens};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long a signed token is good. An hour is the most that the account takes.
const LIFE: Duration = Duration::from_secs(55 * 60);

/// Credentials, and what the account calls their kind.
pub(super) struct Identity {
    pub credentials: Credentials,
    pub kind: &'static str,
}

impl Identity {
    /// Of a programmatic access token.
    pub fn of_token(token: String) -> Identity {
        Identity { credentials: Credentials::Fixed(token), kind: "PROGRAMMATIC_ACCESS_TOKEN" }
    }

    /// Of a key pair.
    pub fn of_key(key: Key, account: &str, user: &str, clocks: Clocks) -> Identity {
        let subject = format!("{}.{}", locator(account), user.to_uppercase());
        let print = STANDARD.encode(Sha256::digest(key.public()));
        let issuer = format!("{subject}.SHA256:{print}");
        let day = clocks.day.clone();
        let tokens = Tokens::new(clocks, move |_, _| {
            let issued = day().as_second();
            let expires = issued + LIFE.as_secs() as i64;
            let claims = json!({"iss": issuer, "sub": subject, "iat": issued, "exp": expires});
            Ok(Issued { token: key.token(None, &claims), life: LIFE })
        });
        Identity { credentials: Credentials::Issued(tokens), kind: "KEYPAIR_JWT" }
    }
}

/// The account as tokens name it: in capitals, without region and cloud.
fn locator(account: &str) -> String {
    account.split('.').next().unwrap_or(account).to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rest::key::tests::PEM;
    use crate::engine::rest::{Sender, Stop};
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jiff::Timestamp;
    use serde_json::Value;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn a_token_says_who_signs_and_until_when() {
        let key = || Key::read(PEM.as_bytes()).unwrap();
        let seconds = Arc::new(AtomicI64::new(1_000_000));
        let day = seconds.clone();
        let clocks = Clocks {
            // The machine sleeps all the time.
            running: Arc::new(|| Duration::from_secs(5)),
            day: Arc::new(move || Timestamp::from_second(day.load(Ordering::SeqCst)).unwrap()),
        };
        let identity = Identity::of_key(key(), "xy12345.eu-central-1", "Ada", clocks);
        let Credentials::Issued(tokens) = identity.credentials else { panic!("they are issued") };
        let claims = || {
            let token = tokens.get(None, &Sender::new(), &Stop::default()).unwrap();
            let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
            serde_json::from_slice::<Value>(&part).unwrap()
        };
        let print = STANDARD.encode(Sha256::digest(key().public()));
        assert_eq!(
            claims(),
            json!({"iss": format!("XY12345.ADA.SHA256:{print}"), "sub": "XY12345.ADA", "iat": 1_000_000, "exp": 1_003_300})
        );
        // It is signed anew before it ends.
        seconds.store(1_003_000, Ordering::SeqCst);
        assert_eq!(claims()["iat"], 1_003_000);
    }
}

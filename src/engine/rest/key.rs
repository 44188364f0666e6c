//! Private keys: who has one signs who it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// How a public RSA key that says what it is begins, behind the outer sequence: the algorithm's number and no parameters.
const RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

const ENCRYPTED: &[u8] = b"BEGIN ENCRYPTED PRIVATE KEY";

/// An RSA key.
pub struct Key(KeyPair);

impl Key {
    /// The key of a PEM text. The error says what is wrong with it, and nothing of what is in it.
    pub fn read(pem: &[u8]) -> Result<Key, &'static str> {
        if pem.windows(ENCRYPTED.len()).any(|words| words == ENCRYPTED) {
            return Err("is encrypted, and fft asks for no passphrase");
        }
        let pair = match PrivateKeyDer::from_pem_slice(pem) {
            Ok(PrivateKeyDer::Pkcs8(key)) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(key)) => KeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err("holds no private key in PEM"),
        };
        pair.map(Key).map_err(|_| "holds no RSA key of 2,048 to 4,096 bits")
    }

    /// The public key as others tell it by: SubjectPublicKeyInfo, DER.
    pub fn public(&self) -> Vec<u8> {
        let bits = [&[0], self.0.public_key().as_ref()].concat();
        der(SEQUENCE, &[RSA, &der(BIT_STRING, &bits)].concat())
    }

    /// A signed token (JWT, RS256) of these claims. `id`: what the key is called by whoever reads the token.
    pub fn token(&self, id: Option<&str>, claims: &Value) -> String {
        let mut head = json!({"alg": "RS256", "typ": "JWT"});
        if let Some(id) = id {
            head["kid"] = id.into();
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&head), part(claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .expect("invariant: a key signs, and its signature is as long as its modulus");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A value with its kind and length in front.
fn der(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte > 0).unwrap_or(length.len() - 1)..];
    let mut whole = vec![kind];
    if value.len() > 0x7f {
        whole.push(0x80 | length.len() as u8);
    }
    whole.extend(length);
    whole.extend(value);
    whole
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    /// A key made for tests, in PKCS#8.
    pub const PEM: &str = include_str!("key/test.p8");

    #[test]
    fn a_token_is_signed_by_the_key() {
        let key = Key::read(PEM.as_bytes()).unwrap();
        let token = key.token(Some("k"), &json!({"iss": "me"}));
        let (text, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.0.public_key());
        public.verify(text.as_bytes(), &signature).unwrap();
        let parts: Vec<Value> = text
            .split('.')
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!(parts, [json!({"alg": "RS256", "typ": "JWT", "kid": "k"}), json!({"iss": "me"})]);
    }

    /// As `openssl pkey -pubout -outform DER | openssl dgst -sha256` has it.
    #[test]
    fn the_public_key_is_what_others_tell_it_by() {
        let key = Key::read(PEM.as_bytes()).unwrap();
        assert_eq!(crate::digest::Digest::of(&key.public()).to_string(), include_str!("key/test.sha256").trim());
    }

    #[test]
    fn what_is_no_key_is_told_without_a_byte_of_it() {
        for (text, expected) in [
            ("", "holds no private key in PEM"),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "holds no RSA key of 2,048 to 4,096 bits",
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "is encrypted, and fft asks for no passphrase",
            ),
        ] {
            assert_eq!(Key::read(text.as_bytes()).err(), Some(expected), "{text}");
        }
    }
}

//! Tagged, length-prefixed SHA-256: the encoding `fft-fingerprint-v1`.
//!
//! Takes bytes, gives [`Digest`]s. Two different lists of inputs never hash the same bytes, because each part
//! carries its length in front: no delimiter can be forged.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{self, Write};

/// A SHA-256 digest, 32 bytes, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes` as `sha256sum` prints it.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The same of all that `reader` gives, a block at a time.
    ///
    /// # Errors
    /// The reader's.
    pub fn read(mut reader: impl io::Read) -> io::Result<Digest> {
        let mut hash = Sha256::new();
        let mut block = vec![0; 1 << 16];
        loop {
            match reader.read(&mut block)? {
                0 => return Ok(Digest(hash.finalize().into())),
                read => hash.update(&block[..read]),
            }
        }
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Digest> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = hexadecimal(pair[0])? << 4 | hexadecimal(pair[1])?;
        }
        Some(Digest(out))
    }

    /// The text form, `at` which it is to stand.
    fn written<'t>(&self, at: &'t mut [u8; 64]) -> &'t str {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for (pair, byte) in at.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        std::str::from_utf8(at).expect("invariant: hexadecimal is ASCII")
    }

    /// The first 12 hexadecimal digits: enough to tell two digests apart on a screen.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.written(&mut [0; 64]))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.written(&mut [0; 64]))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a digest")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Digest, E> {
                Digest::parse(text).ok_or_else(|| E::custom("a digest is 64 hexadecimal digits"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// What a hexadecimal digit is worth.
fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Hashes what goes through it.
pub struct Hashing<To> {
    to: To,
    hash: Sha256,
}

impl<To: Write> Hashing<To> {
    pub fn new(to: To) -> Hashing<To> {
        Hashing { to, hash: Sha256::new() }
    }

    /// Where it all went, and its digest as `sha256sum` prints it.
    pub fn finish(self) -> (To, Digest) {
        (self.to, Digest(self.hash.finalize().into()))
    }
}

impl<To: Write> Write for Hashing<To> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A hasher over a tag and length-prefixed parts.
pub struct Tagged {
    hash: Sha256,
    /// What is yet to be hashed: most parts are a few bytes, and hashing each by itself takes longer than all at once.
    held: Vec<u8>,
}

/// Bytes that are held at most.
const HELD: usize = 1 << 12;

impl Tagged {
    /// Starts with the bare bytes of `tag`, which names what is hashed.
    pub fn new(tag: &str) -> Tagged {
        Tagged { hash: Sha256::new_with_prefix(tag.as_bytes()), held: Vec::with_capacity(256) }
    }

    /// Adds `lp(part)`: the part's length as a big-endian u64, then its bytes.
    pub fn part(mut self, part: &[u8]) -> Tagged {
        self.add(&(part.len() as u64).to_be_bytes());
        self.add(part);
        self
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.held.len() + bytes.len() <= HELD {
            self.held.extend_from_slice(bytes);
        } else {
            self.flush();
            self.hash.update(bytes);
        }
    }

    fn flush(&mut self) {
        self.hash.update(&self.held);
        self.held.clear();
    }

    /// Adds `lp(part)` of a part that is read from `reader`, a block at a time.
    ///
    /// # Errors
    /// The reader's; and where it doesn't give `length` bytes.
    pub fn stream(mut self, length: u64, mut reader: impl io::Read) -> io::Result<Tagged> {
        self.add(&length.to_be_bytes());
        self.flush();
        let mut block = vec![0; 1 << 16];
        let mut left = length;
        loop {
            let read = reader.read(&mut block)?;
            match left.checked_sub(read as u64) {
                Some(rest) if read > 0 => left = rest,
                Some(0) => return Ok(self),
                _ => return Err(io::Error::other("it changed while it was read")),
            }
            self.hash.update(&block[..read]);
        }
    }

    /// Adds bytes whose length the format fixes.
    pub fn fixed(mut self, bytes: &[u8]) -> Tagged {
        self.add(bytes);
        self
    }

    pub fn finish(mut self) -> Digest {
        self.flush();
        Digest(self.hash.finalize().into())
    }
}

/// RFC 8785 canonical JSON text of `value`.
pub fn canonical_json(value: &serde_json::Value) -> String {
    serde_json_canonicalizer::to_string(value).expect("invariant: a JSON value has a canonical form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        let left = Tagged::new("t").part(b"ab").part(b"c").finish();
        let right = Tagged::new("t").part(b"a").part(b"bc").finish();
        assert_ne!(left, right);
    }

    #[test]
    fn text_form_is_read_back() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("+f"), None);
    }

    #[test]
    fn json_is_canonical() {
        let value = serde_json::json!({"b": 1.0, "a": [true, null, "é"]});
        //: JSON content is in its canonical form (RFC 8785).
        assert_eq!(canonical_json(&value), r#"{"a":[true,null,"é"],"b":1}"#);
    }
}

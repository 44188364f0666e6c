//! Tagged, length-prefixed SHA-256: the encoding `fft-fingerprint-v1`.
//!
//! Takes bytes, gives [`Digest`]s. Two different lists of inputs never hash the same bytes, because each part
//! carries its length in front: no delimiter can be forged.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;

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
    pub fn read(mut reader: impl std::io::Read) -> std::io::Result<Digest> {
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
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Digest(out))
    }

    /// The first 12 hexadecimal digits: enough to tell two digests apart on a screen.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0u8; 64];
        for (index, byte) in self.0.iter().enumerate() {
            text[index * 2] = HEX[usize::from(byte >> 4)];
            text[index * 2 + 1] = HEX[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).expect("invariant: hexadecimal is ASCII"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Digest::parse(&text).ok_or_else(|| serde::de::Error::custom("a digest is 64 hexadecimal digits"))
    }
}

/// A hasher over a tag and length-prefixed parts.
pub struct Tagged(Sha256);

impl Tagged {
    /// Starts with the bare bytes of `tag`, which names what is hashed.
    pub fn new(tag: &str) -> Tagged {
        Tagged(Sha256::new_with_prefix(tag.as_bytes()))
    }

    /// Adds `lp(part)`: the part's length as a big-endian u64, then its bytes.
    pub fn part(mut self, part: &[u8]) -> Tagged {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// Adds `lp(part)` of a part that is read from `reader`, a block at a time.
    ///
    /// # Errors
    /// The reader's; and where it doesn't give `length` bytes.
    pub fn stream(mut self, length: u64, mut reader: impl std::io::Read) -> std::io::Result<Tagged> {
        self.0.update(length.to_be_bytes());
        let mut block = vec![0; 1 << 16];
        let mut left = length;
        loop {
            let read = reader.read(&mut block)?;
            match left.checked_sub(read as u64) {
                Some(rest) if read > 0 => left = rest,
                Some(0) => return Ok(self),
                _ => return Err(std::io::Error::other("it changed while it was read")),
            }
            self.0.update(&block[..read]);
        }
    }

    /// Adds bytes whose length the format fixes.
    pub fn fixed(mut self, bytes: &[u8]) -> Tagged {
        self.0.update(bytes);
        self
    }

    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
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

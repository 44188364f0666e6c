//! A reader of what was hashed before: whoever reads it to its end has read the same bytes, or an error.

use super::component::head;
use crate::digest::{Digest, Tagged};
use std::fmt;
use std::io::{self, Read};

/// Reads a content, of which the leaf is known, and hashes it on the way.
pub struct Verified<R> {
    inner: R,
    /// Over what was read; none once the end was seen.
    leaf: Option<Tagged>,
    left: u64,
    expected: Digest,
}

/// The error of a content that is no longer what was hashed.
#[derive(Debug)]
pub struct Changed;

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it changed while it was read")
    }
}

impl std::error::Error for Changed {}

impl<R: Read> Verified<R> {
    /// A content of `size` bytes whose leaf by that kind and name must be `expected`.
    pub fn new(kind: &str, name: &str, size: u64, expected: Digest, inner: R) -> Verified<R> {
        let leaf = head(kind, name).fixed(&size.to_be_bytes());
        Verified { inner, leaf: Some(leaf), left: size, expected }
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Some(leaf) = self.leaf.take().filter(|_| !buffer.is_empty()) else { return Ok(read) };
        let changed = || io::Error::other(Changed);
        if read == 0 {
            let same = self.left == 0 && leaf.finish() == self.expected;
            return if same { Ok(0) } else { Err(changed()) };
        }
        self.left = self.left.checked_sub(read as u64).ok_or_else(changed)?;
        self.leaf = Some(leaf.fixed(&buffer[..read]));
        Ok(read)
    }
}

/// Whether an error says that a content is no longer what was hashed.
pub fn is_changed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Changed>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::leaf;

    fn read(size: u64, content: &[u8]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let expected = leaf("seed", "s.csv", b"id\n1\n");
        Verified::new("seed", "s.csv", size, expected, content).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn only_what_was_hashed_is_read_to_its_end() {
        assert_eq!(read(5, b"id\n1\n").unwrap(), b"id\n1\n");
        for (size, content) in [(5, &b"id\n2\n"[..]), (4, b"id\n1\n"), (6, b"id\n1\n"), (5, b"id\n1"), (5, b"id\n1\n2")]
        {
            assert!(is_changed(&read(size, content).unwrap_err()), "{content:?}");
        }
    }
}

//! A seed's bytes: those that were hashed, however often they are read.

use super::failed;
use crate::engine::{EngineError, SeedContent};
use crate::fingerprint::{Verified, is_changed};
use crate::syntax::csv::{Problem, Source};
use crate::world::Stamp;
use std::io::{self, Read};

/// Files up to this size are read once and held; larger ones are read for each purpose anew. Bytes.
pub(super) const HELD: u64 = 64 << 20;

/// A file whose bytes are those of the fingerprint: reading others is an error at their end.
pub(super) struct SeedBytes<'a> {
    content: &'a SeedContent<'a>,
    held: Option<Vec<u8>>,
}

impl<'a> SeedBytes<'a> {
    /// Holds files of up to `most` bytes.
    pub fn new(content: &'a SeedContent<'a>, most: u64) -> Result<SeedBytes<'a>, EngineError> {
        let mut bytes = SeedBytes { content, held: None };
        let size = stamp(content)?.size;
        if size <= most {
            let mut held = Vec::with_capacity(size as usize);
            let mut read = || bytes.open()?.read_to_end(&mut held);
            read().map_err(|error| unreadable(content, &error))?;
            bytes.held = Some(held);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
impl SeedBytes<'_> {
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

impl Source for SeedBytes<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match &self.held {
            Some(held) => Ok(Box::new(held.as_slice())),
            None => open(self.content),
        }
    }
}

fn open<'a>(content: &SeedContent<'a>) -> io::Result<Box<dyn Read + 'a>> {
    let Some(expected) = content.digest else { return content.world.open(content.file) };
    let size = content.world.stamp(content.file)?.size;
    let reader = content.world.open(content.file)?;
    Ok(Box::new(Verified::new("seed", content.path, size, expected, reader)))
}

fn stamp(content: &SeedContent<'_>) -> Result<Stamp, EngineError> {
    content.world.stamp(content.file).map_err(|error| unreadable(content, &error))
}

/// Bytes of the file.
pub(in crate::engine) fn size(content: &SeedContent<'_>) -> Result<u64, EngineError> {
    Ok(stamp(content)?.size)
}

/// Runs `read`, which reads the file past fft, and makes sure that the file held what was hashed before and after.
pub(in crate::engine) fn unchanged<T>(
    content: &SeedContent<'_>,
    read: impl FnOnce() -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let verify = || -> Result<Stamp, EngineError> {
        let found = stamp(content)?;
        if content.digest.is_some() {
            let copied = open(content).and_then(|mut reader| io::copy(&mut reader, &mut io::sink()));
            copied.map_err(|error| unreadable(content, &error))?;
        }
        Ok(found)
    };
    let before = verify()?;
    let result = read();
    // What a file says that is being written is no error of the file.
    if verify()? != before && content.digest.is_some() {
        return Err(changed(content));
    }
    result
}

pub(super) fn unreadable(content: &SeedContent<'_>, error: &io::Error) -> EngineError {
    if is_changed(error) { changed(content) } else { failed(format!("{} can't be read: {error}", content.path), None) }
}

fn changed(content: &SeedContent<'_>) -> EngineError {
    let hint = "nothing was replaced; the next run takes the file as it is then";
    failed(format!("{} changed while it was read", content.path), Some(hint.into()))
}

/// What makes a file no table, as an error of the seed.
pub(super) fn refused(content: &SeedContent<'_>, problem: Problem) -> EngineError {
    match problem {
        Problem::Io(error) => unreadable(content, &error),
        Problem::Text { line: Some(line), message, hint } => {
            failed(format!("{}:{line}: {message}", content.path), hint)
        }
        Problem::Text { line: None, message, hint } => failed(format!("{} {message}", content.path), hint),
    }
}

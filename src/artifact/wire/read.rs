//! Reading an artifact that any fft of the same major version wrote, an older or a newer one.

use super::SCHEMA_VERSION;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Why an artifact can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The version that it was written in, where that is a newer one: it isn't damaged.
    pub newer: Option<String>,
    problem: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.newer {
            Some(version) => write!(f, "{}, and this one can't read it: {}", written(version), self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for Unreadable {}

/// An artifact, with whatever this fft doesn't know in it.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(bytes).map_err(|error| Unreadable {
        newer: version(bytes).filter(|version| newer(version).is_some()),
        problem: error.to_string(),
    })
}

/// The note that is due where an artifact of this version is read: a newer fft wrote it.
pub fn newer(version: &str) -> Option<String> {
    let parts = |version: &str| -> Option<(u32, u32)> {
        let (major, minor) = version.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let known = parts(SCHEMA_VERSION).expect("invariant: the version has two numbers");
    let is_newer = parts(version).is_none_or(|found| found > known) && !version.is_empty();
    is_newer.then(|| format!("{}: what it doesn't know is shown as it was written, or left out", written(version)))
}

fn written(version: &str) -> String {
    format!("a newer fft wrote it (format {version}, and this one knows {SCHEMA_VERSION})")
}

/// What the artifact itself says that it was written in.
fn version(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Metadata {
        schema_version: String,
    }
    #[derive(Deserialize)]
    struct Head {
        metadata: Option<Metadata>,
        results: Option<Results>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Results {
        /// Of a record of a run.
        Record { metadata: Metadata },
        /// The rows of run_results.json.
        Rows(serde::de::IgnoredAny),
    }
    let head: Head = serde_json::from_slice(bytes).ok()?;
    let of_record = match head.results {
        Some(Results::Record { metadata }) => Some(metadata),
        Some(Results::Rows(_)) | None => None,
    };
    head.metadata.or(of_record).map(|metadata| metadata.schema_version)
}

//! packages.lock.yml: which commit each package is of, and a digest of its files.
//!
//! `fft deps` writes it; every other command takes packages as it says. Paths count from the project's folder.

use super::super::fields::Fields;
use super::super::yaml::{Node, YamlFile};
use super::{GitAsked, LOCK, Source, Wanted};
use crate::diagnostic::{Diagnostic, Location};
use crate::digest::Digest;
use std::fmt::Write;

/// The number of the format.
const VERSION: u64 = 1;

/// What a project was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    pub packages: Vec<Locked>,
}

/// One package of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Locked {
    pub name: String,
    pub version: String,
    pub source: Source,
    /// Of the files that are part of the project.
    pub digest: Digest,
    pub at: Location,
}

impl Lock {
    /// The commit that a repository was taken at, where the same was asked.
    pub fn commit(&self, asked: &GitAsked) -> Option<&str> {
        self.packages.iter().find_map(|locked| match &locked.source {
            Source::Git { asked: other, commit } if other.is_as(asked) => Some(commit.as_str()),
            Source::Git { .. } | Source::Path { .. } => None,
        })
    }

    /// What is locked of the same folder, or of the same folder of the same repository.
    pub fn like(&self, source: &Source) -> Option<&Locked> {
        self.packages.iter().find(|locked| match (&locked.source, source) {
            (Source::Git { asked, .. }, Source::Git { asked: other, .. }) => asked.is_of(other),
            (path, other) => path == other,
        })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut text =
            format!("# Written by `fft deps`; it belongs under version control.\nversion: {VERSION}\npackages:\n");
        if self.packages.is_empty() {
            text = text.replace("packages:\n", "packages: []\n");
        }
        for locked in &self.packages {
            let mut line = |first: &str, key: &str, value: &str| {
                let value = serde_json::Value::from(value);
                writeln!(text, "{first}{key}: {value}").expect("invariant: a text takes what is written");
            };
            line("  - ", "name", &locked.name);
            line("    ", "version", &locked.version);
            match &locked.source {
                Source::Path { path, within } => {
                    line("    ", "path", path);
                    within.iter().for_each(|name| line("    ", "within", name));
                }
                Source::Git { asked, commit } => {
                    line("    ", "git", &asked.shown());
                    let wanted = asked.wanted.as_ref().map(Wanted::pair);
                    wanted.into_iter().for_each(|(key, name)| line("    ", key, name));
                    if !asked.subdir.is_empty() {
                        line("    ", "subdir", &asked.subdir);
                    }
                    line("    ", "commit", commit);
                }
            }
            line("    ", "digest", &locked.digest.to_string());
        }
        text
    }

    /// Reads a lock, or says why it is none of fft's.
    pub fn read(text: &str) -> Result<Lock, Diagnostic> {
        let file = YamlFile::new(LOCK, text);
        let root = file.parse();
        let lock = root.as_ref().and_then(|root| {
            let mut fields = Fields::new(&file, LOCK, root)?;
            if fields.count("version", VERSION) != Some(VERSION) {
                file.problem(fields.at, "bad-version", "it has another format");
            }
            let packages = fields.list("packages").iter().filter_map(|node| one(&file, node)).collect();
            fields.finish();
            Some(Lock { packages })
        });
        let problem = file.into_problems().into_iter().find(|problem| !problem.is_warning());
        match (lock, problem) {
            (Some(lock), None) => Ok(lock),
            (_, problem) => {
                let why = problem.as_ref().map_or("it is empty".into(), |problem| problem.message.clone());
                let at = problem.and_then(|problem| problem.at).unwrap_or_else(|| Location::file(LOCK));
                Err(Diagnostic::new("bad-lock", format!("{LOCK} isn't as `fft deps` writes it: {why}")).at(at))
            }
        }
    }
}

fn one(file: &YamlFile, node: &Node) -> Option<Locked> {
    let mut fields = Fields::new(file, "a locked package", node)?;
    let name = fields.required("name");
    let version = fields.text("version").unwrap_or_default();
    let (path, within) = (fields.text("path"), fields.text("within"));
    let (git, commit) = (fields.text("git"), fields.text("commit"));
    let keys = ["rev", "tag", "branch", "ref"];
    let wanted = keys.into_iter().find_map(|key| Wanted::of(key, fields.text(key)?));
    let subdir = fields.text("subdir").unwrap_or_default();
    let digest = fields.required("digest").and_then(|text| Digest::parse(&text));
    fields.finish();
    let source = match (path, git, commit) {
        (Some(path), None, None) => Source::Path { path, within },
        (None, Some(address), Some(commit)) if is_commit(&commit) => {
            Source::Git { asked: GitAsked { address, wanted, subdir }, commit }
        }
        _ => {
            file.problem(node.at, "bad-lock", "a package has neither a path nor a commit");
            return None;
        }
    };
    if digest.is_none() {
        file.problem(node.at, "bad-lock", "a package has no digest");
    }
    Some(Locked { name: name?, version, source, digest: digest?, at: file.location(node.at) })
}

/// Whether a text is the whole name of a commit.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_as_it_is_written() {
        let git = |address: &str| GitAsked {
            address: address.into(),
            wanted: Some(Wanted::Tag("v1".into())),
            subdir: "sql".into(),
        };
        let commit = "0123456789012345678901234567890123456789".to_string();
        let asked = git("https://token@example.com/a.git");
        let locked = |name: &str, source| Locked {
            name: name.into(),
            version: "1.0".into(),
            source,
            digest: Digest::of(name.as_bytes()),
            at: Location::file(LOCK),
        };
        let packages = vec![
            locked("a: \"b\"", Source::Path { path: "../a".into(), within: None }),
            locked("c", Source::Git { asked: asked.clone(), commit: commit.clone() }),
            locked("d", Source::Path { path: "d".into(), within: Some("c".into()) }),
        ];
        let lock = Lock { packages };
        assert!(!lock.text().contains("token"), "{}", lock.text());
        let mut read = Lock::read(&lock.text()).unwrap();
        read.packages.iter_mut().for_each(|locked| locked.at = Location::file(LOCK));
        assert_eq!(read.text(), lock.text());
        assert_eq!(read.commit(&asked), Some(commit.as_str()));
        assert_eq!(read.commit(&GitAsked { wanted: None, ..asked.clone() }), None);
        assert!(read.like(&Source::Git { asked: GitAsked { wanted: None, ..asked }, commit }).is_some());
        assert_eq!(Lock::read(&Lock::default().text()), Ok(Lock::default()));
    }

    #[test]
    fn another_file_is_no_lock() {
        for text in [
            "",
            "fft_version: \"0.6.11\"\npackages: []\n",
            "version: 2\npackages: []\n",
            "version: 1\npackages: [{name: a}]\n",
        ] {
            let problem = Lock::read(text).unwrap_err();
            assert_eq!(problem.code, "bad-lock", "{text}");
        }
    }
}

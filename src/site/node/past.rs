//! A node's builds over the kept runs, as a table; the strip above it draws their rows and times.

use super::RunRef;
use crate::artifact::manifest::ManifestNode;
use crate::site::word::{self, Badge};
use crate::site::{NodeBuild, RunSummary, Site};

/// Builds that are listed.
const BUILDS: usize = 30;

pub struct Past<'a> {
    pub builds: Vec<Build<'a>>,
    /// Older ones.
    pub more: usize,
}

pub struct Build<'a> {
    pub run: RunRef<'a>,
    pub badge: Badge,
    pub build: &'a NodeBuild,
}

impl Build<'_> {
    pub fn rows(&self) -> String {
        self.build.rows.map(word::number).unwrap_or_default()
    }

    pub fn duration(&self) -> String {
        self.build.duration_ms.map(word::duration).unwrap_or_default()
    }

    pub fn bytes(&self) -> String {
        self.build.bytes_scanned.map(word::bytes).unwrap_or_default()
    }
}

impl<'a> Past<'a> {
    pub fn of(site: &'a Site<'_>, node: &ManifestNode) -> Past<'a> {
        let all = site.builds(&node.name);
        let build = |(run, build): &(&'a RunSummary, &'a NodeBuild)| Build {
            run: RunRef::of(run),
            badge: Badge::of(&build.status, build.role.as_ref()).in_mode(build.mode.as_ref()),
            build,
        };
        Past { builds: all.iter().take(BUILDS).map(build).collect(), more: all.len().saturating_sub(BUILDS) }
    }

    /// What the newest build that tells of it did with the versions of a snapshot.
    pub fn versions(&self) -> Option<&'a str> {
        self.builds.iter().find_map(|one| Some(one.build.versions.as_ref()?.sentence.as_str()))
    }

    pub fn has_bytes(&self) -> bool {
        self.builds.iter().any(|build| build.build.bytes_scanned.is_some())
    }
}

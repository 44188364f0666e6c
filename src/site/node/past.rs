//! A node's builds over the kept runs: a table, and two small charts.

use super::RunRef;
use crate::artifact::manifest::ManifestNode;
use crate::execute::Status;
use crate::site::name::run_page;
use crate::site::word::{self, Badge};
use crate::site::{NodeBuild, RunSummary, Site};

/// Builds that are listed.
const BUILDS: usize = 30;
/// Builds that a chart needs to say anything.
const LEAST: usize = 3;
/// Of a chart, in its own units; a bar with the gap behind it is `STEP` wide.
const HEIGHT: usize = 36;
const STEP: usize = 10;

pub struct Past<'a> {
    pub builds: Vec<Build<'a>>,
    /// Older ones.
    pub more: usize,
    pub charts: Vec<Chart>,
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

/// Bars, the oldest build at the left.
pub struct Chart {
    pub title: &'static str,
    /// What a screen reader says.
    pub words: String,
    pub bars: Vec<Bar>,
}

impl Chart {
    pub fn width(&self) -> usize {
        self.bars.len() * STEP
    }
}

/// In the chart's units, from the upper left.
pub struct Bar {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl<'a> Past<'a> {
    pub fn of(site: &'a Site<'_>, node: &ManifestNode) -> Past<'a> {
        let all = site.builds(&node.name);
        let build = |(run, build): &(&'a RunSummary, &'a NodeBuild)| Build {
            run: RunRef {
                id: &run.run_id,
                page: Some(run_page(&run.run_id)),
                at: &run.finished_at,
                commit: run.git_commit.as_deref(),
                dirty: run.git_dirty,
                uncommitted: run.uncommitted,
            },
            badge: Badge::of(&build.status, build.role.as_ref()),
            build,
        };
        let built: Vec<&NodeBuild> =
            all.iter().rev().map(|(_, build)| *build).filter(|build| build.status == Status::Success).collect();
        let last = &built[built.len().saturating_sub(BUILDS)..];
        let charts = [
            chart("Time", last, |build| build.duration_ms, word::duration),
            chart("Rows", last, |build| build.rows, word::number),
        ];
        Past {
            builds: all.iter().take(BUILDS).map(build).collect(),
            more: all.len().saturating_sub(BUILDS),
            charts: charts.into_iter().flatten().collect(),
        }
    }

    pub fn has_bytes(&self) -> bool {
        self.builds.iter().any(|build| build.build.bytes_scanned.is_some())
    }
}

fn chart(
    title: &'static str,
    builds: &[&NodeBuild],
    value: impl Fn(&NodeBuild) -> Option<u64>,
    words: impl Fn(u64) -> String,
) -> Option<Chart> {
    let values: Vec<u64> = builds.iter().filter_map(|build| value(build)).collect();
    let (least, most, last) = (*values.iter().min()?, *values.iter().max()?, *values.last()?);
    if values.len() < LEAST {
        return None;
    }
    let bar = |(place, value): (usize, &u64)| {
        let height = (u128::from(*value) * HEIGHT as u128 / u128::from(most.max(1))).max(1) as usize;
        Bar { x: place * STEP, y: HEIGHT - height, width: STEP - 2, height }
    };
    Some(Chart {
        title,
        words: format!("{} to {}, {} the last time", words(least), words(most), words(last)),
        bars: values.iter().enumerate().map(bar).collect(),
    })
}

//! What days cost: time and, where the engine tells them, bytes scanned and billed, stacked by owner, tag or folder.

use super::mark::STEP;
use crate::artifact::manifest::ManifestNode;
use crate::check::budget::Scope;
use crate::project::Metric;
use crate::site::Site;
use crate::site::history::{NodeBuild, RunSummary};
use crate::site::meta;
use crate::site::word;
use std::collections::BTreeMap;

/// Days that a chart has, the newest ones.
const DAYS: usize = 60;
/// Groups that have a colour; the rest is one group.
const GROUPS: usize = 6;
/// Of the highest bar, in pixels.
const HEIGHT: u64 = 120;
/// What is behind a name that isn't in the project any longer, or has nothing to be grouped by.
const NONE: &str = "none";

/// Bars of days, of a metric by a group.
pub struct Chart {
    pub title: String,
    pub width: usize,
    pub height: u64,
    /// Class, name and sum of each group, as they are stacked from below.
    pub groups: Vec<(String, String, String)>,
    pub bars: Vec<Bar>,
    /// Every so many days: where, and which.
    pub days: Vec<(usize, String)>,
    /// Limits of a run: how high, and which.
    pub limits: Vec<(u64, String)>,
    /// The highest day.
    pub most: String,
    /// What it says, for who doesn't see it.
    pub words: String,
}

pub struct Bar {
    pub class: String,
    pub x: usize,
    pub y: u64,
    pub height: u64,
    pub words: String,
}

/// What is summed.
struct Measure {
    title: &'static str,
    of: fn(&NodeBuild) -> Option<u64>,
    words: fn(u64) -> String,
    /// The budgets' word for it.
    metric: Option<Metric>,
}

const MEASURES: [Measure; 3] = [
    Measure { title: "Build time", of: |build| build.duration_ms, words: word::duration, metric: None },
    Measure {
        title: "Bytes scanned",
        of: |build| build.bytes_scanned,
        words: word::bytes,
        metric: Some(Metric::BytesScanned),
    },
    Measure { title: "Bytes billed", of: |build| build.bytes_billed, words: word::bytes, metric: None },
];

/// How nodes are grouped, in words, and the group of each.
type Grouping = (&'static str, fn(&ManifestNode) -> Option<String>);

const GROUPINGS: [Grouping; 3] = [
    ("owner", |node| meta::owners(node).into_iter().next()),
    ("first tag", |node| node.tags.first().cloned()),
    ("folder", |node| node.path.rsplit_once('/').map(|(folder, _)| folder.to_string())),
];

/// Charts of what there are figures of, where runs are of more than one day; by each grouping that makes more than one
/// group, or else of all together.
pub fn charts(site: &Site<'_>, runs: &[&RunSummary]) -> Vec<Chart> {
    let days = runs.iter().map(|run| day(run)).collect::<std::collections::BTreeSet<_>>();
    if days.len() < 2 {
        return Vec::new();
    }
    let mut days: Vec<&str> = days.into_iter().collect();
    days.drain(..days.len().saturating_sub(DAYS));
    let mut charts = Vec::new();
    for measure in &MEASURES {
        let by = GROUPINGS.iter().filter_map(|grouping| chart(site, runs, &days, measure, Some(grouping)));
        let before = charts.len();
        charts.extend(by);
        if charts.len() == before {
            charts.extend(chart(site, runs, &days, measure, None));
        }
    }
    charts
}

/// The day on which a run ended, `2026-11-24`.
fn day(run: &RunSummary) -> &str {
    run.finished_at.split('T').next().unwrap_or_default()
}

/// `None` where no figure is known, or all nodes are in one group.
fn chart(
    site: &Site<'_>,
    runs: &[&RunSummary],
    days: &[&str],
    measure: &Measure,
    grouping: Option<&Grouping>,
) -> Option<Chart> {
    let mut sums: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for run in runs {
        for (name, build) in &run.nodes {
            let Some(value) = (measure.of)(build) else { continue };
            let group = grouping.map_or_else(
                || "all".to_string(),
                |(_, of)| site.input.manifest.nodes.get(name).and_then(*of).unwrap_or_else(|| NONE.to_string()),
            );
            *sums.entry(group).or_default().entry(day(run)).or_default() += value;
        }
    }
    let grouped = sums.keys().filter(|group| *group != NONE).count();
    let total: u64 = sums.values().flat_map(BTreeMap::values).sum();
    if total == 0 || grouping.is_some() && (grouped == 0 || sums.len() < 2) {
        return None;
    }
    let by = grouping.map_or(String::new(), |(by, _)| format!(", by {by}"));
    Some(Stacked::of(sums).drawn(site, format!("{} a day{by}", measure.title), days, measure))
}

/// Groups by their sums, the largest first; those behind the coloured ones as one.
struct Stacked<'a> {
    groups: Vec<(String, BTreeMap<&'a str, u64>)>,
}

impl<'a> Stacked<'a> {
    fn of(sums: BTreeMap<String, BTreeMap<&'a str, u64>>) -> Stacked<'a> {
        let mut groups: Vec<(String, BTreeMap<&str, u64>)> = sums.into_iter().collect();
        groups.sort_by_cached_key(|(name, days)| (std::cmp::Reverse(days.values().sum::<u64>()), name.clone()));
        let rest = groups.split_off(groups.len().min(GROUPS));
        if !rest.is_empty() {
            let mut all: BTreeMap<&str, u64> = BTreeMap::new();
            let count = rest.len();
            for (day, value) in rest.into_iter().flat_map(|(_, days)| days) {
                *all.entry(day).or_default() += value;
            }
            groups.push((format!("{} others", word::number(count as u64)), all));
        }
        Stacked { groups }
    }

    fn drawn(&self, site: &Site<'_>, title: String, days: &[&str], measure: &Measure) -> Chart {
        let of_day = |day: &str| self.groups.iter().filter_map(|(_, days)| days.get(day)).sum::<u64>();
        let limits = limits(site, measure);
        let most = days.iter().map(|day| of_day(day)).max().unwrap_or(0).max(1);
        let height = |value: u64| (u128::from(value) * u128::from(HEIGHT) / u128::from(most)) as u64;
        let mut bars = Vec::new();
        for (at, day) in days.iter().enumerate() {
            let mut sum = 0;
            for (place, (group, days)) in self.groups.iter().enumerate() {
                let Some(value) = days.get(day).copied().filter(|value| *value > 0) else { continue };
                let below = height(sum);
                sum += value;
                let words = format!("{day} · {group} · {}", (measure.words)(value));
                let height = height(sum) - below;
                bars.push(Bar { class: format!("g{place}"), x: at * STEP, y: HEIGHT - below - height, height, words });
            }
        }
        let group = |(place, (name, days)): (usize, &(String, BTreeMap<&str, u64>))| {
            (format!("g{place}"), name.clone(), (measure.words)(days.values().sum()))
        };
        let newest = days.last().copied().unwrap_or_default();
        Chart {
            width: days.len() * STEP,
            height: HEIGHT,
            groups: self.groups.iter().enumerate().map(group).collect(),
            bars,
            days: days.iter().enumerate().step_by(5).map(|(at, day)| (at * STEP, day.to_string())).collect(),
            limits: limits
                .into_iter()
                .filter(|limit| limit.0 <= most)
                .map(|(at, words)| (HEIGHT - height(at), words))
                .collect(),
            most: (measure.words)(most),
            words: format!(
                "{title}: {} days, at most {}, {} on {newest}",
                days.len(),
                (measure.words)(most),
                (measure.words)(of_day(newest))
            ),
            title,
        }
    }
}

/// The limits of budgets.yml for all that a run does, in words.
fn limits(site: &Site<'_>, measure: &Measure) -> Vec<(u64, String)> {
    let checks = site.input.results.budgets.checks.iter();
    let of = checks.filter(|check| check.scope == Scope::Total && check.metric.known() == measure.metric);
    let told = of.flat_map(|check| {
        [
            check.warn.map(|limit| (limit, format!("one run warns above {}", check.warns_above()))),
            check.error.map(|limit| (limit, format!("one run fails above {}", check.fails_above()))),
        ]
    });
    told.flatten().filter(|_| measure.metric.is_some()).collect()
}

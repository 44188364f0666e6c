//! The picture of a run's time: a lane a worker with a bar a node, and how many workers were busy. Plain numbers for a
//! template, which writes the SVG.
//!
//! Bounded whatever a run did: the longest bars are elements of their own with their names; the others of a kind are one
//! path, in which what stands closer than the eye tells apart is one block.

use crate::artifact::timing::{Span, Timeline};
use crate::site::word::{self, Badge};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Of the picture, in its own units, which are pixels where there is room.
pub const WIDTH: f64 = 1160.0;
/// Where time begins: lanes are numbered left of it.
const LEFT: f64 = 26.0;
/// Of the bars, where lanes are few; all lanes together take no more than `MOST`.
const BAR: f64 = 18.0;
const GAP: f64 = 8.0;
const MOST: f64 = 420.0;
/// Of the busy workers' area.
const BUSY: f64 = 40.0;
/// Above the lanes, for the axis.
const AXIS: f64 = 20.0;
/// Bars that are elements of their own.
const NAMED: usize = 300;
/// Bars from which on neighbours are merged at a larger distance.
const MANY: usize = 1000;

pub struct Gantt {
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub ticks: Vec<Tick>,
    pub lanes: Vec<Lane>,
    pub bars: Vec<Bar>,
    /// The other bars: a class and a path each.
    pub blocks: Vec<(&'static str, String)>,
    /// Bars that are in a path.
    pub merged: usize,
    pub busy: String,
    pub busy_height: f64,
    pub workers: usize,
    /// Classes that the picture has, for its legend.
    pub classes: Vec<&'static str>,
}

/// A time on the axis.
pub struct Tick {
    pub x: f64,
    pub words: String,
}

/// A worker's number, from 1, and where it stands; none where lanes are too close for numbers.
pub struct Lane {
    pub y: f64,
    pub number: usize,
}

pub struct Bar {
    pub class: &'static str,
    pub chain: bool,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub words: String,
}

/// From milliseconds and lanes to units.
struct Scale {
    unit: f64,
    step: f64,
    height: f64,
}

impl Scale {
    fn of(timeline: &Timeline<'_>) -> Scale {
        let lanes = timeline.lanes.max(1) as f64;
        let step = (BAR + GAP).min(MOST / lanes);
        let height = step * BAR / (BAR + GAP);
        Scale { unit: (WIDTH - LEFT - 1.0) / timeline.timing.wall_ms.max(1) as f64, step, height }
    }

    fn x(&self, ms: u64) -> f64 {
        tenth(LEFT + ms as f64 * self.unit)
    }

    fn y(&self, lane: usize) -> f64 {
        tenth(AXIS + lane as f64 * self.step + (self.step - self.height) / 2.0)
    }

    /// From the left and with the width of a span: what takes no time can be seen all the same.
    fn across(&self, span: &Span<'_>) -> (f64, f64) {
        let (left, right) = (self.x(span.start), self.x(span.end));
        (left, tenth((right - left).max(0.6)))
    }
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl Gantt {
    pub fn of(timeline: &Timeline<'_>) -> Gantt {
        let scale = Scale::of(timeline);
        let named = named(timeline);
        let bars: Vec<Bar> = named.iter().map(|at| bar(timeline, *at, &scale)).collect();
        let rest = timeline.spans.iter().enumerate().filter(|(at, _)| named.binary_search(at).is_err());
        let rest: Vec<&Span<'_>> = rest.map(|(_, span)| span).collect();
        let apart = if timeline.spans.len() > MANY { 1.5 } else { 0.5 };
        let blocks = blocks(&rest, &scale, apart);
        let mut classes: Vec<&str> = bars.iter().map(|bar| bar.class).chain(blocks.iter().map(|one| one.0)).collect();
        classes.sort_unstable();
        classes.dedup();
        let numbered = scale.step >= 12.0;
        Gantt {
            width: WIDTH,
            height: tenth(AXIS + timeline.lanes as f64 * scale.step + 4.0),
            left: LEFT,
            ticks: ticks(timeline.timing.wall_ms, &scale),
            lanes: (0..timeline.lanes)
                .filter(|_| numbered)
                .map(|lane| Lane { y: tenth(scale.y(lane) + scale.height / 2.0), number: lane + 1 })
                .collect(),
            merged: rest.len(),
            bars,
            blocks,
            busy: busy(timeline, &scale),
            busy_height: BUSY,
            workers: timeline.timing.workers,
            classes,
        }
    }
}

/// Indices of the spans that are bars of their own, in order: those of the chain and the longest ones.
fn named(timeline: &Timeline<'_>) -> Vec<usize> {
    let mut all: Vec<usize> = (0..timeline.spans.len()).collect();
    let chain = |at: &usize| timeline.chain.contains(at);
    all.sort_by_cached_key(|at| (std::cmp::Reverse((chain(at), timeline.spans[*at].ms)), *at));
    all.truncate(NAMED);
    all.sort_unstable();
    all
}

fn bar(timeline: &Timeline<'_>, at: usize, scale: &Scale) -> Bar {
    let span = &timeline.spans[at];
    let badge = Badge::of_row(span.row);
    let (x, width) = scale.across(span);
    let words = format!(
        "{}: {}, {} after the start{}",
        span.row.name,
        word::duration(span.ms),
        word::duration(span.start),
        if badge.class == "error" { ", failed" } else { "" }
    );
    let (y, height) = (scale.y(span.lane), tenth(scale.height));
    Bar { class: badge.class, chain: timeline.chain.contains(&at), x, y, width, height, words }
}

/// Spans of a class as one path; what stands closer than `apart` is one block.
fn blocks(spans: &[&Span<'_>], scale: &Scale, apart: f64) -> Vec<(&'static str, String)> {
    let mut by_lane: BTreeMap<(&'static str, usize), Vec<(f64, f64)>> = BTreeMap::new();
    for span in spans {
        let (left, width) = scale.across(span);
        let found = by_lane.entry((Badge::of_row(span.row).class, span.lane)).or_default();
        match found.last_mut() {
            Some((_, right)) if left - *right < apart => *right = right.max(left + width),
            _ => found.push((left, left + width)),
        }
    }
    let mut paths: BTreeMap<&'static str, String> = BTreeMap::new();
    for ((class, lane), found) in by_lane {
        let path = paths.entry(class).or_default();
        let (y, height) = (scale.y(lane), tenth(scale.height));
        for (left, right) in found {
            let width = tenth(right - left);
            write!(path, "M{left} {y}h{width}v{height}h-{width}z").expect("invariant: writing to memory doesn't fail");
        }
    }
    paths.into_iter().collect()
}

/// How many workers are busy, as the outline of an area: the average over each unit.
fn busy(timeline: &Timeline<'_>, scale: &Scale) -> String {
    let columns = (WIDTH - LEFT) as usize;
    let mut busy = vec![0.0_f64; columns];
    for span in &timeline.spans {
        let (from, to) = (span.start as f64 * scale.unit, span.end as f64 * scale.unit);
        for (column, sum) in busy.iter_mut().enumerate().take((to as usize + 1).min(columns)).skip(from as usize) {
            *sum += (to.min(column as f64 + 1.0) - from.max(column as f64)).max(0.0);
        }
    }
    let workers = timeline.timing.workers.max(1) as f64;
    let level = |sum: f64| tenth(BUSY - (sum / workers).min(1.0) * (BUSY - 2.0));
    let mut path = format!("M{LEFT} {BUSY}");
    let mut last = BUSY;
    for (column, sum) in busy.iter().enumerate() {
        let y = level(*sum);
        if y != last {
            write!(path, "H{}V{y}", LEFT + column as f64).expect("invariant: writing to memory doesn't fail");
            last = y;
        }
    }
    path.push_str(&format!("H{}V{BUSY}z", WIDTH - 1.0));
    path
}

/// At most ten times at even distances.
fn ticks(wall: u64, scale: &Scale) -> Vec<Tick> {
    let steps = (0..).map(|power| 10u64.pow(power)).flat_map(|unit| [unit, 2 * unit, 5 * unit]);
    let step = steps.take(50).find(|step| wall / step < 10).unwrap_or(wall.max(1));
    (0..=wall / step).map(|at| Tick { x: scale.x(at * step), words: word::duration(at * step) }).collect()
}

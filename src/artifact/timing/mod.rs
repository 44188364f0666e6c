//! Where the time of a run went: which worker built what and when, the longest chain of nodes that wait for each other,
//! and what more workers or a faster chain would have saved. From a run's record alone.

mod schedule;

use super::history::Record;
use super::results::ResultRow;
use super::wire::{MoreWorkers, Timed, Timing};
use crate::fingerprint::Kind;
use jiff::Timestamp;
use schedule::Schedule;
use std::collections::BTreeMap;

/// Workers that are thought of at most.
const MOST_WORKERS: usize = 64;

/// The nodes of a run that took time, and what became of the run's.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    /// By start, then by name.
    pub spans: Vec<Span<'a>>,
    /// Lanes that the spans stand in.
    pub lanes: usize,
    /// Indices of the spans of the longest chain, the first one first.
    pub chain: Vec<usize>,
    pub timing: Timing,
}

/// A node's build. Milliseconds since the run began.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    pub row: &'a ResultRow,
    pub start: u64,
    pub end: u64,
    /// What it took by a clock that never runs backwards.
    pub ms: u64,
    /// The worker, or one like it where a record doesn't tell.
    pub lane: usize,
}

impl<'a> Timeline<'a> {
    /// `None` for a run in which nothing took time.
    pub fn of(record: &'a Record) -> Option<Timeline<'a>> {
        let results = &record.results;
        let began: Timestamp = results.run_started_at.parse().ok()?;
        let mut spans: Vec<Span<'_>> = results.results.iter().filter_map(|row| Span::of(row, began)).collect();
        spans.sort_by_key(|span| (span.start, span.row.name.as_str()));
        let lanes = assign(&mut spans);
        let slowest = spans.iter().rev().max_by_key(|span| span.ms)?;
        let end = spans.iter().map(|span| span.end).max()?;
        let Waits { after, chain } = Waits::of(record, &spans);
        let wall_ms = results.duration_ms.max(end);
        let workers = results.workers.unwrap_or(lanes).max(1);
        let ms: Vec<u64> = spans.iter().map(|span| span.ms).collect();
        let savings = Savings::of(&Schedule::new(&after), &ms, &chain, (workers, wall_ms));
        let timing = Timing {
            after_ms: wall_ms - end,
            before_ms: spans[0].start,
            chain_ms: chain.iter().map(|at| ms[*at]).sum(),
            chain: chain.iter().map(|at| spans[*at].timed()).collect(),
            faster_chain_ms: savings.faster_chain_ms,
            more_workers: savings.more_workers,
            nodes: spans.len(),
            slowest: slowest.timed(),
            wall_ms,
            work_ms: ms.iter().sum(),
            workers,
        };
        Some(Timeline { spans, lanes, chain, timing })
    }
}

impl<'a> Span<'a> {
    fn of(row: &'a ResultRow, began: Timestamp) -> Option<Span<'a>> {
        let since = |at: &Option<String>| -> Option<u64> {
            let at: Timestamp = at.as_deref()?.parse().ok()?;
            Some(at.as_millisecond().saturating_sub(began.as_millisecond()).max(0) as u64)
        };
        let start = since(&row.started_at)?;
        let end = since(&row.finished_at)?.max(start);
        Some(Span { row, start, end, ms: row.duration_ms.unwrap_or(end - start), lane: 0 })
    }

    fn timed(&self) -> Timed {
        Timed { ms: self.ms, name: self.row.name.clone() }
    }
}

/// Puts each span into the lane of its worker or, where one's isn't known, all into the first lanes that are free. Gives
/// the number of lanes.
fn assign(spans: &mut [Span<'_>]) -> usize {
    let known: Option<Vec<usize>> = spans.iter().map(|span| span.row.worker).collect();
    // A number without bounds would make as many lanes.
    if let Some(workers) = known.filter(|workers| workers.iter().all(|worker| *worker < spans.len())) {
        spans.iter_mut().zip(&workers).for_each(|(span, worker)| span.lane = *worker);
        return workers.iter().max().map_or(0, |worker| worker + 1);
    }
    let mut ends: Vec<u64> = Vec::new();
    for span in spans {
        let free = ends.iter().position(|end| *end <= span.start);
        span.lane = free.unwrap_or(ends.len());
        if free.is_none() {
            ends.push(0);
        }
        ends[span.lane] = span.end;
    }
    ends.len()
}

/// What each span waits for, as indices, and the longest chain of them.
struct Waits {
    after: Vec<Vec<usize>>,
    chain: Vec<usize>,
}

impl Waits {
    /// By the upstream components of what the run built. Nodes that took no time, ephemeral ones say, are looked through.
    fn of(record: &Record, spans: &[Span<'_>]) -> Waits {
        let place: BTreeMap<&str, usize> = spans.iter().enumerate().map(|(at, span)| (&*span.row.name, at)).collect();
        let mut waits = Waits { after: vec![Vec::new(); spans.len()], chain: Vec::new() };
        let mut through: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        // The longest way to the end of each span, and the span before it there.
        let mut best: Vec<(u64, Option<usize>)> = vec![(0, None); spans.len()];
        for name in order(record) {
            let mut above: Vec<usize> = Vec::new();
            for up in upstream(record, name) {
                match place.get(up) {
                    Some(at) => above.push(*at),
                    None => above.extend(through.get(up).into_iter().flatten()),
                }
            }
            above.sort_unstable();
            above.dedup();
            let Some(at) = place.get(name).copied() else {
                through.insert(name, above);
                continue;
            };
            let longest = above.iter().copied().rev().max_by_key(|up| best[*up].0);
            best[at] = (longest.map_or(0, |up| best[up].0) + spans[at].ms, longest);
            waits.after[at] = above;
        }
        let mut next = (0..spans.len()).rev().max_by_key(|at| best[*at].0);
        while let Some(at) = next {
            waits.chain.push(at);
            next = best[at].1;
        }
        waits.chain.reverse();
        waits
    }
}

fn upstream<'a>(record: &'a Record, name: &str) -> impl Iterator<Item = &'a str> {
    let full = record.fingerprints.get(name).and_then(|one| one.full.as_ref()).and_then(|full| full.known());
    let components = full.into_iter().flat_map(|full| full.components.iter());
    components.filter(|one| one.kind == Kind::Upstream).map(|one| one.name.as_str())
}

/// The nodes of the record, each behind what it reads.
fn order(record: &Record) -> Vec<&str> {
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in record.fingerprints.keys() {
        let up: Vec<&str> = upstream(record, name).filter(|up| record.fingerprints.contains_key(*up)).collect();
        open.insert(name, up.len());
        up.into_iter().for_each(|up| below.entry(up).or_default().push(name));
    }
    let mut order: Vec<&str> = open.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    let mut at = 0;
    while let Some(name) = order.get(at).copied() {
        at += 1;
        for down in below.remove(name).into_iter().flatten() {
            let count = open.get_mut(down).expect("invariant: every node is counted");
            *count -= 1;
            if *count == 0 {
                order.push(down);
            }
        }
    }
    order
}

/// What would have been saved, by the recorded times.
struct Savings {
    more_workers: Option<MoreWorkers>,
    faster_chain_ms: u64,
}

impl Savings {
    fn of(schedule: &Schedule, ms: &[u64], chain: &[usize], (workers, wall_ms): (usize, u64)) -> Savings {
        let now = schedule.makespan(ms, workers);
        let bound: u64 = chain.iter().map(|at| ms[*at]).sum();
        let mut spans: Vec<(usize, u64)> = Vec::new();
        for more in workers + 1..=MOST_WORKERS.min(ms.len()) {
            let span = schedule.makespan(ms, more);
            spans.push((more, now.saturating_sub(span)));
            if span <= bound {
                break;
            }
        }
        let most = spans.iter().map(|(_, saved)| *saved).max().unwrap_or(0);
        let nearly_all = |(_, saved): &&(usize, u64)| *saved * 10 >= most * 9;
        let much = most > 0 && most >= wall_ms / 10;
        let fewest = spans.iter().find(nearly_all).filter(|_| much);
        let mut faster = ms.to_vec();
        chain.iter().for_each(|at| faster[*at] /= 2);
        Savings {
            more_workers: fewest.map(|(workers, saved_ms)| MoreWorkers { saved_ms: *saved_ms, workers: *workers }),
            faster_chain_ms: now.saturating_sub(schedule.makespan(&faster, workers)),
        }
    }
}

#[cfg(test)]
pub mod tests;

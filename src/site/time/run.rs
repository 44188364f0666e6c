//! Where the time of a run went: its sentence, its figures, the lanes of its workers, its longest chain, and what was not
//! spent again.

use super::gantt::Gantt;
use crate::artifact::history::Record;
use crate::artifact::timing::Timeline;
use crate::artifact::wire::{Timing, Unspent};
use crate::site::Site;
use crate::site::history::RunSummary;
use crate::site::word;

/// Nodes of the longest chain that are listed; of a longer one those that took longest.
const CHAIN: usize = 40;

/// What a run's page tells of its time.
pub struct TimeView {
    pub sentence: String,
    pub unspent: Option<String>,
    pub tiles: Vec<Tile>,
    pub gantt: Gantt,
    /// The longest chain in its order.
    pub chain: Vec<Step>,
    /// Nodes of it that aren't listed.
    pub more_chain: usize,
}

/// A figure with what it is.
pub struct Tile {
    pub value: String,
    pub words: &'static str,
    /// The node that it is of.
    pub node: Option<(String, bool)>,
}

/// A node of the chain, whether it has a page, and its time.
pub struct Step {
    pub name: String,
    pub linked: bool,
    pub time: String,
}

impl TimeView {
    /// `None` for a run in which nothing took time. `linked` tells whether a node has a page.
    pub fn of(record: &Record, unspent: Unspent, linked: &dyn Fn(&str) -> bool) -> Option<TimeView> {
        let timeline = Timeline::of(record)?;
        let timing = &timeline.timing;
        let listed = listed(timing);
        let steps = timing.chain.iter().enumerate().filter(|(at, _)| listed.contains(at)).map(|(_, one)| Step {
            name: one.name.clone(),
            linked: linked(&one.name),
            time: word::duration(one.ms),
        });
        Some(TimeView {
            sentence: timing.sentence(),
            unspent: unspent.sentence(),
            tiles: tiles(timing, unspent, linked),
            chain: steps.collect(),
            more_chain: timing.chain.len() - listed.len(),
            gantt: Gantt::of(&timeline),
        })
    }
}

/// Places in the chain of the nodes that took longest.
fn listed(timing: &Timing) -> Vec<usize> {
    let mut places: Vec<usize> = (0..timing.chain.len()).collect();
    places.sort_by_key(|at| std::cmp::Reverse(timing.chain[*at].ms));
    places.truncate(CHAIN);
    places
}

fn tiles(timing: &Timing, unspent: Unspent, linked: &dyn Fn(&str) -> bool) -> Vec<Tile> {
    let tile = |value: String, words| Tile { value, words, node: None };
    let parallel = timing.work_ms as f64 / timing.wall_ms.max(1) as f64;
    let nodes = word::count(timing.chain.len(), "node");
    let slowest = (timing.slowest.name.clone(), linked(&timing.slowest.name));
    let mut tiles = vec![
        tile(word::duration(timing.wall_ms), "wall clock"),
        tile(word::duration(timing.work_ms), "work"),
        tile(format!("{parallel:.2} of {}", timing.workers), "parallelism"),
        tile(format!("{} · {nodes}", word::duration(timing.chain_ms)), "longest chain"),
        Tile { value: word::duration(timing.slowest.ms), words: "slowest node", node: Some(slowest) },
        tile(word::duration(timing.before_ms), "before the first node"),
        tile(word::duration(timing.after_ms), "after the last"),
    ];
    tiles.extend((unspent.nodes > 0).then(|| tile(word::duration(unspent.ms), "not spent")));
    tiles
}

/// What the nodes that a run skipped took when they were last built, as far as kept runs tell.
pub fn unspent(site: &Site<'_>, run: &RunSummary) -> Unspent {
    let mut unspent = Unspent::default();
    for (rests_on, names) in &run.skipped {
        let built = site.input.runs.iter().find(|other| other.run_id == *rests_on);
        for name in names {
            match built.and_then(|built| built.nodes.get(name)).and_then(|build| build.duration_ms) {
                Some(ms) => {
                    unspent.ms += ms;
                    unspent.nodes += 1;
                }
                None => unspent.unknown += 1,
            }
        }
    }
    unspent
}

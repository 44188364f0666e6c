//! Where the time of a run went, as it is written and in words.

use super::listed::count;
use crate::diagnostic::grouped;
use crate::project::shown_duration;
use serde::{Deserialize, Serialize};

/// Parts of a run's time that are worth a word: a tenth.
const PART: u64 = 10;

/// What became of a run's time. Milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// From the end of the last node to the end of the run.
    pub after_ms: u64,
    /// From the start of the run to that of the first node.
    pub before_ms: u64,
    /// The nodes that had to be built one after the other and took longest, the first one first.
    pub chain: Vec<Timed>,
    pub chain_ms: u64,
    /// What would have been saved had each node of the chain taken half its time.
    pub faster_chain_ms: u64,
    /// More workers, where those would have saved a tenth of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_workers: Option<MoreWorkers>,
    /// Nodes that took time.
    pub nodes: usize,
    pub slowest: Timed,
    pub wall_ms: u64,
    /// Sum over the nodes.
    pub work_ms: u64,
    pub workers: usize,
}

/// A node and its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    pub ms: u64,
    pub name: String,
}

/// The fewest workers that would have saved nearly all that workers can save, and how much, by the recorded times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoreWorkers {
    pub saved_ms: u64,
    pub workers: usize,
}

impl Timing {
    /// Whether so many milliseconds are worth a word.
    pub fn is_much(&self, ms: u64) -> bool {
        ms > 0 && ms >= self.wall_ms / PART
    }

    /// `3 nodes took 61 ms of work in 39 ms on 2 workers.`, what bounds it, and what would make it shorter.
    pub fn sentence(&self) -> String {
        let (work, wall) = (shown_duration(self.work_ms), shown_duration(self.wall_ms));
        let (nodes, workers) = (count(self.nodes, "node"), count(self.workers, "worker"));
        let first = format!("{nodes} took {work} of work in {wall} on {workers}.");
        let before = self.is_much(self.before_ms).then(|| {
            let share = self.before_ms * 100 / self.wall_ms.max(1);
            format!("{} ({share} %) went by before the first node began.", shown_duration(self.before_ms))
        });
        let bound = (self.nodes > 1).then(|| self.bound());
        [Some(first), bound, before].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn bound(&self) -> String {
        let last = self.chain.last().unwrap_or(&self.slowest);
        let what = if self.chain.len() > 1 {
            format!("The chain ending in {} needs", last.name)
        } else {
            format!("{} alone needs", last.name)
        };
        let that = if self.chain.len() > 1 { "that chain" } else { "that node" };
        let saved = |ms: u64| format!("about {}", shown_duration(rounded(ms)));
        let chain = self.is_much(self.faster_chain_ms).then(|| saved(self.faster_chain_ms));
        let advice = match (&self.more_workers, chain) {
            (Some(more), Some(chain)) => {
                let (workers, saved) = (count(more.workers, "worker"), saved(more.saved_ms));
                format!("{workers} would save {saved}, making {that} twice as fast {chain}")
            }
            (Some(more), None) => {
                let (workers, saved) = (count(more.workers, "worker"), saved(more.saved_ms));
                format!("{workers} would save {saved}, a faster {} wouldn't help yet", &that["that ".len()..])
            }
            (None, Some(chain)) => {
                format!("making {that} twice as fast would save {chain}, more workers wouldn't help")
            }
            (None, None) => format!("neither more workers nor making {that} faster would save a tenth of the run"),
        };
        format!("{what} {}: {advice}.", shown_duration(self.chain_ms))
    }
}

/// To two digits.
fn rounded(ms: u64) -> u64 {
    let unit = 10u64.pow(ms.checked_ilog10().unwrap_or(0).saturating_sub(1));
    (ms + unit / 2) / unit * unit
}

/// What skipped nodes took when they were last built: time that a run didn't spend again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unspent {
    pub ms: u64,
    /// Skipped nodes of which it is known.
    pub nodes: usize,
    /// Skipped nodes of which it isn't: the run that built them isn't kept, or took no time for them.
    pub unknown: usize,
}

impl Unspent {
    /// `114 skipped nodes took 930 ms when they were last built, which wasn't spent again.`
    pub fn sentence(&self) -> Option<String> {
        if self.nodes == 0 {
            return None;
        }
        let their = if self.nodes == 1 { "it was" } else { "they were" };
        let unknown = match self.unknown {
            0 => String::new(),
            more => format!(" Of {} more no kept run tells.", grouped(more)),
        };
        let took = shown_duration(self.ms);
        Some(format!(
            "{} took {took} when {their} last built, which wasn't spent again.{unknown}",
            count(self.nodes, "skipped node")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing() -> Timing {
        let timed = |name: &str, ms| Timed { ms, name: name.into() };
        Timing {
            after_ms: 26,
            before_ms: 20,
            chain: vec![timed("a", 30), timed("m00287.ff", 40)],
            chain_ms: 70,
            faster_chain_ms: 10,
            more_workers: Some(MoreWorkers { saved_ms: 194, workers: 4 }),
            nodes: 196,
            slowest: timed("m00287.ff", 40),
            wall_ms: 468,
            work_ms: 716,
            workers: 2,
        }
    }

    #[test]
    fn the_sentence_says_what_would_help() {
        let head = "196 nodes took 716 ms of work in 468 ms on 2 workers. The chain ending in m00287.ff needs 70 ms: ";
        let told = |more, faster_chain_ms| {
            let timing = Timing { more_workers: more, faster_chain_ms, ..timing() };
            timing.sentence().strip_prefix(head).unwrap().to_string()
        };
        let more = timing().more_workers;
        assert_eq!(told(more, 10), "4 workers would save about 190 ms, a faster chain wouldn't help yet.");
        assert_eq!(told(more, 60), "4 workers would save about 190 ms, making that chain twice as fast about 60 ms.");
        let chain = "making that chain twice as fast would save about 60 ms, more workers wouldn't help.";
        assert_eq!(told(None, 60), chain);
        assert_eq!(told(None, 0), "neither more workers nor making that chain faster would save a tenth of the run.");
    }

    #[test]
    fn what_goes_by_before_is_told_where_it_is_much() {
        let slow = Timing { before_ms: 83, ..timing() };
        assert!(slow.sentence().ends_with(" 83 ms (17 %) went by before the first node began."), "{}", slow.sentence());
        let one = Timing { nodes: 1, work_ms: 12, wall_ms: 39, workers: 1, before_ms: 1, ..timing() };
        assert_eq!(one.sentence(), "1 node took 12 ms of work in 39 ms on 1 worker.");
    }

    #[test]
    fn estimates_have_two_digits() {
        assert_eq!([0, 7, 10, 99, 194, 195, 12_345].map(rounded), [0, 7, 10, 99, 190, 200, 12_000]);
    }

    #[test]
    fn what_was_not_spent_is_told_with_what_is_not_known() {
        let told = |nodes, unknown| Unspent { ms: 36, nodes, unknown }.sentence();
        assert_eq!(told(0, 4), None);
        assert_eq!(told(1, 0).unwrap(), "1 skipped node took 36 ms when it was last built, which wasn't spent again.");
        let some = told(4, 2).unwrap();
        assert_eq!(
            some,
            "4 skipped nodes took 36 ms when they were last built, which wasn't spent again. Of 2 more no kept run tells."
        );
    }
}

//! How long nodes take that wait for each other, by the number of workers: list scheduling, as a run does it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Nodes by number, in the order in which they were begun, with what each waits for.
pub struct Schedule {
    waits_for: Vec<usize>,
    released: Vec<Vec<usize>>,
}

impl Schedule {
    /// `after` has, for each node, those that must have ended before it begins.
    pub fn new(after: &[Vec<usize>]) -> Schedule {
        let mut released = vec![Vec::new(); after.len()];
        for (node, waits) in after.iter().enumerate() {
            waits.iter().for_each(|up| released[*up].push(node));
        }
        Schedule { waits_for: after.iter().map(Vec::len).collect(), released }
    }

    /// Milliseconds from the first start to the last end, where each node takes `ms` and is given to a free worker as soon
    /// as it may begin, those that were begun earlier first.
    pub fn makespan(&self, ms: &[u64], workers: usize) -> u64 {
        let mut waits_for = self.waits_for.clone();
        let mut ready: BTreeSet<usize> = (0..ms.len()).filter(|node| waits_for[*node] == 0).collect();
        let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        let mut now = 0;
        loop {
            while running.len() < workers.max(1) {
                let Some(node) = ready.pop_first() else { break };
                running.push(Reverse((now + ms[node], node)));
            }
            let Some(Reverse((end, ended))) = running.pop() else { return now };
            now = end;
            for node in &self.released[ended] {
                waits_for[*node] -= 1;
                if waits_for[*node] == 0 {
                    ready.insert(*node);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn workers_shorten_what_is_wide_and_not_what_is_long() {
        // Four nodes of 10 side by side, and a chain of three of 10.
        let after = [vec![], vec![], vec![], vec![], vec![0], vec![4]];
        let schedule = Schedule::new(&after);
        let spans: Vec<u64> = [1, 2, 3, 4, 9].iter().map(|workers| schedule.makespan(&[10; 6], *workers)).collect();
        // Two workers take the four first, as a run does, and the chain waits.
        assert_eq!(spans, [60, 40, 30, 30, 30]);
        let wide = Schedule::new(&vec![vec![]; 6]);
        let spans: Vec<u64> = [1, 2, 3, 6, 9].iter().map(|workers| wide.makespan(&[10; 6], *workers)).collect();
        assert_eq!(spans, [60, 30, 20, 10, 10]);
    }

    proptest! {
        /// Never under the longest chain or the work a worker, never over all of it in a row.
        #[test]
        fn a_makespan_keeps_its_bounds(
            nodes in prop::collection::vec((0u64..50, prop::collection::vec(any::<prop::sample::Index>(), 0..3)), 1..30),
            workers in 1usize..6,
        ) {
            let after: Vec<Vec<usize>> = nodes
                .iter()
                .enumerate()
                .map(|(at, (_, up))| {
                    let up = if at == 0 { BTreeSet::new() } else { up.iter().map(|up| up.index(at)).collect() };
                    up.into_iter().collect()
                })
                .collect();
            let ms: Vec<u64> = nodes.iter().map(|(ms, _)| *ms).collect();
            let mut longest: Vec<u64> = Vec::new();
            for (at, up) in after.iter().enumerate() {
                longest.push(ms[at] + up.iter().map(|up| longest[*up]).max().unwrap_or(0));
            }
            let (chain, work) = (*longest.iter().max().unwrap(), ms.iter().sum::<u64>());
            let schedule = Schedule::new(&after);
            let span = schedule.makespan(&ms, workers);
            prop_assert!(span >= chain && span * workers as u64 >= work && span <= work);
            prop_assert_eq!(schedule.makespan(&ms, 1), work);
            prop_assert_eq!(schedule.makespan(&ms, nodes.len()), chain);
        }
    }
}

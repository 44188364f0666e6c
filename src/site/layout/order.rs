//! The order of each column: sweeps by barycentre, then neighbours change places where that uncrosses edges.

use super::Adjacency;
use super::first::first;
use super::layer::Layers;

/// Sweeps to the right and back at most.
const ROUNDS: usize = 12;
/// Rounds without a better order after which sweeping ends.
const PATIENCE: usize = 3;
/// Passes of changing places over all columns at most.
const PASSES: usize = 4;
/// Height of a column while sweeping: columns of different length are compared as if they were of one.
const HEIGHT: u64 = 1 << 20;

/// Nodes and points of each column from top to bottom.
pub(super) fn order(layers: &Layers) -> Vec<Vec<u32>> {
    let mut work = Work::new(layers, first(layers));
    let mut best = (work.crossings(), work.order.clone());
    let mut stale = 0;
    for _ in 0..ROUNDS {
        if best.0 == 0 || stale == PATIENCE {
            break;
        }
        (0..work.order.len()).for_each(|column| work.sort(column));
        (0..work.order.len()).rev().for_each(|column| work.sort(column));
        let crossings = work.crossings();
        stale += 1;
        if crossings < best.0 {
            best = (crossings, work.order.clone());
            stale = 0;
        }
    }
    let mut work = Work::new(layers, best.1);
    work.uncross();
    work.order
}

struct Work<'a> {
    layers: &'a Layers,
    order: Vec<Vec<u32>>,
    /// Of each vertex in its column.
    position: Vec<u32>,
    /// Room for the positions of two vertices' neighbours.
    near: [Vec<u32>; 2],
}

impl<'a> Work<'a> {
    fn new(layers: &'a Layers, order: Vec<Vec<u32>>) -> Work<'a> {
        let mut work = Work { layers, order, position: vec![0; layers.layer.len()], near: Default::default() };
        (0..work.order.len()).for_each(|column| work.number(column));
        work
    }

    fn number(&mut self, column: usize) {
        for (at, vertex) in self.order[column].iter().enumerate() {
            self.position[*vertex as usize] = at as u32;
        }
    }

    /// Sorts a column by the mean height of neighbours on both sides.
    fn sort(&mut self, column: usize) {
        let height = |vertex: u32| {
            let length = self.order[self.layers.layer[vertex as usize] as usize].len() as u64;
            (2 * u64::from(self.position[vertex as usize]) + 1) * HEIGHT / length
        };
        let mean = |vertex: u32| {
            let (left, right) = (self.layers.left.of(vertex), self.layers.right.of(vertex));
            let sum: u64 = left.iter().chain(right).map(|other| height(*other)).sum();
            sum / (left.len() + right.len()) as u64
        };
        let mut sorted: Vec<(u64, u32)> = self.order[column].iter().map(|vertex| (mean(*vertex), *vertex)).collect();
        sorted.sort_by_key(|(mean, _)| *mean);
        self.order[column] = sorted.into_iter().map(|(_, vertex)| vertex).collect();
        self.number(column);
    }

    /// Changes neighbours of a column where that takes crossings away, until none are or for some passes.
    fn uncross(&mut self) {
        for _ in 0..PASSES {
            let mut changed = false;
            for column in 0..self.order.len() {
                for at in 1..self.order[column].len() {
                    let (upper, lower) = (self.order[column][at - 1], self.order[column][at]);
                    if self.gain(upper, lower) > 0 {
                        self.order[column].swap(at - 1, at);
                        self.position.swap(upper as usize, lower as usize);
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Crossings that go away when `upper` and `lower`, next to each other, change places.
    fn gain(&mut self, upper: u32, lower: u32) -> i64 {
        let layers = self.layers;
        self.balance(layers.left.of(upper), layers.left.of(lower))
            + self.balance(layers.right.of(upper), layers.right.of(lower))
    }

    /// Pairs of one of `upper` and one of `lower` that cross, less those that would.
    fn balance(&mut self, upper: &[u32], lower: &[u32]) -> i64 {
        let sorted = |into: &mut Vec<u32>, vertices: &[u32]| {
            into.clear();
            into.extend(vertices.iter().map(|vertex| self.position[*vertex as usize]));
            into.sort_unstable();
        };
        let [above, below] = &mut self.near;
        sorted(above, upper);
        sorted(below, lower);
        let (mut less, mut not_more) = (0, 0);
        let mut balance = 0;
        for one in above.iter() {
            while below.get(less).is_some_and(|other| other < one) {
                less += 1;
            }
            while below.get(not_more).is_some_and(|other| other <= one) {
                not_more += 1;
            }
            balance += less as i64 - (below.len() - not_more) as i64;
        }
        balance
    }

    /// Crossings of the whole order.
    fn crossings(&self) -> u64 {
        let all = self.order.iter().take(self.order.len() - 1);
        all.map(|column| crossings(column, &self.layers.right, &self.position)).sum()
    }
}

/// Crossings between a column and the next, by a tree of counts over the next one's positions.
fn crossings(column: &[u32], right: &Adjacency, position: &[u32]) -> u64 {
    let mut ends = Vec::new();
    for vertex in column {
        let from = ends.len();
        ends.extend(right.of(*vertex).iter().map(|to| position[*to as usize]));
        ends[from..].sort_unstable();
    }
    let size = ends.iter().max().map_or(0, |last| *last as usize + 1);
    let mut tree = vec![0u64; size + 1];
    let mut found = 0;
    for (before, end) in ends.iter().enumerate() {
        let mut not_below = 0;
        let mut at = *end as usize + 1;
        while at > 0 {
            not_below += tree[at];
            at &= at - 1;
        }
        found += before as u64 - not_below;
        let mut at = *end as usize + 1;
        while at <= size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

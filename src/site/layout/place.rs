//! Heights: each column as near as can be to what its nodes are tied to, in its order and without overlap.
//!
//! A column wants each of its vertices at the median height of its neighbours on one side; where two want the same
//! place they share the distance (the pool-adjacent-violators algorithm gives the least sum of weighted squares). The
//! points of a long edge weigh most, so that it runs straight.

use super::layer::Layers;
use super::{Adjacency, EDGE, NODE};

/// Sweeps from right to left and back.
const ROUNDS: usize = 4;
/// How much a vertex insists on its place: without a neighbour on this side, a node, a point.
const LOOSE: i64 = 1;
const TIED: i64 = 4;
const STRAIGHT: i64 = 32;

/// The height of every node and point, from 0 at the top, and the height of the whole, in units.
pub(super) fn place(layers: &Layers, order: &[Vec<u32>]) -> (Vec<i32>, i32) {
    let mut y = vec![0; layers.layer.len()];
    for column in order {
        let offsets = offsets(layers, column);
        let middle = offsets.last().copied().unwrap_or(0) / 2;
        column.iter().zip(&offsets).for_each(|(vertex, offset)| y[*vertex as usize] = offset - middle);
    }
    for _ in 0..ROUNDS {
        order.iter().rev().for_each(|column| settle(layers, column, &layers.right, &mut y));
        order.iter().for_each(|column| settle(layers, column, &layers.left, &mut y));
    }
    let edge = |vertex: usize| half(layers, vertex as u32);
    let top = (0..y.len()).map(|vertex| y[vertex] - edge(vertex)).min().unwrap_or(0);
    y.iter_mut().for_each(|height| *height -= top);
    let bottom = (0..y.len()).map(|vertex| y[vertex] + edge(vertex)).max().unwrap_or(0);
    (y, bottom)
}

/// Half of what a vertex keeps free around it.
fn half(layers: &Layers, vertex: u32) -> i32 {
    if (vertex as usize) < layers.nodes { NODE / 2 } else { EDGE / 2 }
}

/// Each vertex's distance from the first of its column when all stand as close as they may.
fn offsets(layers: &Layers, column: &[u32]) -> Vec<i32> {
    let mut offsets = Vec::with_capacity(column.len());
    let mut at = 0;
    for (index, vertex) in column.iter().enumerate() {
        if index > 0 {
            at += half(layers, column[index - 1]) + half(layers, *vertex);
        }
        offsets.push(at);
    }
    offsets
}

/// Vertices that stand as close as they may: how many, the sum of their weights, and of weight times wish.
struct Run {
    count: usize,
    weight: i64,
    sum: i64,
}

/// Moves a column to the heights that its neighbours on `side` ask for.
fn settle(layers: &Layers, column: &[u32], side: &Adjacency, y: &mut [i32]) {
    let offsets = offsets(layers, column);
    let mut runs: Vec<Run> = Vec::with_capacity(column.len());
    let mut near = Vec::new();
    for (vertex, offset) in column.iter().zip(&offsets) {
        let (wish, weight) = wish(layers, *vertex, side, y, &mut near);
        let mut run = Run { count: 1, weight, sum: weight * i64::from(wish - offset) };
        while let Some(above) = runs.last().filter(|above| above.sum * run.weight >= run.sum * above.weight) {
            run.count += above.count;
            run.weight += above.weight;
            run.sum += above.sum;
            runs.pop();
        }
        runs.push(run);
    }
    let mut rest = column.iter().zip(&offsets);
    for run in &runs {
        let start = (2 * run.sum + run.weight).div_euclid(2 * run.weight) as i32;
        for (vertex, offset) in rest.by_ref().take(run.count) {
            y[*vertex as usize] = start + offset;
        }
    }
}

/// The height that a vertex asks for, and how much it insists.
fn wish(layers: &Layers, vertex: u32, side: &Adjacency, y: &[i32], near: &mut Vec<i32>) -> (i32, i64) {
    let is_point = |vertex: u32| vertex as usize >= layers.nodes;
    let others = side.of(vertex);
    if others.is_empty() {
        return (y[vertex as usize], LOOSE);
    }
    // Of what a point leads to, the next point of the same edge counts alone.
    if let Some(next) = others.iter().find(|other| is_point(vertex) && is_point(**other)) {
        return (y[*next as usize], STRAIGHT);
    }
    near.clear();
    near.extend(others.iter().map(|other| y[*other as usize]));
    near.sort_unstable();
    let (low, high) = (near[(near.len() - 1) / 2], near[near.len() / 2]);
    ((low + high).div_euclid(2), TIED)
}

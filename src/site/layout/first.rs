//! The order that sweeping begins with: along the direction in which the whole component is longest.
//!
//! That direction is the eigenvector of the second largest eigenvalue of a random walk over the edges, approached by
//! power iteration. Vertices near each other in the graph get numbers near each other, in all columns at once, which
//! sweeps from column to column alone reach slowly or never. Only sums, products and quotients of 64-bit floats in a
//! fixed order: the same on every machine, and in JavaScript.

use super::layer::Layers;
use std::collections::VecDeque;

/// Steps of the walk.
const STEPS: usize = 100;

/// Nodes and points of each column from top to bottom.
pub(super) fn first(layers: &Layers) -> Vec<Vec<u32>> {
    let mut order = vec![Vec::new(); layers.count as usize];
    for vertex in 0..layers.layer.len() as u32 {
        order[layers.layer[vertex as usize] as usize].push(vertex);
    }
    let along = along(layers);
    let less = |one: &u32, other: &u32| along[*one as usize].partial_cmp(&along[*other as usize]);
    for column in &mut order {
        column.sort_by(|one, other| less(one, other).expect("invariant: all are numbers"));
    }
    order
}

/// A number for each vertex: where it is along the component.
fn along(layers: &Layers) -> Vec<f64> {
    let mut value = distances(layers);
    let count = value.len() as u32;
    let degree: Vec<f64> = (0..count).map(|vertex| near(layers, vertex).count() as f64).collect();
    let total: f64 = degree.iter().sum();
    for _ in 0..STEPS {
        let mean = degree.iter().zip(&value).map(|(degree, value)| degree * value).sum::<f64>() / total;
        value.iter_mut().for_each(|value| *value -= mean);
        let step = |vertex: u32| {
            let sum: f64 = near(layers, vertex).map(|other| value[other as usize]).sum();
            0.5 * value[vertex as usize] + 0.5 * sum / degree[vertex as usize]
        };
        let mut next: Vec<f64> = (0..count).map(step).collect();
        let largest = next.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        if largest > 0.0 {
            next.iter_mut().for_each(|value| *value /= largest);
        }
        value = next;
    }
    value
}

/// Each vertex's place in a walk through the component, nearest first, from an end of it.
fn distances(layers: &Layers) -> Vec<f64> {
    let mut place = vec![0.0; layers.layer.len()];
    let mut start = 0;
    // The last one met from anywhere is at an end, the last one met from there about at the other.
    for _ in 0..3 {
        let mut seen = vec![false; place.len()];
        seen[start as usize] = true;
        let mut open = VecDeque::from([start]);
        let mut met = 0;
        while let Some(vertex) = open.pop_front() {
            place[vertex as usize] = f64::from(met);
            met += 1;
            start = vertex;
            for other in near(layers, vertex) {
                if !seen[other as usize] {
                    seen[other as usize] = true;
                    open.push_back(other);
                }
            }
        }
    }
    place
}

fn near(layers: &Layers, vertex: u32) -> impl Iterator<Item = u32> {
    layers.left.of(vertex).iter().chain(layers.right.of(vertex)).copied()
}

//! Columns: the longest path to each node, drawn together where that shortens edges, and the points where long edges
//! cross the columns between their ends.

use super::Adjacency;
use std::collections::VecDeque;
use std::ops::Range;

/// A component in columns. Points are numbered after the nodes: those of one node stand side by side.
pub(super) struct Layers {
    /// Number of columns.
    pub count: u32,
    /// Nodes; what has a higher number is a point.
    pub nodes: usize,
    /// Of nodes and points.
    pub layer: Vec<u32>,
    /// The points on the way of each node's long edges, in columns from the node's own to the right.
    pub points: Vec<Range<u32>>,
    /// What stands left, and what right, of each node and point.
    pub left: Adjacency,
    pub right: Adjacency,
}

/// `edges` sorted, without loops.
pub(super) fn layers(nodes: usize, edges: &[(u32, u32)]) -> Layers {
    let sequence = sequence(nodes, edges);
    let mut place = vec![0u32; nodes];
    for (at, node) in sequence.iter().enumerate() {
        place[*node as usize] = at as u32;
    }
    // An edge against the sequence closes a cycle: here it is turned round.
    let turned =
        |&(from, to): &(u32, u32)| if place[from as usize] < place[to as usize] { (from, to) } else { (to, from) };
    let mut edges: Vec<(u32, u32)> = edges.iter().map(turned).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut layer = columns(nodes, &edges, &sequence);
    let (points, segments) = segments(nodes, &edges, &mut layer);
    Layers {
        count: layer.iter().max().map_or(0, |last| last + 1),
        nodes,
        left: Adjacency::new(layer.len(), segments.iter().map(|&(from, to)| (to, from))),
        right: Adjacency::new(layer.len(), segments.iter().copied()),
        layer,
        points,
    }
}

/// The nodes with every edge leading onward, but for as few as one a cycle.
fn sequence(nodes: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let right = Adjacency::new(nodes, edges.iter().copied());
    let mut waiting = vec![0u32; nodes];
    edges.iter().for_each(|(_, to)| waiting[*to as usize] += 1);
    let mut ready: VecDeque<u32> = (0..nodes as u32).filter(|node| waiting[*node as usize] == 0).collect();
    let mut placed = vec![false; nodes];
    ready.iter().for_each(|node| placed[*node as usize] = true);
    let mut sequence = Vec::with_capacity(nodes);
    while sequence.len() < nodes {
        let Some(node) = ready.pop_front() else {
            let open = (0..nodes as u32).filter(|node| !placed[*node as usize]);
            let first = open.min_by_key(|node| (waiting[*node as usize], *node)).expect("invariant: a node is open");
            placed[first as usize] = true;
            ready.push_back(first);
            continue;
        };
        sequence.push(node);
        for to in right.of(node) {
            waiting[*to as usize] -= 1;
            if waiting[*to as usize] == 0 && !placed[*to as usize] {
                placed[*to as usize] = true;
                ready.push_back(*to);
            }
        }
    }
    sequence
}

/// The longest path to each node; then a node moves right to what reads it when that shortens more edges than it
/// lengthens.
fn columns(nodes: usize, edges: &[(u32, u32)], sequence: &[u32]) -> Vec<u32> {
    let left = Adjacency::new(nodes, edges.iter().map(|&(from, to)| (to, from)));
    let right = Adjacency::new(nodes, edges.iter().copied());
    let mut layer = vec![0u32; nodes];
    for node in sequence {
        layer[*node as usize] = left.of(*node).iter().map(|from| layer[*from as usize] + 1).max().unwrap_or(0);
    }
    for node in sequence.iter().rev() {
        if right.of(*node).len() > left.of(*node).len() {
            let nearest = right.of(*node).iter().map(|to| layer[*to as usize]).min();
            layer[*node as usize] = nearest.expect("invariant: it has a neighbour") - 1;
        }
    }
    layer
}

/// Cuts edges at the columns that they cross; all that leave one node share its points.
fn segments(nodes: usize, edges: &[(u32, u32)], layer: &mut Vec<u32>) -> (Vec<Range<u32>>, Vec<(u32, u32)>) {
    let mut points = Vec::with_capacity(nodes);
    let mut segments = Vec::with_capacity(edges.len() * 2);
    let mut rest = edges;
    for node in 0..nodes as u32 {
        let (own, others) = rest.split_at(rest.partition_point(|(from, _)| *from == node));
        rest = others;
        let column = layer[node as usize];
        let furthest = own.iter().map(|(_, to)| layer[*to as usize]).max().unwrap_or(column);
        let first = layer.len() as u32;
        for between in column + 1..furthest {
            let point = layer.len() as u32;
            segments.push((if point == first { node } else { point - 1 }, point));
            layer.push(between);
        }
        for (_, to) in own {
            let span = layer[*to as usize] - column;
            segments.push((if span == 1 { node } else { first + span - 2 }, *to));
        }
        points.push(first..layer.len() as u32);
    }
    (points, segments)
}

//! A layered layout of a graph, left to right: each node's column and height, and the way of each long edge.
//!
//! [`layout`] takes a number of nodes and edges between them; it gives whole numbers, the same for the same graph
//! whatever the order and repetition of its edges. Ties go to the lower index. `static/layout.js` is the same algorithm
//! step by step, and a test holds the two together: a change here is a change there.
//!
//! Invariants: two nodes of a column are at least [`NODE`] units apart; an edge leads to a column further right, but
//! for edges that close a cycle; edges that leave one node share their way as long as they can.

mod component;
mod first;
mod layer;
mod order;
mod pack;
mod place;
#[cfg(test)]
mod tests;

use component::components;

/// Height of a row in units: what the centres of two nodes above each other keep between them.
pub const NODE: i32 = 4;
/// The same for two long edges that pass a column beside each other.
const EDGE: i32 = 2;

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Number of columns.
    pub columns: u32,
    /// Units from the top edge to the bottom edge.
    pub height: i32,
    /// Each node's column, counted from 0 at the left.
    pub column: Vec<u32>,
    /// Each node's centre, in units from the top.
    pub y: Vec<i32>,
    /// For each node, where its edges to columns beyond the next one cross the columns between, in units from the top,
    /// the column right of the node first.
    pub ways: Vec<Vec<i32>>,
}

impl Layout {
    /// Where the edge between `left` and `right` crosses the columns between them.
    pub fn way(&self, left: usize, right: usize) -> &[i32] {
        let between = self.column[right].saturating_sub(self.column[left]).saturating_sub(1);
        &self.ways[left][..between as usize]
    }
}

/// Lays out `count` nodes. Edges with an end that is no node, and edges from a node to itself, are left out.
pub fn layout(count: usize, edges: &[(u32, u32)]) -> Layout {
    let valid = |(from, to): &&(u32, u32)| from != to && (*from as usize) < count && (*to as usize) < count;
    let mut edges: Vec<(u32, u32)> = edges.iter().filter(valid).copied().collect();
    edges.sort_unstable();
    edges.dedup();
    let blocks: Vec<Block> = components(count, &edges).into_iter().map(Block::new).collect();
    pack::pack(count, blocks)
}

/// A connected part of the graph with its own numbering.
struct Component {
    /// The graph's number of each node, ascending.
    nodes: Vec<u32>,
    /// In the component's numbers, sorted.
    edges: Vec<(u32, u32)>,
}

/// A component laid out by itself, from column 0 and height 0.
struct Block {
    nodes: Vec<u32>,
    columns: u32,
    height: i32,
    column: Vec<u32>,
    y: Vec<i32>,
    ways: Vec<Vec<i32>>,
}

impl Block {
    fn new(component: Component) -> Block {
        let Component { nodes, edges } = component;
        let count = nodes.len();
        if count == 1 {
            return Block {
                nodes,
                columns: 1,
                height: NODE,
                column: vec![0],
                y: vec![NODE / 2],
                ways: vec![Vec::new()],
            };
        }
        let layers = layer::layers(count, &edges);
        let order = order::order(&layers);
        let (y, height) = place::place(&layers, &order);
        let ways = (0..count).map(|node| layers.points[node].clone().map(|point| y[point as usize]).collect());
        Block {
            columns: layers.count,
            height,
            column: layers.layer[..count].to_vec(),
            ways: ways.collect(),
            y: y[..count].to_vec(),
            nodes,
        }
    }
}

/// Neighbours on one side, as one list cut into pieces.
struct Adjacency {
    start: Vec<u32>,
    to: Vec<u32>,
}

impl Adjacency {
    /// From pairs in any order; each piece keeps the order of the pairs.
    fn new(count: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Adjacency {
        let mut start = vec![0; count + 1];
        for (from, _) in pairs.clone() {
            start[from as usize + 1] += 1;
        }
        for at in 0..count {
            start[at + 1] += start[at];
        }
        let mut next = start.clone();
        let mut to = vec![0; start[count] as usize];
        for (from, target) in pairs {
            let at = &mut next[from as usize];
            to[*at as usize] = target;
            *at += 1;
        }
        Adjacency { start, to }
    }

    fn of(&self, node: u32) -> &[u32] {
        &self.to[self.start[node as usize] as usize..self.start[node as usize + 1] as usize]
    }
}

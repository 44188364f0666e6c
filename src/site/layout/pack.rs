//! Puts components beside and below each other: large ones first, single nodes below all others and at the left, where
//! nodes that read nothing stand.

use super::{Block, Layout, NODE};
use std::cmp::Reverse;

/// Units between two components.
const GAP: i32 = NODE / 2;
/// How many rows a column is wide, about: what makes the whole about square.
const ROWS_PER_COLUMN: usize = 4;
/// Single nodes that stand above each other before a second column is begun, which would look as if it followed.
const SINGLES: usize = 12;

pub(super) fn pack(count: usize, mut blocks: Vec<Block>) -> Layout {
    // Stable: components of one size stay in the order of their lowest nodes.
    blocks.sort_by_key(|block| Reverse(block.nodes.len()));
    let cells: usize = blocks.iter().map(|block| block.columns as usize * (block.height / NODE) as usize).sum();
    let square = (cells / ROWS_PER_COLUMN).isqrt();
    let widest = blocks.iter().map(|block| block.columns as usize).max().unwrap_or(0);
    let columns = widest.max(square);
    let mut whole =
        Layout { columns: 0, height: 0, column: vec![0; count], y: vec![0; count], ways: vec![Vec::new(); count] };
    // How far down each column is taken.
    let mut taken = vec![0; columns];
    let lonely = blocks.iter().filter(|block| block.nodes.len() == 1).count();
    let mut single = false;
    for block in blocks {
        if block.nodes.len() == 1 && !single {
            single = true;
            let below = if whole.height > 0 { whole.height + GAP } else { 0 };
            taken = vec![below; beside(lonely)];
        }
        let width = block.columns as usize;
        let depth = |start: usize| taken[start..start + width].iter().max().copied().unwrap_or(0);
        let start = (0..=taken.len() - width).min_by_key(|start| (depth(*start), *start)).unwrap_or(0);
        let top = depth(start);
        let bottom = top + block.height;
        taken[start..start + width].fill(bottom + if single { 0 } else { GAP });
        whole.columns = whole.columns.max((start + width) as u32);
        whole.height = whole.height.max(bottom);
        put(&mut whole, block, start as u32, top);
    }
    whole
}

/// How many columns single nodes take: one as long as it isn't long, else about a square.
fn beside(lonely: usize) -> usize {
    lonely.div_ceil(SINGLES.max((ROWS_PER_COLUMN * lonely).isqrt())).max(1)
}

fn put(whole: &mut Layout, block: Block, start: u32, top: i32) {
    for (at, way) in block.ways.into_iter().enumerate() {
        let node = block.nodes[at] as usize;
        whole.column[node] = start + block.column[at];
        whole.y[node] = top + block.y[at];
        whole.ways[node] = way.into_iter().map(|y| top + y).collect();
    }
}

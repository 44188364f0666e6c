//! The map: every node on one screen, a cell a node, a column a level, what went wrong first in each column.
//!
//! The picture that stands without a script; `static/map.js` lays cells out the same way in the room that there is, and a
//! test holds the two together.

use super::Dag;
use super::picture::escape;
use super::rank::rank;
use crate::site::word::{Badge, Thousands, count};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The room of a picture that stands in a page without a script, in pixels.
const WIDTH: i32 = 1240;
const HEIGHT: i32 = 420;
/// From one cell to the next, at most and at least.
const LARGEST: i32 = 28;
const SMALLEST: i32 = 4;
/// Above the cells, for the names of columns; and how wide one is.
const HEAD: i32 = 18;
const LABEL: i32 = 26;

/// Where cells are.
pub struct Map {
    pub pitch: i32,
    pub width: i32,
    pub height: i32,
    /// The name of each column, and where it begins.
    pub columns: Vec<(String, i32)>,
    /// Number of the node, left and top edge.
    pub cells: Vec<(u32, i32, i32)>,
}

impl Map {
    /// By level.
    pub fn new(dag: &Dag<'_>) -> Map {
        let mut levels: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (item, at) in dag.items.iter().zip(0u32..) {
            let Some(node) = item.node() else { continue };
            levels.entry(node.level).or_default().push(at);
        }
        for nodes in levels.values_mut() {
            nodes.sort_by_key(|at| (rank(&dag.items[*at as usize]), *at));
        }
        Map::laid(levels.into_iter().map(|(level, nodes)| (format!("L{level}"), nodes)).collect(), WIDTH, HEIGHT)
    }

    /// Columns in the largest cells with which all of them fit the room; in the smallest they get the height they need.
    fn laid(columns: Vec<(String, Vec<u32>)>, width: i32, height: i32) -> Map {
        let needed = |pitch: i32, rows: i32| -> i32 {
            let cells: i32 = columns.iter().map(|(_, nodes)| (nodes.len() as i32 + rows - 1) / rows).sum();
            cells * pitch + gap(pitch) * (columns.len() as i32 - 1).max(0)
        };
        let rows = |pitch: i32| ((height - HEAD) / pitch).max(1);
        let fits = (SMALLEST..=LARGEST).rev().find(|pitch| needed(*pitch, rows(*pitch)) <= width);
        let pitch = fits.unwrap_or(SMALLEST);
        let mut rows = rows(pitch);
        let most = columns.iter().map(|(_, nodes)| nodes.len() as i32).max().unwrap_or(0);
        while rows < most && needed(pitch, rows) > width {
            rows += 1;
        }
        let mut map = Map { pitch, width: 0, height: 0, columns: Vec::new(), cells: Vec::new() };
        let mut left = 0;
        for (name, nodes) in columns {
            map.columns.push((name, left));
            for (node, at) in nodes.iter().zip(0..) {
                let (x, y) = (left + at / rows * pitch, HEAD + at % rows * pitch);
                map.cells.push((*node, x, y));
                map.height = map.height.max(y + pitch);
            }
            left += (nodes.len() as i32 + rows - 1) / rows * pitch + gap(pitch);
        }
        map.width = (left - gap(pitch)).max(0);
        map
    }

    /// The SVG element: all cells of a decision are one shape, so that thousands of nodes stay a small picture.
    pub fn svg(&self, dag: &Dag<'_>, id: &str) -> String {
        let side = side(self.pitch);
        let mut shapes: BTreeMap<usize, (Option<Badge>, usize, String)> = BTreeMap::new();
        let mut last = None;
        for (node, x, y) in &self.cells {
            let item = &dag.items[*node as usize];
            let (_, count, path) = shapes.entry(rank(item)).or_insert((item.badge(), 0, String::new()));
            *count += 1;
            // Below the cell before it, which it is most often, a cell begins where that one did.
            let below = last.replace((rank(item), *x, *y)) == Some((rank(item), *x, y - self.pitch));
            let _ = if below { write!(path, "m0 {}", self.pitch) } else { write!(path, "M{x} {y}") };
            let _ = write!(path, "h{side}v{side}h-{side}z");
        }
        let told = shapes
            .values()
            .filter_map(|(badge, number, _)| Some(format!("{} {}", number.thousands(), badge.as_ref()?.word)));
        let told = format!("{}: {}", count(self.cells.len(), "node"), told.collect::<Vec<_>>().join(", "));
        let (width, height) = (self.width, self.height);
        let mut svg = format!(
            "<svg class=\"picture cells\" id=\"{id}\" role=\"img\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">\n",
            escape(&told)
        );
        // A name stands where the one before it has ended.
        let mut free = 0;
        for (name, left) in &self.columns {
            if *left < free {
                continue;
            }
            free = left + LABEL;
            let _ = writeln!(svg, "<text x=\"{left}\" y=\"11\">{}</text>", escape(name));
        }
        for (badge, _, path) in shapes.values() {
            let class = badge.as_ref().map_or("none", |badge| badge.class);
            let _ = writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>");
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// Between two columns.
fn gap(pitch: i32) -> i32 {
    if pitch > 8 { 14 } else { 6 }
}

/// Of a cell.
fn side(pitch: i32) -> i32 {
    pitch - if pitch > 15 { 3 } else { 1 + i32::from(pitch > 7) }
}

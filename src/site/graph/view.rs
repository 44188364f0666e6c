//! What of a graph is shown at first: all of it while its boxes can be read, else the map, a cell a node.
//!
//! `static/graph.js` opens with the same view; the picture of it is there before any script runs.

use super::Dag;
use super::map::Map;
use super::picture::{Drawn, Picture};
use crate::site::called::Called;
use crate::site::{Site, asset, word};

/// The most boxes that are shown at once unless asked for more.
pub const READABLE: usize = 150;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    All,
    Map,
}

impl View {
    /// What the graph opens with.
    pub fn first(dag: &Dag<'_>) -> View {
        if dag.items.len() <= READABLE { View::All } else { View::Map }
    }

    /// The picture of it as an SVG element, with a text that says the same. `id` is its own on the page.
    pub fn svg(self, dag: &Dag<'_>, called: &Called, id: &str) -> String {
        match self {
            View::All => whole(dag, called).svg(id),
            View::Map => Map::new(dag).svg(dag, id),
        }
    }
}

/// The graph's part of the overview: a picture, and what it leaves out.
pub struct Area {
    /// Empty where there is none.
    pub svg: String,
    pub title: &'static str,
    /// What is not told by it, in words; empty for a picture of boxes.
    pub note: String,
    /// Scripts that are loaded when they are needed, below the site's folder.
    pub more: &'static str,
    pub lenses: &'static str,
}

impl Area {
    /// Without a picture: for a page that draws the graph by a script or not at all.
    pub fn bare() -> Area {
        let (svg, note) = Default::default();
        Area { svg, title: "", note, more: asset::path("pictures.js"), lenses: asset::path("lens.js") }
    }

    pub fn new(site: &Site<'_>) -> Area {
        let dag = Dag::of(site);
        let view = View::first(&dag);
        let (title, note) = match view {
            View::All => ("The whole graph", String::new()),
            View::Map => {
                let nodes = word::count(dag.nodes, "node");
                (
                    "Every node",
                    format!("{nodes}, a cell each; a column a level, what went wrong and what was built first."),
                )
            }
        };
        Area {
            svg: view.svg(&dag, &site.frame.called, "still"),
            title,
            note,
            more: asset::path("pictures.js"),
            lenses: asset::path("lens.js"),
        }
    }
}

/// The picture of every item and every edge.
pub fn whole(dag: &Dag<'_>, called: &Called) -> Picture {
    let drawn = dag.items.iter().map(|item| Drawn::of(item, "", called)).collect();
    Picture::new("The whole graph", drawn, &dag.edges)
}

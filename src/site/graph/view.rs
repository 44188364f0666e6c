//! What of a graph is shown at first: all of it while it can be read, else what the run rebuilt, else its folders.
//!
//! `static/graph.js` opens with the same view; the picture of it is there before any script runs.

use super::Dag;
use super::picture::{Drawn, Picture};
use crate::execute::Status;
use crate::site::{Site, word};
use std::collections::{BTreeMap, BTreeSet};

/// The most nodes that are shown at once unless asked for more.
pub const READABLE: usize = 150;
/// The most folders that are told apart.
const FOLDERS: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    All,
    /// Nodes that the run built or failed to build, and what they were built because of.
    Run,
    Folders,
}

impl View {
    /// What the graph opens with.
    pub fn first(dag: &Dag<'_>) -> View {
        match rebuilt(dag).len() {
            _ if dag.items.len() <= READABLE => View::All,
            1..=READABLE => View::Run,
            _ => View::Folders,
        }
    }

    /// The picture of it, with a text that says the same.
    pub fn picture(self, dag: &Dag<'_>) -> Picture {
        let root = "";
        match self {
            View::All => {
                let all: BTreeSet<u32> = (0..dag.items.len() as u32).collect();
                part(dag, &all, "The whole graph", root)
            }
            View::Run => part(dag, &rebuilt(dag), "What this run rebuilt, and why", root),
            View::Folders => folders(dag),
        }
    }
}

/// The graph's part of the overview: a picture, and what it leaves out.
pub struct Area {
    pub svg: String,
    pub title: &'static str,
    /// What is not shown, in words; empty for a picture of all.
    pub note: String,
}

impl Area {
    pub fn new(site: &Site<'_>) -> Area {
        let dag = Dag::new(site.input.manifest, site.input.results);
        let view = View::first(&dag);
        let nodes = word::count(dag.nodes, "node");
        let (title, note) = match view {
            View::All => ("The whole graph", String::new()),
            View::Run => ("What this run rebuilt", format!("The nodes that this run took up, of {nodes} in all.")),
            View::Folders => ("The folders of the project", format!("{nodes}, by folder.")),
        };
        Area { svg: view.picture(&dag).svg("still"), title, note }
    }
}

/// Nodes that the run took up, and the nodes of its roots.
fn rebuilt(dag: &Dag<'_>) -> BTreeSet<u32> {
    let taken = |status: Option<Status>| matches!(status, Some(Status::Success | Status::Error | Status::Blocked));
    let nodes = dag.items.iter().zip(0..);
    let mut found: BTreeSet<u32> =
        nodes.filter(|(item, _)| item.row().is_some_and(|row| taken(row.status.known()))).map(|(_, at)| at).collect();
    let roots = dag.results.roots.iter().filter_map(|root| dag.find(&root.name));
    found.extend(roots);
    found
}

/// The picture of some items and the edges between them. `root` leads from the page to the site's folder.
pub fn part(dag: &Dag<'_>, shown: &BTreeSet<u32>, title: &str, root: &str) -> Picture {
    let places: BTreeMap<u32, u32> = shown.iter().copied().zip(0..).collect();
    let edges = dag.edges.iter().filter_map(|(from, to)| Some((*places.get(from)?, *places.get(to)?)));
    let drawn = shown.iter().map(|at| Drawn::of(&dag.items[*at as usize], root)).collect();
    Picture::new(title, drawn, &edges.collect::<Vec<_>>())
}

/// A folder with what is in it and below it.
struct Folder {
    name: String,
    depth: usize,
    members: Vec<u32>,
}

/// The folders that items are shown in: the largest are opened as long as there are few enough of them.
fn groups(dag: &Dag<'_>) -> BTreeMap<String, Vec<u32>> {
    let paths: Vec<String> = dag.items.iter().map(super::Item::folder).collect();
    let inside = |members: &[u32], depth: usize| -> Vec<Folder> {
        let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for member in members {
            let name = paths[*member as usize].split('/').take(depth).collect::<Vec<_>>().join("/");
            found.entry(name).or_default().push(*member);
        }
        found.into_iter().map(|(name, members)| Folder { name, depth, members }).collect()
    };
    let all: Vec<u32> = (0..paths.len() as u32).collect();
    let mut open = inside(&all, 1);
    let mut closed: Vec<Folder> = Vec::new();
    let largest = |open: &[Folder]| {
        let rank = |at: &usize| (std::cmp::Reverse(open[*at].members.len()), open[*at].name.clone());
        (0..open.len()).min_by_key(rank)
    };
    while let Some(at) = largest(&open) {
        let next = open.swap_remove(at);
        let children = inside(&next.members, next.depth + 1);
        let leaf = children.iter().all(|child| child.name == next.name);
        if leaf || open.len() + closed.len() + children.len() > FOLDERS {
            closed.push(next);
            continue;
        }
        let (own, below): (Vec<Folder>, Vec<Folder>) = children.into_iter().partition(|child| child.name == next.name);
        closed.extend(own);
        open.extend(below);
    }
    closed.into_iter().map(|folder| (folder.name, folder.members)).collect()
}

fn folders(dag: &Dag<'_>) -> Picture {
    let groups = groups(dag);
    let mut place = vec![0; dag.items.len()];
    let mut drawn = Vec::new();
    for (at, (folder, members)) in groups.iter().enumerate() {
        members.iter().for_each(|member| place[*member as usize] = at as u32);
        drawn.push(Drawn::group(dag, folder, members));
    }
    let edges = dag.edges.iter().map(|(from, to)| (place[*from as usize], place[*to as usize]));
    Picture::new("The folders of the project", drawn, &edges.collect::<Vec<_>>())
}

//! What a node's own page says of a column: what it comes from and what it feeds, one step away.

use super::{Columns, Link, line, values, word};
use crate::artifact::manifest::{Column, ManifestNode};
use crate::lineage::{Kind, Status};
use serde::Serialize;

/// Columns that a cell names.
const MOST: usize = 12;

/// A column's lineage in two cells.
#[derive(Serialize)]
pub struct Cell<'a> {
    /// The column's own place, below the site's folder.
    pub page: String,
    pub from: Vec<Step<'a>>,
    pub feeds: Vec<Step<'a>>,
    /// How many more there are of each.
    pub more_from: usize,
    pub more_feeds: usize,
    /// Columns that only decide on its rows.
    pub filters: usize,
    /// Why what it comes from isn't known.
    pub unknown: Option<&'a str>,
}

#[derive(Serialize)]
pub struct Step<'a> {
    pub owner: &'a str,
    pub column: &'a str,
    /// Below the site's folder.
    pub page: String,
    pub kind: &'a str,
    /// The line of this page's text that names it.
    pub line: Option<usize>,
}

/// The cells of each column of a node, in its order.
pub fn of<'a>(columns: &Columns<'a>, node: &'a ManifestNode) -> Vec<Cell<'a>> {
    let places = columns.of(&node.name).iter();
    node.columns.iter().zip(places).map(|(column, at)| cell(columns, node, column, *at)).collect()
}

fn cell<'a>(columns: &Columns<'a>, node: &'a ManifestNode, column: &'a Column, at: usize) -> Cell<'a> {
    let step = |link: &Link<'a>, line: Option<usize>| {
        let item = &columns.items[link.at];
        Step { owner: item.shown_owner(), column: item.name, page: item.page(), kind: word(&link.edge.kind), line }
    };
    let (up, down) = (columns.up(at), columns.down(at));
    let lineage = &column.lineage;
    Cell {
        page: columns.items[at].page(),
        from: values(up).take(MOST).map(|link| step(link, line(node, link.edge))).collect(),
        feeds: values(down).take(MOST).map(|link| step(link, None)).collect(),
        more_from: values(up).count().saturating_sub(MOST),
        more_feeds: values(down).count().saturating_sub(MOST),
        filters: up.iter().filter(|link| link.edge.kind == Kind::Filter).count(),
        unknown: lineage.reason.as_deref().filter(|_| lineage.status != Status::Known),
    }
}

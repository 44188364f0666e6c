//! A node of the last run in one line, as the overview's table and the audit tell it.

use super::Site;
use super::word::{self, Badge};
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;

/// A node of the last run.
pub struct Line<'a> {
    pub node: &'a ManifestNode,
    /// Of the last run, where it knows the node.
    pub row: Option<&'a ResultRow>,
    pub badge: Badge,
}

impl<'a> Line<'a> {
    fn new(node: &'a ManifestNode, row: Option<&'a ResultRow>) -> Line<'a> {
        Line { node, row, badge: row.map_or(Badge::NONE, Badge::of_row) }
    }

    /// Why, in one line: the message of a failure, else the decision's summary.
    pub fn reason(&self) -> &'a str {
        self.row.map(reason).unwrap_or_default()
    }

    pub fn kind(&self) -> &'a str {
        word::kind(&self.node.kind)
    }

    pub fn materialized(&self) -> &'a str {
        word::materialized(&self.node.materialized)
    }

    pub fn rows(&self) -> Option<String> {
        self.row?.rows.map(word::number)
    }

    pub fn duration(&self) -> Option<String> {
        self.row?.duration_ms.map(word::duration)
    }
}

/// The first line of a failure's message, else the decision's summary.
pub fn reason(row: &ResultRow) -> &str {
    let message = row.message.as_deref().filter(|_| row.status == crate::execute::Status::Error);
    message.map_or(row.decision.summary.as_str(), |message| message.lines().next().unwrap_or_default())
}

/// Every node of the project.
pub fn lines<'a>(site: &Site<'a>) -> Vec<Line<'a>> {
    let nodes = site.input.manifest.nodes.values();
    nodes.map(|node| Line::new(node, site.row(&node.name))).collect()
}

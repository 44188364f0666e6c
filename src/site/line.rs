//! A node of the last run in one line, as the overview's table and the audit tell it, and a root as all pages do.

use super::Site;
use super::name::node_page;
use super::word::{self, Badge};
use crate::artifact::manifest::ManifestNode;
use crate::artifact::results::ResultRow;
use crate::artifact::wire::Root;
use crate::plan::RootKind;

/// A node of the last run.
pub struct Line<'a> {
    pub node: &'a ManifestNode,
    pub row: &'a ResultRow,
    pub badge: Badge,
    /// The node's page below the site's folder.
    pub page: String,
}

impl<'a> Line<'a> {
    fn new(node: &'a ManifestNode, row: &'a ResultRow) -> Line<'a> {
        Line { node, row, badge: Badge::of_row(row), page: node_page(&node.name) }
    }

    /// Why, in one line: the message of a failure, else the decision's summary.
    pub fn reason(&self) -> &'a str {
        reason(self.row)
    }

    pub fn kind(&self) -> &'a str {
        word::kind(&self.node.kind)
    }

    pub fn materialized(&self) -> &'a str {
        word::materialized(&self.node.materialized)
    }

    pub fn rows(&self) -> Option<String> {
        self.row.rows.map(word::number)
    }

    pub fn duration(&self) -> Option<String> {
        self.row.duration_ms.map(word::duration)
    }
}

/// The first line of a failure's message, else the decision's summary.
pub fn reason(row: &ResultRow) -> &str {
    let message = row.message.as_deref().filter(|_| row.status == crate::execute::Status::Error);
    message.map_or(row.decision.summary.as_str(), |message| message.lines().next().unwrap_or_default())
}

/// Every node of the project that the last run knows: built and failed ones first, then by level and name.
pub fn lines<'a>(site: &Site<'a>) -> Vec<Line<'a>> {
    let nodes = site.input.manifest.nodes.values();
    nodes.filter_map(|node| Some(Line::new(node, site.row(&node.name)?))).collect()
}

/// A root with what it caused.
pub struct RootLine<'a> {
    pub root: &'a Root,
    /// The root's page below the site's folder, where it is a node that has one.
    pub page: Option<String>,
    /// Of the largest impact, in percent: for a bar.
    pub share: usize,
}

impl<'a> RootLine<'a> {
    /// Roots in their order, which is by impact.
    pub fn all(roots: &'a [Root], is_node: impl Fn(&str) -> bool) -> Vec<RootLine<'a>> {
        let most = roots.iter().map(|root| root.impact).max().unwrap_or(1).max(1);
        let line = |root: &'a Root| RootLine {
            root,
            page: (root.kind != RootKind::Global && is_node(&root.name)).then(|| node_page(&root.name)),
            share: (root.impact * 100 / most).max(2),
        };
        roots.iter().map(line).collect()
    }

    /// Whether its name says more than its sentence does.
    pub fn is_named(&self) -> bool {
        self.root.kind != RootKind::Global
    }

    /// `3 rebuilt`, and how many of them only because of it.
    pub fn impact(&self) -> String {
        let rebuilt = format!("{} rebuilt", word::number(self.root.impact as u64));
        match self.root.sole_impact {
            only if only == self.root.impact => rebuilt,
            only => format!("{rebuilt}, {} of them only because of this", word::number(only as u64)),
        }
    }
}

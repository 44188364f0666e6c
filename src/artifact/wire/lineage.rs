//! Where a column comes from, as it is written.

use super::Word;
use crate::lineage::{self, Kind, Span, Status};
use serde::{Deserialize, Serialize};

/// Where one column comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLineage {
    /// By node and column.
    pub from: Vec<Edge>,
    /// Why the column is unknown, or which filter is; or who told it.
    pub reason: Option<String>,
    pub status: Word<Status>,
}

/// One column that another depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    pub column: String,
    pub kind: Word<Kind>,
    /// A node's name, or `source:group.table` for a source that no seed provides.
    pub node: String,
    /// Where the SQL names it; null for a declared one.
    pub span: Option<Span>,
}

/// Of an artifact that was written before there was lineage.
impl Default for ColumnLineage {
    fn default() -> ColumnLineage {
        lineage::ColumnLineage::default().into()
    }
}

impl From<lineage::ColumnLineage> for ColumnLineage {
    fn from(found: lineage::ColumnLineage) -> ColumnLineage {
        let edge = |edge: lineage::Edge| Edge {
            column: edge.column,
            kind: edge.kind.into(),
            node: edge.node,
            span: edge.span,
        };
        ColumnLineage {
            from: found.from.into_iter().map(edge).collect(),
            reason: found.reason,
            status: found.status.into(),
        }
    }
}

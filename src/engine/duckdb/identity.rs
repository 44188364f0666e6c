//! What tells a relation from another one that was put in its place.
//!
//! DuckDB numbers relations anew whenever it opens a file. A build leaves a comment on its relation, which no other
//! relation of the name has, and which goes when the relation is replaced. Rows that are added are seen by their number;
//! what is changed or deleted in place isn't seen.

use super::error::Failure;
use super::session::DuckDbSession;
use crate::dialect::{Dialect, DuckDb, RelationKind};
use crate::digest::Digest;
use crate::engine::MetaRow;
use crate::name::RelationName;
use crate::plan::Identity;

/// How the comments of builds begin; others are somebody's own.
const START: &str = "Built by fft: ";

/// The identity of a relation with this comment and so many rows.
pub(super) fn found(comment: Option<String>, rows: Option<i64>) -> Identity {
    let token = match comment {
        // Whoever puts another comment on a relation leaves the relation as it is.
        Some(comment) if !comment.starts_with(START) => None,
        comment => Some(Digest::of(comment.unwrap_or_default().as_bytes())),
    };
    Identity { rows: rows.and_then(|rows| rows.try_into().ok()), token }
}

impl DuckDbSession {
    /// Marks a relation that was just built. Databases that are attached may be of another kind, without comments.
    pub(super) fn mark(
        &self,
        kind: RelationKind,
        relation: &RelationName,
        rows: Option<u64>,
        meta: &MetaRow,
    ) -> Result<Option<Identity>, Failure> {
        if relation.catalog.as_ref() != Some(&self.settings.catalog) {
            return Ok(None);
        }
        let comment = format!("{START}{} in run {}", meta.node, meta.run_id);
        let (kind, name) = (kind.keyword(), DuckDb.relation(relation));
        self.connection.execute_batch(&format!("comment on {kind} {name} is {}", DuckDb.string_literal(&comment)))?;
        Ok(Some(Identity { rows, token: Some(Digest::of(comment.as_bytes())) }))
    }
}

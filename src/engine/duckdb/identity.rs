//! What tells a relation from another one that was put in its place.
//!
//! DuckDB numbers relations anew whenever it opens a file. A build leaves a comment on its relation, which no other
//! relation of the name has, and which goes when the relation is replaced. Rows that are added are seen by their number.
//! What is changed or deleted in place is seen of tables that are extended, by a digest of their rows; of larger ones by how
//! many there are.

use super::error::Failure;
use super::handle::DuckDbConnection;
use crate::dialect::{Dialect, DuckDb};
use crate::digest::Digest;
use crate::engine::{DataVersion, EngineError, JustBuilt};
use crate::name::RelationName;
use crate::plan::Identity;

/// How the comments of builds begin; others are somebody's own.
const START: &str = "Built by fft: ";

/// Whether a line of a comment is a build's.
pub(super) fn is_mark(line: &str) -> bool {
    line.starts_with(START)
}

/// The identity of a relation with this comment and so many rows.
pub(super) fn found(comment: Option<String>, rows: Option<i64>) -> Identity {
    let token = match comment {
        None => Some(Digest::of(b"")),
        // Whoever puts another comment on a relation leaves the relation as it is.
        Some(comment) => comment.lines().last().filter(|line| is_mark(line)).map(|line| Digest::of(line.as_bytes())),
    };
    Identity { rows: rows.and_then(|rows| rows.try_into().ok()), token, content: None }
}

impl DuckDbConnection {
    /// Marks a relation that was just built. Databases that are attached may be of another kind, without comments: what
    /// stands there says what the project wants said of it, and nothing else.
    pub(super) fn mark(&self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        let content = built.lasting.then(|| self.rows_content(built.relation)).transpose()?;
        let say = |text: &str| self.connection.execute_batch(&DuckDb.comment(built.kind, built.relation, text).text);
        if built.relation.catalog.as_ref() != Some(&self.shared.settings.catalog) {
            built.description.map_or(Ok(()), say)?;
            return Ok(content.map(|content| Identity { content: Some(content), ..Identity::default() }));
        }
        let words = format!("{START}{} in run {}", built.row.node, built.row.run_id);
        // What is said of it comes first: that is what people look for.
        let said = built.description.filter(|description| !description.is_empty());
        say(&said.map_or(words.clone(), |description| format!("{description}\n{words}")))?;
        Ok(Some(Identity { rows: built.rows, token: Some(Digest::of(words.as_bytes())), content }))
    }

    /// Over a table's rows, as far as they are not too many; over their number, of more.
    pub(super) fn rows_content(&self, relation: &RelationName) -> Result<Digest, EngineError> {
        let text = match self.relation_version(relation)? {
            DataVersion::Known(version) => version,
            DataVersion::Unknown(_) => {
                let query = format!("select count(*)::varchar from {}", DuckDb.relation(relation));
                self.connection.query_row(&query, [], |row| row.get(0)).map_err(Failure::from)?
            }
        };
        Ok(Digest::of(text.as_bytes()))
    }
}

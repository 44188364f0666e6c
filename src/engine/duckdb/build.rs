//! The build of one relation: its rows and its `_ff_meta` row in one transaction.

use super::error::Failure;
use super::session::DuckDbSession;
use super::{arrow, seed};
use crate::dialect::{Dialect, DuckDb, RelationKind};
use crate::engine::{Build, Built, Content, EngineError};
use crate::name::RelationName;
use ::duckdb::vtab::arrow::ArrowBatchRegistration;
use std::time::Duration;

impl DuckDbSession {
    /// Replaces the relation, or changes nothing.
    pub(super) fn replace(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        let relation = self.full(build.relation);
        if build.kind == RelationKind::Table {
            self.enable_profile()?;
        }
        let (built, profile) = self.transaction(|session| {
            if build.existing == Some(build.kind.other()) {
                session.connection.execute_batch(&DuckDb.drop(build.kind.other(), &relation))?;
            }
            let (rows, query_duration) = session.fill(build, &relation)?;
            let table = build.kind == RelationKind::Table;
            // The next statement has a profile of its own.
            let profile = if table { session.profile() } else { None };
            (build.confirm)(&|pattern| session.globbed(pattern))?;
            session.replace_meta(&build.meta)?;
            let rows = table.then_some(rows);
            let identity = session.mark(build.kind, &relation, rows, &build.meta)?;
            Ok((Built { rows, query_duration, identity, ..Built::default() }, profile))
        })?;
        self.known_widths.forget(&DuckDb.relation(&relation));
        let bytes_scanned = match (&build.content, &profile) {
            (Content::Arrow { .. }, _) | (_, None) => None,
            (_, Some(profile)) => self.bytes_scanned(profile),
        };
        Ok(Built { bytes_scanned, peak_memory: profile.and_then(|profile| profile.peak_memory), ..built })
    }

    /// Makes the relation from its content; its rows, and the time that took.
    fn fill(&self, build: &Build<'_>, relation: &RelationName) -> Result<(u64, Duration), EngineError> {
        match &build.content {
            Content::Query(query) => {
                let statement = DuckDb.create_or_replace(build.kind, relation, query);
                // Positions are told in the query, which stands behind the bracket and line break.
                let start = statement.find("(\n").map_or(0, |bracket| bracket + 2);
                self.timed(build.kind, &statement, None).map_err(|failure| failure.within(query, start))
            }
            Content::Arrow { schema, batches } => {
                let statement = DuckDb.create_or_replace(build.kind, relation, &arrow::query(schema, batches)?);
                let registered = ArrowBatchRegistration::new(arrow::storable(schema, batches)?);
                self.timed(build.kind, &statement, Some(&registered)).map_err(EngineError::from)
            }
            Content::Seed(content) => {
                let query = seed::query(&self.connection, content)?;
                let statement = DuckDb.create_or_replace(build.kind, relation, &query);
                self.timed(build.kind, &statement, None).map_err(|failure| seed::explain(content, failure))
            }
        }
    }

    /// Runs one statement: the rows that it put into a table, and its time.
    fn timed(
        &self,
        kind: RelationKind,
        statement: &str,
        batch: Option<&ArrowBatchRegistration>,
    ) -> Result<(u64, Duration), Failure> {
        let started = (self.stopwatch)();
        let rows = match (kind, batch) {
            // Only a prepared statement counts, and preparing takes a tenth of a small build.
            (RelationKind::View, None) => self.connection.execute_batch(statement).map(|()| 0)?,
            (_, None) => self.connection.prepare(statement)?.execute([])?,
            (_, Some(batch)) => self.connection.prepare(statement)?.execute([batch])?,
        };
        Ok((rows as u64, (self.stopwatch)().saturating_sub(started)))
    }
}

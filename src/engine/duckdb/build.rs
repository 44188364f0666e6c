//! The build of one relation: its rows and its `_ff_meta` row in one transaction.

use super::arrow;
use super::error::Failure;
use super::profile::Profile;
use super::session::DuckDbSession;
use crate::dialect::{Dialect, DuckDb, RelationKind};
use crate::engine::{Build, Built, Content, EngineError};
use crate::name::RelationName;
use ::duckdb::vtab::arrow::ArrowBatchRegistration;
use std::time::Duration;

/// What making a relation took and gave.
#[derive(Default)]
pub(super) struct Filled {
    pub rows: u64,
    pub duration: Duration,
    /// Of the statement, or what is the most in those of several.
    pub profile: Option<Profile>,
    /// What was read past the engine.
    pub bytes: Option<u64>,
}

impl Filled {
    /// Another statement's part.
    pub fn add(&mut self, rows: u64, duration: Duration, profile: Option<Profile>) {
        let peak = |profile: &Option<Profile>| profile.as_ref().and_then(|profile| profile.peak_memory);
        if self.profile.is_none() || peak(&profile) > peak(&self.profile) {
            self.profile = profile;
        }
        self.rows += rows;
        self.duration += duration;
    }
}

impl DuckDbSession {
    /// Replaces the relation, or changes nothing.
    pub(super) fn replace(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        let relation = self.full(build.relation);
        if build.kind == RelationKind::Table {
            self.enable_profile()?;
        }
        let (filled, identity) = self
            .transaction(|session| {
                if build.existing == Some(build.kind.other()) {
                    session.connection.execute_batch(&DuckDb.drop(build.kind.other(), &relation))?;
                }
                let filled = session.fill(build, &relation)?;
                (build.confirm)(&|pattern| session.globbed(pattern))?;
                let rows = (build.kind == RelationKind::Table).then_some(filled.rows);
                let identity = session.mark(build.kind, &relation, rows, &build.meta)?;
                session.replace_meta(&build.meta, identity.as_ref())?;
                Ok((filled, identity))
            })
            .inspect_err(|_| self.recorded.forget())?;
        self.known_widths.forget(&DuckDb.relation(&relation));
        let bytes_scanned = match (&build.content, &filled.profile) {
            _ if filled.bytes.is_some() => filled.bytes,
            (Content::Arrow { .. }, _) | (_, None) => None,
            (_, Some(profile)) => self.bytes_scanned(profile),
        };
        Ok(Built {
            rows: (build.kind == RelationKind::Table).then_some(filled.rows),
            query_duration: filled.duration,
            bytes_scanned,
            identity,
            peak_memory: filled.profile.and_then(|profile| profile.peak_memory),
            ..Built::default()
        })
    }

    /// Makes the relation from its content.
    fn fill(&self, build: &Build<'_>, relation: &RelationName) -> Result<Filled, EngineError> {
        let (rows, duration) = match &build.content {
            Content::Query(query) => {
                let statement = DuckDb.create_or_replace(build.kind, relation, query);
                // Positions are told in the query, which stands behind the bracket and line break.
                let start = statement.find("(\n").map_or(0, |bracket| bracket + 2);
                self.timed(build.kind, &statement, None).map_err(|failure| failure.within(query, start))?
            }
            Content::Arrow { schema, batches } => {
                let statement = DuckDb.create_or_replace(build.kind, relation, &arrow::query(schema, batches)?);
                let registered = ArrowBatchRegistration::new(arrow::storable(schema, batches)?);
                self.timed(build.kind, &statement, Some(&registered))?
            }
            Content::Seed(content) => return self.fill_seed(relation, content),
        };
        // The next statement has a profile of its own.
        let profile = if build.kind == RelationKind::Table { self.profile() } else { None };
        Ok(Filled { rows, duration, profile, bytes: None })
    }

    /// Runs one statement: the rows that it put into a table, and its time.
    pub(super) fn timed(
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

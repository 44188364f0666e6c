//! Carries the extension of a table out, by what the engine offers for it.

use super::Replace;
use super::carry_out::{Runner, Step};
use super::extend::Extend;
use super::grow::{DELTA, Grow};
use crate::engine::beside::beside;
use crate::engine::{Content, EngineError, Growth, RelationKind, Replaces};
use crate::plan::{Column, Increment};

/// The temporary table that new rows wait in, of an engine with transactions.
const TEMPORARY: &str = "_ff_delta";

impl Runner<'_> {
    /// Extends what stands.
    pub(super) fn extend(
        &mut self,
        step: &mut Step<'_>,
        replace: &Replace<'_>,
        growth: Growth<'_>,
    ) -> Result<(), EngineError> {
        let target = match self.connection.stands(step.relation)? {
            Some(RelationKind::Table) => self.connection.columns(step.relation)?,
            Some(RelationKind::View) | None => Vec::new(),
        };
        let delta = match self.traits.replaces {
            Replaces::Transaction => replace.dialect.temporary(TEMPORARY),
            Replaces::Statement | Replaces::Swap => beside(step.relation, DELTA, replace.run_id),
        };
        let extend = Extend { replace, how: growth.how, filters: growth.filters, target: &target, delta };
        step.increment = Some(Increment::default());
        match self.traits.replaces {
            Replaces::Transaction => {
                self.carry_out(extend.stage(), step)?;
                let delta = self.waiting(&extend, step)?;
                self.carry_out(extend.place(&delta), step)
            }
            Replaces::Statement | Replaces::Swap => self.grow(step, &extend, growth),
        }
    }

    /// The same where each statement is kept at once.
    fn grow(&mut self, step: &mut Step<'_>, extend: &Extend<'_>, growth: Growth<'_>) -> Result<(), EngineError> {
        let grow = Grow { extend, before: growth.before };
        self.carry_out(grow.stage(), step)?;
        let delta = self.waiting(extend, step)?;
        self.carry_out(grow.check(&delta), step)?;
        let standing = self.connection.standing(step.relation)?;
        if grow.changes_rows(&delta, standing.as_ref()) {
            self.carry_out(grow.change(&delta), step)?;
        } else {
            let (query, replace) = (grow.whole(&delta), extend.replace);
            let content = Content::Query(&query);
            let (mark, layout, kind) = (replace.mark.clone(), replace.layout, replace.kind);
            let put = self.put(step, &Replace { content: &content, mark, layout, kind, ..*replace });
            // Its places are none of the model's text.
            put.map_err(|error| EngineError { position: None, ..error })?;
        }
        self.carry_out(grow.end(), step)
    }

    /// The columns of the new rows, once they are made. What becomes of the table's is told.
    fn waiting(&mut self, extend: &Extend<'_>, step: &mut Step<'_>) -> Result<Vec<Column>, EngineError> {
        let delta = self.connection.columns(&extend.delta)?;
        let since = step.increment.take().map(|increment| increment.since).unwrap_or_default();
        step.increment = Some(Increment { since, ..extend.told_columns(&delta) });
        Ok(delta)
    }
}

//! Carries out what a snapshot asks for: its query is evaluated once, and what is different is added to what stands.

use super::carry_out::{Runner, Step};
use super::history::{Column, Fault, NAMED, Scratch, Versioned, is_history};
use super::{Action, Replace};
use crate::dialect::Statement;
use crate::engine::{Build, Built, Content, EngineError, ErrorKind, History, RelationKind, Versions};
use crate::name::RelationName;
use arrow::array::{Array, AsArray};

impl Runner<'_> {
    /// Adds the versions of a snapshot's rows, or changes nothing.
    pub(super) fn add_versions(&mut self, history: &History<'_>, step: &mut Step<'_>) -> Result<(), EngineError> {
        let Step { build, relation, .. } = *step;
        self.pre_hooks(step)?;
        let post_hooks = Replace::post_hooks(build);
        self.versions(history, step, true)?;
        self.carry(Action::Confirm, step)?;
        let rest = Replace::of(build, relation, self.ledger, &post_hooks).keep();
        self.carry_out(rest, step)
    }

    /// What [`Runner::build`] would do with a snapshot, of which nothing is kept.
    pub fn preview(&mut self, build: &Build<'_>, relation: &RelationName) -> Result<Built, EngineError> {
        let Some(history) = &build.history else { return Ok(Built::default()) };
        let mut step = Step::new(build, relation);
        let tried = self.connection.begin().and_then(|()| self.versions(history, &mut step, false));
        self.connection.rollback();
        tried?;
        Ok(Built { measures: step.measures, versions: step.versions, ..Built::default() })
    }

    /// Brings the table to what the query gives now. Without `makes` a table that isn't there isn't made.
    fn versions(&mut self, history: &History<'_>, step: &mut Step<'_>, makes: bool) -> Result<(), EngineError> {
        let Step { build, relation, .. } = *step;
        let dialect = self.ledger.dialect();
        let Content::Query(query) = build.content else { unreachable!("invariant: only queries are snapshots") };
        let scratch = Scratch::of(dialect).ok_or_else(|| failed("this engine keeps no snapshots"))?;
        if !self.traits.measures_reads {
            step.measures = self.expected(&build.content)?;
        }
        self.carry(Action::Make(dialect.create_temporary(&scratch.rows, query)), step)?;
        let standing = self.standing_history(history, build, relation)?;
        let given = self.columns(&scratch.rows)?;
        let versioned =
            Versioned::new(dialect, history, &scratch, relation, &given, standing.as_deref()).map_err(failed)?;
        let stands = standing.is_some();
        if let Some(name) = versioned.lacks_key() {
            let hint = "nothing was changed; keep the key that its history goes by, or begin a new history with \
                        `--full-refresh`";
            return Err(failed(format!("its history has no column {name}, which is of its key")).hint(hint));
        }
        versioned.faults(stands).into_iter().try_for_each(|fault| self.refuse(fault))?;
        if stands {
            // Rows that come may break an index that is no longer wanted.
            let replacing = Replace::of(build, relation, self.ledger, &[]);
            let outgrown = replacing.settled().map(|settled| settled.outgrown()).unwrap_or_default();
            outgrown.into_iter().try_for_each(|one| self.run(one).map(drop))?;
            versioned.additions().into_iter().try_for_each(|one| self.run(one).map(drop))?;
            self.carry(Action::Fill(versioned.find_changes()), step)?;
        }
        let counts = self.cells(&versioned.count(stands))?;
        let [new, changed, gone, given] = [0, 1, 2, 3].map(|at| number(&counts, at));
        let added = if versioned.adds_gone() { gone } else { 0 };
        let (new, closed, unchanged) = (new + changed + added, changed + gone, given.saturating_sub(new + changed));
        step.versions = Some(Versions { new, closed, unchanged, pruned: 0 });
        if stands {
            versioned.write().into_iter().try_for_each(|one| self.carry(Action::Fill(one), step))?;
            self.run(dialect.drop(RelationKind::Table, &scratch.changes))?;
        } else if makes {
            self.carry(Action::Fill(versioned.create(build.layout)), step)?;
        }
        if stands || makes {
            self.prune(history, &versioned, &scratch, step)?;
            let all = self.cells(&versioned.count_all())?;
            step.measures = std::mem::take(&mut step.measures).with_rows(number(&all, 0));
        }
        self.run(dialect.drop(RelationKind::Table, &scratch.rows)).map(drop)
    }

    /// The columns of the history that stands and goes on; whatever else has its name goes.
    fn standing_history(
        &mut self,
        history: &History<'_>,
        build: &Build<'_>,
        relation: &RelationName,
    ) -> Result<Option<Vec<Column>>, EngineError> {
        let Some(kind) = self.stands(build, relation)? else { return Ok(None) };
        let columns = if kind == RelationKind::Table { self.columns(relation)? } else { Vec::new() };
        let found = is_history(&columns);
        if found && !history.anew {
            return Ok(Some(columns));
        }
        if found && !build.discards {
            return Err(discarded(relation));
        }
        if let Some(keyword) = self.connection.keyword(relation)? {
            self.run(format!("drop {keyword} {}", self.ledger.dialect().relation(relation)).into())?;
        }
        Ok(None)
    }

    /// Fails where a relation is to be replaced that holds the history of a snapshot.
    pub(super) fn refuse_to_discard(
        &mut self,
        build: &Build<'_>,
        relation: &RelationName,
        stands: Option<RelationKind>,
    ) -> Result<(), EngineError> {
        if stands == Some(RelationKind::Table) && !build.discards && self.holds_history(relation)? {
            return Err(discarded(relation));
        }
        Ok(())
    }

    /// Whether a table that stands holds the history of a snapshot.
    pub fn holds_history(&mut self, relation: &RelationName) -> Result<bool, EngineError> {
        // Where none can be made there is none.
        if Scratch::of(self.ledger.dialect()).is_none() {
            return Ok(false);
        }
        Ok(is_history(&self.columns(relation)?))
    }

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        let found = self.connection.columns(relation)?;
        Ok(found.into_iter().map(|column| (column.name, column.r#type)).collect())
    }

    fn prune(
        &mut self,
        history: &History<'_>,
        versioned: &Versioned<'_>,
        scratch: &Scratch,
        step: &mut Step<'_>,
    ) -> Result<(), EngineError> {
        let Some(keep) = history.keep_last else { return Ok(()) };
        let [find, delete] = versioned.prune(keep);
        self.carry(Action::Fill(find), step)?;
        let old = self.cells(&versioned.count_old())?;
        self.carry(Action::Fill(delete), step)?;
        step.versions.iter_mut().for_each(|versions| versions.pruned = number(&old, 0));
        self.run(self.ledger.dialect().drop(RelationKind::Table, &scratch.old)).map(drop)
    }

    /// Fails where there are rows that no version can be made of, and names them.
    fn refuse(&mut self, fault: Fault) -> Result<(), EngineError> {
        let keys = self.cells(&fault.query)?;
        if keys.is_empty() {
            return Ok(());
        }
        let more = if keys.len() > NAMED { " …" } else { "" };
        let named: Vec<&str> = keys.iter().take(NAMED).map(String::as_str).collect();
        Err(failed(format!("{}: {}{more}", fault.message, named.join("; "))).hint(fault.hint))
    }

    /// The texts that a query gives, row by row.
    fn cells(&mut self, query: &Statement) -> Result<Vec<String>, EngineError> {
        let mut found = Vec::new();
        self.connection.rows(query, false, &mut |batch| {
            for row in 0..batch.num_rows() {
                let texts = batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>());
                found.extend(texts.filter(|column| column.is_valid(row)).map(|column| column.value(row).to_string()));
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn number(texts: &[String], at: usize) -> u64 {
    texts.get(at).and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn failed(message: impl Into<String>) -> EngineError {
    EngineError::new(ErrorKind::Statement, message)
}

/// Nothing replaces what can't be computed again.
fn discarded(relation: &RelationName) -> EngineError {
    let relation = RelationName { catalog: None, ..relation.clone() };
    failed(format!("{relation} holds the history of a snapshot, which nothing can compute again: it is left as it is"))
        .hint("`--full-refresh --yes` gives the history up; else give the node another `alias` or `schema`")
}

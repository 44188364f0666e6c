//! Carries recipes out on a connection, in a transaction where the engine has them.

use super::grow::WAITING;
use super::settle::{Settle, Settled, described};
use super::{Action, Attempt, NEXT, Recipe, Replace, Told};
use crate::dialect::{Change, Dialect, Kept, Layout, RelationKind, Statement};
use crate::engine::beside::beside;
use crate::engine::ledger::Ledger;
use crate::engine::{
    Build, Built, Condition, Content, EngineError, ErrorKind, JustBuilt, Load, Mark, Measures, Observe, Replaces, Row,
    Standing, State, Traits, Versions,
};
use crate::graph::Strategy;
use crate::name::RelationName;
use crate::plan::{Identity, Increment, Watermark};
use crate::world::Stopwatch;
use arrow::array::AsArray;

/// Values that a message names at most.
const NAMED: usize = 5;

/// How often a transaction is tried again that the engine ended for the sake of another one.
const ATTEMPTS: usize = 3;

/// A connection with all that building on it takes.
pub struct Runner<'a> {
    pub connection: &'a mut dyn Observe,
    pub ledger: &'a Ledger,
    pub recipe: &'a dyn Recipe,
    pub traits: &'a Traits,
    /// Times statements.
    pub stopwatch: &'a Stopwatch,
    /// What statements say in a comment that they are for.
    pub comment: Option<&'a str>,
}

impl Runner<'_> {
    /// Does `body` in a transaction that is kept if it succeeds, again where another one was in its way; just does it
    /// where the engine has none.
    pub fn in_scope<T>(
        &mut self,
        mut body: impl FnMut(&mut Runner<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        if self.traits.replaces != Replaces::Transaction {
            return body(self);
        }
        for attempt in 1.. {
            let result = self.connection.begin().and_then(|()| body(self)).and_then(|value| {
                self.connection.commit()?;
                Ok(value)
            });
            let Err(error) = result else { return result };
            self.connection.rollback();
            self.ledger.failed();
            match error.retry {
                Some(pause) if attempt < ATTEMPTS => std::thread::sleep(pause),
                _ => return Err(error),
            }
        }
        unreachable!("invariant: the last attempt gives its result")
    }

    /// Replaces a relation or adds to it, or changes nothing that counts.
    pub fn build(&mut self, build: &Build<'_>, relation: &RelationName) -> Result<Built, EngineError> {
        let step = self.in_scope(|runner| {
            let mut step = Step::new(build, relation);
            match &build.history {
                Some(history) => runner.add_versions(history, &mut step)?,
                None => runner.replace(&mut step)?,
            }
            Ok(step)
        });
        if step.is_err() && self.traits.replaces != Replaces::Transaction {
            // What was staged; what isn't told here is dropped by the next run.
            let staged = [NEXT].into_iter().chain(build.growth.iter().flat_map(|_| WAITING));
            for what in staged {
                let staged = beside(relation, what, &build.row.run_id);
                drop(self.connection.run(&self.ledger.dialect().drop(build.kind, &staged)));
            }
        }
        let step = step.map_err(|error| not_unique(error, relation, build.settings))?;
        let measures = step.measures.and(self.connection.measured(relation));
        let measures = if build.kind == RelationKind::View { measures.without_rows() } else { measures };
        let Step { identity, increment, versions, note, .. } = step;
        Ok(Built { measures, identity, increment, versions, note })
    }

    fn replace(&mut self, step: &mut Step<'_>) -> Result<(), EngineError> {
        let Step { build, relation, .. } = *step;
        self.pre_hooks(step)?;
        let post_hooks = Replace::post_hooks(build);
        let replace = Replace::of(build, relation, self.ledger, &post_hooks);
        if !self.traits.measures_reads && build.kind == RelationKind::Table {
            step.measures = self.expected(&build.content)?;
        }
        match build.growth {
            Some(growth) => self.extend(step, &replace, growth),
            None => self.put(step, &replace),
        }
    }

    /// Puts the content in the place of what stands.
    pub(super) fn put(&mut self, step: &mut Step<'_>, replace: &Replace<'_>) -> Result<(), EngineError> {
        let (build, relation) = (step.build, step.relation);
        let stands = self.stands(build, relation)?;
        self.refuse_to_discard(build, relation, stands)?;
        self.carry_out(self.recipe.stage(replace, stands), step)?;
        let standing = match stands {
            Some(kind) if self.traits.exclusive => Some(Standing::plain(kind)),
            Some(_) => self.connection.standing(relation)?,
            None => None,
        };
        self.carry_out(self.recipe.place(replace, standing.as_ref()), step)
    }

    /// Runs the statements in front of the relation's own.
    pub(super) fn pre_hooks(&mut self, step: &mut Step<'_>) -> Result<(), EngineError> {
        let pre = step.build.hooks.pre.iter().enumerate();
        self.carry_out(pre.map(|(number, text)| Action::Hook(number, text.clone())).collect(), step)
    }

    pub(super) fn stands(
        &mut self,
        build: &Build<'_>,
        relation: &RelationName,
    ) -> Result<Option<RelationKind>, EngineError> {
        if self.traits.exclusive { Ok(build.existing) } else { self.connection.stands(relation) }
    }

    /// What the plan of a query expects it to read.
    pub(super) fn expected(&mut self, content: &Content<'_>) -> Result<Measures, EngineError> {
        let Content::Query(_) = content else { return Ok(Measures::default()) };
        let estimate = self.connection.dry_run(content)?;
        Ok(estimate
            .map_or_else(Measures::default, |estimate| Measures::default().with_estimated_bytes(estimate.bytes())))
    }

    pub(super) fn carry_out(&mut self, actions: Vec<Action>, step: &mut Step<'_>) -> Result<(), EngineError> {
        actions.into_iter().try_for_each(|action| self.act(action, None, step))
    }

    /// One action that no other one's refusal led to.
    pub(super) fn carry(&mut self, action: Action, step: &mut Step<'_>) -> Result<(), EngineError> {
        self.act(action, None, step)
    }

    /// One action; `refused` is why it came to it, where that is another one's refusal.
    fn act(&mut self, action: Action, refused: Option<&EngineError>, step: &mut Step<'_>) -> Result<(), EngineError> {
        match action {
            Action::Make(statement) => {
                let made = self.timed(|runner| runner.run(statement))?;
                step.take(made);
            }
            Action::Load { into, temporary, layout } => self.load(&into, temporary, layout.as_ref(), step)?,
            Action::Fill(statement) => {
                // The rows were counted when they were made.
                let brought = self.timed(|runner| runner.run(statement))?;
                step.take(brought.cost());
            }
            Action::Tell { told, query } => step.tell(told, self.texts(&query)?.pop().flatten()),
            Action::Refute { query, message, hint } => self.refute(&query, message, hint)?,
            Action::Run(statement) => drop(self.run(statement)?),
            Action::Hook(number, text) => self.hook(number, text)?,
            Action::Mark(mark) => {
                let words = mark.behind(step.said_before(self.ledger.dialect()));
                self.run(self.ledger.dialect().mark(step.build.kind, step.relation, &words))?;
            }
            Action::Confirm => {
                let connection = &mut *self.connection;
                (step.build.confirm)(&mut |pattern| Ok(connection.files(pattern)?.unwrap_or_default()))?;
            }
            Action::Settle(settle) => self.settle(settle, step.build.kind, step.relation)?,
            Action::Identify => {
                step.identity = self.connection.identify(&step.built())?;
            }
            Action::Record(state) => {
                let row = Row {
                    relation: self.ledger.home().resolve(step.relation),
                    state,
                    identity: step.identity.filter(|_| state == State::Built),
                    ..step.build.row.clone()
                };
                match self.ledger.record(self.connection, &row) {
                    // The relation says it itself, and whoever looks next puts it right.
                    Err(error) if self.ledger.marks() => step.note = Some(unrecorded(&error)),
                    recorded => recorded?,
                }
            }
            Action::Forget(relation) => self.ledger.forget(self.connection, &relation)?,
            Action::Attempt(attempt) => self.attempt(*attempt, step)?,
            Action::Keep => step.kept = true,
            Action::Refuse { message, hint } => {
                let words = refused.map_or(String::new(), |error| format!(": {}", error.message));
                return Err(EngineError::new(ErrorKind::Statement, format!("{message}{words}")).hint(hint));
            }
            Action::DropReplaced { replaced, keyword, kept } => {
                if step.kept {
                    self.run(kept)?;
                    self.connection.leave(&replaced, keyword);
                    return Ok(());
                }
                let drop = format!("drop {keyword} {}", self.ledger.dialect().relation(&replaced));
                self.run(drop.into()).map_err(|error| held(error, &replaced, step.relation))?;
            }
        }
        Ok(())
    }

    /// Sets what differs at a relation that stands as it was built, and takes note of it, or changes nothing.
    pub fn apply(&mut self, apply: &Apply<'_>) -> Result<Option<Identity>, EngineError> {
        let Apply { relation, kind, change, row, rows, lasting } = *apply;
        let settled = Settled { dialect: self.ledger.dialect(), kind, relation, change };
        let applied = self.in_scope(|runner| {
            settled.in_place().into_iter().try_for_each(|settle| runner.settle(settle, kind, relation))?;
            if runner.ledger.marks() {
                let said = change.after.comments.relation.as_deref();
                let words =
                    Mark::of(row).behind(said.filter(|_| settled.dialect.settable().comments == Ok(Kept::WithMark)));
                runner.run(settled.dialect.mark(kind, relation, &words))?;
            }
            let description = change.description();
            let identity =
                runner.connection.identify(&JustBuilt { relation, kind, row, rows, lasting, description })?;
            let row = Row { identity: identity.or(row.identity), ..row.clone() };
            runner.ledger.record(runner.connection, &row)?;
            Ok(row.identity)
        });
        applied.map_err(|error| not_unique(error, relation, Some(change)))
    }

    fn settle(&mut self, settle: Settle, kind: RelationKind, relation: &RelationName) -> Result<(), EngineError> {
        let (words, gone) = match settle {
            Settle::Run(statement) => return self.run(statement).map(drop),
            Settle::Describe { words, gone } => (words, gone),
        };
        let dialect = self.ledger.dialect();
        let query = Statement::query(format!("select * from {} limit 0", dialect.relation(relation)));
        let mut columns = Vec::new();
        self.connection.rows(&query, false, &mut |batch| {
            columns = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            Ok(())
        })?;
        for (column, words) in described(&columns, &words, &gone) {
            if let Some(statement) = dialect.comment_column(kind, relation, column, words) {
                self.run(statement)?;
            }
        }
        Ok(())
    }

    fn load(
        &mut self,
        into: &RelationName,
        temporary: bool,
        layout: Option<&Layout>,
        step: &mut Step<'_>,
    ) -> Result<(), EngineError> {
        let mark = self.ledger.marks().then(|| Mark::of(&step.build.row));
        let over = step.build.hooks.post.is_empty() && step.build.settings.is_none();
        let mark = mark.map(|mark| if over { mark.text() } else { mark.unfinished().text() });
        let (content, comment) = (&step.build.content, self.comment);
        let load = Load { content, into, temporary, mark, comment, layout };
        let made = self.timed(|runner| runner.connection.load(&load))?;
        step.take(made);
        Ok(())
    }

    /// A statement of the project: what is wrong with it is told with its number.
    fn hook(&mut self, number: usize, text: String) -> Result<(), EngineError> {
        let ran = self.run(text.into());
        ran.map(drop).map_err(|error| EngineError { position: None, condition: None, hook: Some(number), ..error })
    }

    fn attempt(&mut self, attempt: Attempt, step: &mut Step<'_>) -> Result<(), EngineError> {
        self.connection.set_savepoint()?;
        let (measures, identity) = (step.measures.clone(), step.identity);
        let Err(error) = self.carry_out(attempt.actions, step) else {
            return self.connection.end_savepoint(true);
        };
        let refused = match attempt.unless {
            Some(condition) => error.is(condition),
            None => error.condition.is_some(),
        };
        // Of what helps to try again, all is tried again.
        if !refused || error.retry.is_some() {
            return Err(error);
        }
        self.connection.end_savepoint(false)?;
        (step.measures, step.identity) = (measures, identity);
        attempt.otherwise.into_iter().try_for_each(|action| self.act(action, Some(&error), step))
    }

    /// Runs a statement behind the comment that says what it is for.
    pub fn run(&mut self, statement: Statement) -> Result<Measures, EngineError> {
        match self.comment {
            Some(words) => self.connection.run(&statement.commented(words)),
            None => self.connection.run(&statement),
        }
    }

    /// Fails where a query gives rows, and names the first of them.
    fn refute(&mut self, query: &Statement, message: String, hint: String) -> Result<(), EngineError> {
        let found: Vec<String> = self.texts(query)?.into_iter().flatten().collect();
        if found.is_empty() {
            return Ok(());
        }
        let (shown, more) = (found.len().min(NAMED), if found.len() > NAMED { " …" } else { "" });
        let message = format!("{message}: {}{more}", found[..shown].join("; "));
        Err(EngineError::new(ErrorKind::Statement, message).hint(hint))
    }

    /// The texts that a query of one column gives.
    fn texts(&mut self, query: &Statement) -> Result<Vec<Option<String>>, EngineError> {
        let mut found = Vec::new();
        self.connection.rows(query, false, &mut |batch| {
            let column = batch.column(0).as_string::<i32>();
            found.extend(column.iter().map(|text| text.map(String::from)));
            Ok(())
        })?;
        Ok(found)
    }

    fn timed(
        &mut self,
        body: impl FnOnce(&mut Runner<'_>) -> Result<Measures, EngineError>,
    ) -> Result<Measures, EngineError> {
        let started = (self.stopwatch)();
        let measures = body(self)?;
        Ok(measures.with_time((self.stopwatch)().saturating_sub(started)))
    }
}

/// A relation that stands, and what is to be set at it.
pub struct Apply<'a> {
    /// The full name.
    pub relation: &'a RelationName,
    pub kind: RelationKind,
    pub change: &'a Change,
    /// What the ledger is to say of it, of the name as the ledger has it.
    pub row: &'a Row,
    /// Of a table, where they are known.
    pub rows: Option<u64>,
    /// Its rows come of its past too.
    pub lasting: bool,
}

/// A build under way.
pub(super) struct Step<'a> {
    pub build: &'a Build<'a>,
    /// The full name.
    pub relation: &'a RelationName,
    pub measures: Measures,
    pub versions: Option<Versions>,
    identity: Option<Identity>,
    /// What was replaced is to stay.
    kept: bool,
    pub increment: Option<Increment>,
    /// Rows that the table had before it was extended, where that was asked.
    before: u64,
    note: Option<String>,
}

impl<'a> Step<'a> {
    pub fn new(build: &'a Build<'a>, relation: &'a RelationName) -> Step<'a> {
        Step {
            build,
            relation,
            measures: Measures::default(),
            versions: None,
            identity: None,
            kept: false,
            increment: None,
            before: 0,
            note: None,
        }
    }

    /// Whether rows were added to what stood.
    fn in_place(&self) -> bool {
        self.increment.is_some() || self.versions.is_some()
    }

    /// Adds what another statement told. A view has no rows.
    fn take(&mut self, measures: Measures) {
        self.measures = std::mem::take(&mut self.measures).and(measures);
    }

    /// Takes note of what was asked.
    fn tell(&mut self, told: Told, value: Option<String>) {
        let count = || value.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
        let appends = self.build.growth.is_some_and(|growth| growth.how.strategy == Strategy::Append);
        let increment = self.increment.get_or_insert_default();
        match told {
            Told::Before => self.before = count(),
            Told::New => increment.rows_new = count(),
            Told::Updated => increment.rows_updated = count(),
            Told::Rows => {
                if appends {
                    increment.rows_new = count().saturating_sub(self.before);
                }
                self.measures = std::mem::take(&mut self.measures).with_rows(count());
            }
            Told::Since(column) => increment.since.push(Watermark { column, value }),
        }
    }

    /// What is said of the relation in front of its mark, where the engine has one place for both.
    fn said_before(&self, dialect: &dyn Dialect) -> Option<&str> {
        let said = self.build.settings?.after.comments.relation.as_deref()?;
        (dialect.settable().comments == Ok(Kept::WithMark)).then_some(said)
    }

    fn built(&self) -> JustBuilt<'_> {
        JustBuilt {
            relation: self.relation,
            kind: self.build.kind,
            row: &self.build.row,
            // What a table that was changed in place is counted as is its engine's own matter, and what hooks have done
            // to rows isn't known.
            rows: self.measures.rows().filter(|_| {
                let whole = !self.in_place() && self.build.hooks.post.is_empty();
                whole && self.build.kind == RelationKind::Table
            }),
            lasting: self.build.lasting,
            description: self.build.settings.and_then(Change::description),
        }
    }
}

/// What is told where a relation stands and has its mark, and the ledger has no row of it.
fn unrecorded(error: &EngineError) -> String {
    format!("it was built, and `_ff_meta` could not be told: {}", error.message)
}

/// Rows of which two have the same key.
fn not_unique(error: EngineError, relation: &RelationName, change: Option<&Change>) -> EngineError {
    let unique = change.into_iter().flat_map(|change| &change.after.indexes).filter(|index| index.unique);
    let unique: Vec<String> = unique.map(|index| index.words()).collect();
    if !error.is(Condition::NotUnique) || unique.is_empty() {
        return error;
    }
    let within = RelationName { catalog: None, ..relation.clone() };
    let message = format!("rows of {within} break its {}: {}", unique.join(" or "), error.message);
    EngineError { message, ..error }
        .hint("nothing was replaced: make the rows unique, or declare the index without `unique`")
}

/// What was replaced can't be dropped: something other than a view depends on it.
fn held(error: EngineError, replaced: &RelationName, relation: &RelationName) -> EngineError {
    if !error.is(Condition::StillRead) {
        return error;
    }
    let words = error.message.replace(&replaced.name, &relation.name);
    let within = RelationName { catalog: None, ..relation.clone() };
    let message = format!("{within} has other columns than before: {words}");
    EngineError { message, ..error }.hint("drop what depends on it, or keep its columns")
}

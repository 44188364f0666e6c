//! One connection with what a run does over it: what each engine's driver can do, put together by recipes and the ledger.

use super::beside::is_beside;
use super::ledger::{self, Ledger};
use super::recipe::{Apply, Recipe, Runner};
use super::row::Row;
use super::{
    Build, Built, CatalogRelation, Claim, Content, DataVersion, EngineError, ErrorKind, Estimate, Interrupt, Keeping,
    Lent, Load, Mark, Observe, RelationKind, Relations, Replaces, Said, SchemaName, SeedContent, Traits, seed,
};
use crate::dialect::{Change, Comments, Create, Kept, Statement};
use crate::digest::Digest;
use crate::name::RelationName;
use crate::plan::{Identity, Outline};
use crate::syntax::sql::changes_rows;
use crate::world::Stopwatch;
use arrow::array::RecordBatch;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What all sessions of a database share.
#[derive(Clone)]
pub(super) struct Shared {
    pub name: &'static str,
    pub traits: Traits,
    pub ledger: Ledger,
    pub recipe: Arc<dyn Recipe>,
    /// Times statements.
    pub stopwatch: Stopwatch,
    /// What is to be told of the settings before anything is built.
    pub notes: Arc<[String]>,
}

/// One connection. A method that fails leaves no transaction open and the session usable.
pub struct Session {
    connection: Box<dyn Observe>,
    shared: Shared,
    /// What statements say in a comment that they are for.
    comment: Option<String>,
    /// The project whose runs are kept off the database by this session.
    project: Option<String>,
    /// The schemas that it looks at, each with its catalog.
    schemas: BTreeSet<(String, String)>,
    /// The ledger as it was read to find those.
    rows: Option<Vec<Row>>,
    /// What the builds of runs have left that came to no end, as it was seen last.
    leftovers: Vec<(RelationName, RelationKind)>,
}

impl Session {
    pub(super) fn new(connection: Box<dyn Observe>, shared: Shared) -> Session {
        let schemas = [shared.ledger.home().schema(&SchemaName { catalog: None, schema: None })].into();
        Session { connection, shared, comment: None, project: None, schemas, rows: None, leftovers: Vec::new() }
    }

    /// From now on, statements are for a node of a run: whoever looks at the database sees which.
    pub fn works_for(&mut self, run_id: &str, node: &str) {
        self.comment = self.shared.traits.shows_statements.then(|| format!("fft {run_id} {node}"));
    }

    /// From now on, a query of a model may read so many bytes, where the engine's server can hold it to that.
    pub fn limit(&mut self, bytes: Option<u64>) {
        self.connection.limit(bytes);
    }

    /// Keeps other runs of `project` off this database until the session ends, or tells who does so now.
    pub fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        self.project = Some(project.into());
        self.connection.claim(project)
    }

    /// Makes the schemas and the ledger that a run needs. Called once, before the first node, on one session. Gives what
    /// is to be told of it.
    pub fn prepare(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<String>, EngineError> {
        let own = SchemaName { catalog: None, schema: None };
        let home = self.shared.ledger.home().clone();
        let wanted: BTreeSet<_> = schemas.iter().chain([&own]).map(|schema| home.schema(schema)).collect();
        self.looks_at(schemas);
        let catalogs: BTreeSet<String> = wanted.iter().map(|(catalog, _)| catalog.clone()).collect();
        let mut notes = self.shared.notes.to_vec();
        // A transaction may write to one catalog alone.
        for catalog in catalogs {
            let mut schemas: BTreeSet<_> = wanted.iter().filter(|(of, _)| *of == catalog).cloned().collect();
            schemas.insert((catalog.clone(), home.schema.clone()));
            let needed = self.shared.ledger.needed(&mut *self.connection, &catalog)?;
            let made = self.runner().in_scope(|runner| {
                runner.connection.make_schemas(&schemas)?;
                runner.ledger.make(runner.connection, &needed)
            });
            notes.extend(made?);
        }
        if !self.shared.ledger.is_known() {
            self.shared.ledger.read(&mut *self.connection, false)?;
        }
        self.connection.sweep()?;
        self.drop_leftovers()?;
        Ok(notes)
    }

    /// From now on, these schemas are looked at too; whether what was seen before must be looked at again.
    pub fn looks_at(&mut self, schemas: &BTreeSet<SchemaName>) -> bool {
        let home = self.shared.ledger.home();
        let before = self.schemas.len();
        self.schemas.extend(schemas.iter().map(|schema| home.schema(schema)));
        self.shared.traits.by_schema && self.schemas.len() > before
    }

    /// Every relation of the database with its kind; of an engine that tells of them by schema, of every schema that this
    /// session looks at or the ledger tells of.
    pub fn relations(&mut self) -> Result<Relations, EngineError> {
        if self.shared.traits.by_schema {
            let rows = self.shared.ledger.read(&mut *self.connection, false)?;
            let schemas = rows.iter().map(|row| SchemaName::of(&row.relation)).collect();
            self.looks_at(&schemas);
            self.rows = Some(rows);
        }
        let relations = self.connection.relations(&self.schemas)?;
        // Of a project that this session has claimed no other run is building.
        let of_project = |name: &RelationName| {
            relations.marks.get(name).is_some_and(|mark| Some(&mark.project) == self.project.as_ref())
        };
        let left = relations.found.iter().filter(|(name, _)| is_beside(name) && of_project(name));
        self.leftovers = left.map(|(name, kind)| (name.clone(), *kind)).collect();
        Ok(relations)
    }

    fn drop_leftovers(&mut self) -> Result<(), EngineError> {
        let dialect = self.shared.ledger.dialect();
        let left = std::mem::take(&mut self.leftovers);
        left.iter().try_for_each(|(name, kind)| self.connection.run(&dialect.drop(*kind, name)).map(drop))
    }

    /// Every row of the ledger beside the `relations` that it tells of; without records where those aren't wanted. None
    /// where there is no ledger.
    pub fn ledger(&mut self, relations: &Relations, records: bool) -> Result<Vec<Row>, EngineError> {
        let rows = match self.rows.take().filter(|_| !records) {
            Some(rows) => rows,
            None => self.shared.ledger.read(&mut *self.connection, records)?,
        };
        Ok(match self.shared.traits.keeping {
            Keeping::OnRelation => ledger::reconcile(rows, relations, self.shared.name),
            Keeping::InTransaction | Keeping::Bracketed => rows,
        })
    }

    /// Columns of every relation in `schemas`, with row counts and sizes where the engine knows them.
    pub fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        self.connection.catalog(schemas)
    }

    /// Replaces a relation and its row of the ledger, or changes nothing. What other nodes have said of the relation goes.
    pub fn build(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        let relation = self.shared.ledger.home().full(build.relation);
        let built = self.runner().build(build, &relation)?;
        self.connection.sweep()?;
        Ok(built)
    }

    /// Runs the statements of a hook, all of them or none where the engine has transactions. Gives how many rows those
    /// changed that change rows, as far as the engine tells it. An error has the number of its statement.
    pub fn run_hook(&mut self, statements: &[String]) -> Result<Option<u64>, EngineError> {
        if statements.is_empty() {
            return Ok(None);
        }
        let lexicon = self.shared.ledger.dialect().grammar().lexicon;
        self.runner().in_scope(|runner| {
            let mut rows = None;
            for (number, text) in statements.iter().enumerate() {
                let changes = changes_rows(text, lexicon);
                let ran = runner.run(Statement { changes, ..Statement::from(text.as_str()) });
                let told = ran.map_err(|error| EngineError { position: None, hook: Some(number), ..error })?;
                if let Some(changed) = told.rows().filter(|_| changes) {
                    rows = Some(rows.unwrap_or(0) + changed);
                }
            }
            Ok(rows)
        })
    }

    /// What [`Session::build`] would do with a snapshot, of which nothing is kept.
    pub fn preview(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        let relation = self.shared.ledger.home().full(build.relation);
        self.runner().preview(build, &relation)
    }

    /// Whether a table stands there that holds the history of a snapshot.
    pub fn holds_history(&mut self, relation: &RelationName) -> Result<bool, EngineError> {
        let full = self.shared.ledger.home().full(relation);
        // Where no history can be made nothing is asked.
        if !self.shared.ledger.dialect().keeps_history() {
            return Ok(false);
        }
        let stands = self.connection.stands(&full)?;
        Ok(stands == Some(RelationKind::Table) && self.runner().holds_history(&full)?)
    }

    /// What building from `content` would read, from the engine's own plan; nothing is run. Asked only of an engine with
    /// [`Traits::estimates`]; `None` where this content can't be estimated.
    pub fn estimate(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        self.connection.dry_run(content)
    }

    /// See [`Observe::row_digest`].
    pub fn row_digest(&mut self, relation: &RelationName, without: &[&str]) -> Result<Option<Digest>, EngineError> {
        self.connection.row_digest(relation, without)
    }

    /// See [`Observe::lend`].
    pub fn lend(&mut self) -> Result<Option<Lent>, EngineError> {
        self.connection.lend()
    }

    /// What tells one state of a relation that fft doesn't build from another.
    pub fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        self.connection.data_version(relation)
    }

    /// See [`Observe::files`].
    pub fn files(&mut self, pattern: &str) -> Result<Option<Vec<String>>, EngineError> {
        self.connection.files(pattern)
    }

    /// Columns and rows of a seed file, without loading it.
    pub fn outline(&mut self, seed: &SeedContent<'_>) -> Result<Option<Outline>, EngineError> {
        if seed.parquet {
            // What is told of the file is told of the bytes that were hashed.
            seed::unchanged(seed, || self.connection.parquet_outline(seed))
        } else {
            seed::outline(seed).map(Some)
        }
    }

    /// Replaces only the row of the ledger: for a skip that takes a new fingerprint.
    /// `said`: what is said of the relation, where that has one place with what fft writes on it.
    pub fn record(&mut self, row: &Row, kind: RelationKind, said: Option<&str>) -> Result<(), EngineError> {
        let relation = self.shared.ledger.home().resolve(&row.relation);
        let row = Row { relation, ..row.clone() };
        let marked = self.shared.ledger.marks().then(|| {
            let dialect = self.shared.ledger.dialect();
            let said = said.filter(|_| dialect.settable().comments == Ok(Kept::WithMark));
            dialect.mark(kind, &row.relation, &Mark::of(&row).behind(said))
        });
        self.runner().in_scope(|runner| {
            if let Some(mark) = &marked {
                runner.connection.run(mark)?;
            }
            runner.ledger.record(runner.connection, &row)
        })
    }

    /// Sets what differs at a relation that stands as it was built, together with its new row of the ledger. `rows`: of a
    /// table, where they are known; `lasting`: they come of its past too. Gives what tells it from another one in its place.
    pub fn apply(
        &mut self,
        row: &Row,
        kind: RelationKind,
        change: &Change,
        (rows, lasting): (Option<u64>, bool),
    ) -> Result<Option<Identity>, EngineError> {
        let home = self.shared.ledger.home();
        let relation = home.full(&row.relation);
        let row = Row { relation: home.resolve(&row.relation), ..row.clone() };
        self.runner().apply(&Apply { relation: &relation, kind, change, row: &row, rows, lasting })
    }

    /// See [`Observe::content`].
    pub fn content(&mut self, relation: &RelationName) -> Result<Option<Digest>, EngineError> {
        let relation = self.shared.ledger.home().full(relation);
        self.connection.content(&relation)
    }

    /// See [`Observe::said`].
    pub fn said(&mut self, relation: &RelationName) -> Result<Option<Said>, EngineError> {
        let relation = self.shared.ledger.home().full(relation);
        self.connection.said(&relation)
    }

    /// Lets the database say `words` of a relation and of columns as they are called there, where it said something else.
    pub fn say(
        &mut self,
        relation: &RelationName,
        kind: RelationKind,
        said: &Said,
        words: &Comments,
    ) -> Result<(), EngineError> {
        let relation = self.shared.ledger.home().full(relation);
        let dialect = self.shared.ledger.dialect();
        let own = words.relation.iter().map(|words| dialect.comment(kind, &relation, &said.comment(words)));
        let columns = words.columns.iter();
        let columns = columns.filter_map(|(name, words)| dialect.comment_column(kind, &relation, name, Some(words)));
        let statements: Vec<Statement> = own.chain(columns).collect();
        self.runner()
            .in_scope(|runner| statements.iter().try_for_each(|statement| runner.connection.run(statement).map(drop)))
    }

    /// Drops a relation, whatever its kind, and its row; a missing one is no error. The history of a snapshot isn't dropped.
    pub fn drop_relation(&mut self, relation: &RelationName) -> Result<(), EngineError> {
        if self.holds_history(relation)? {
            let message = format!("{relation} holds the history of a snapshot, and isn't dropped");
            return Err(EngineError::new(ErrorKind::Statement, message));
        }
        let ledger = self.shared.ledger.clone();
        let (full, resolved) = (ledger.home().full(relation), ledger.home().resolve(relation));
        let needed = ledger.needed(&mut *self.connection, &ledger.catalog_of(&resolved))?;
        self.runner().in_scope(|runner| {
            if let Some(keyword) = runner.connection.keyword(&full)? {
                let drop = format!("drop {keyword} {}", ledger.dialect().relation(&full));
                runner.connection.run(&drop.into())?;
            }
            if needed.is_there() {
                ledger.make(runner.connection, &needed)?;
                ledger.forget(runner.connection, &resolved)?;
            }
            Ok(())
        })
    }

    /// Gives `take` all rows of a query, a batch at a time; one empty batch of none, for the sake of its columns.
    /// `exactly`: each value as it is, or an error that names the column.
    pub fn rows(
        &mut self,
        query: &str,
        exactly: bool,
        take: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let statement = Statement::query(query);
        let statement = match &self.comment {
            Some(words) if !exactly => statement.commented(words),
            _ => statement,
        };
        self.connection.rows(&statement, exactly, take)
    }

    /// All rows of a query at once: for few.
    pub fn read(&mut self, query: &str) -> Result<Vec<RecordBatch>, EngineError> {
        self.read_as(query, false)
    }

    pub(super) fn read_as(&mut self, query: &str, exactly: bool) -> Result<Vec<RecordBatch>, EngineError> {
        let mut found = Vec::new();
        self.rows(query, exactly, &mut |batch| {
            found.push(batch);
            Ok(())
        })?;
        Ok(found)
    }

    /// Does `work` in a schema that is there for it alone, and of which nothing is left whatever becomes of the work: within
    /// a transaction that is never kept where the engine makes schemas in one, else it is dropped.
    pub fn aside<T>(
        &mut self,
        schema: &str,
        work: impl FnOnce(&mut Aside<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let home = self.shared.ledger.home().clone();
        let schemas = [(home.catalog.clone(), home.schema.clone()), (home.catalog, schema.to_string())].into();
        let whole = self.shared.traits.replaces == Replaces::Transaction;
        if whole {
            self.connection.begin()?;
        }
        let made = self.connection.make_schemas(&schemas);
        let done = made.and_then(|()| work(&mut Aside { session: self, schema }));
        if whole {
            self.connection.rollback();
            return done;
        }
        let dropped = self.connection.run(&self.shared.ledger.dialect().drop_schema(schema));
        done.and_then(|value| dropped.map(|_| value))
    }

    /// Ends the running statement of this session from another thread.
    pub fn interrupt(&self) -> Arc<dyn Interrupt> {
        self.connection.interrupt()
    }

    fn runner(&mut self) -> Runner<'_> {
        Runner {
            connection: &mut *self.connection,
            ledger: &self.shared.ledger,
            recipe: &*self.shared.recipe,
            traits: &self.shared.traits,
            stopwatch: &self.shared.stopwatch,
            comment: self.comment.as_deref(),
        }
    }
}

/// A schema that is gone once the work in it is done, on the session that has it.
pub struct Aside<'a> {
    session: &'a mut Session,
    schema: &'a str,
}

impl Aside<'_> {
    /// Makes a table of rows, whose columns are cast to those types that are named, if any is.
    pub fn make(
        &mut self,
        name: &str,
        content: &Content<'_>,
        casts: &[(String, Option<String>)],
    ) -> Result<(), EngineError> {
        let Aside { session, schema } = self;
        let ledger = &session.shared.ledger;
        let full = |name: &str| ledger.home().full(&RelationName::new(None, Some(schema), name));
        let (table, staged) = (full(name), full(&format!("{name}__as_given")));
        let is_cast = casts.iter().any(|(_, kind)| kind.is_some());
        let into = if is_cast { &staged } else { &table };
        session.connection.load(&Load { content, into, temporary: false, mark: None, layout: None, comment: None })?;
        if !is_cast {
            return Ok(());
        }
        let dialect = ledger.dialect();
        let column = |(name, kind): &(String, Option<String>)| {
            let name = dialect.quote(name);
            kind.as_ref().map_or(name.clone(), |kind| format!("cast({name} as {kind}) as {name}"))
        };
        let columns: Vec<String> = casts.iter().map(column).collect();
        let query = format!("select {} from {}", columns.join(", "), dialect.relation(&staged));
        session.connection.run(&dialect.create(&Create::new(RelationKind::Table, &table, &query)))?;
        Ok(())
    }

    /// See [`Session::rows`].
    pub fn rows(
        &mut self,
        query: &str,
        take: &mut dyn FnMut(RecordBatch) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.session.rows(query, true, take)
    }
}

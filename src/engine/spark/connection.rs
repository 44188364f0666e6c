//! What one session of the server does, and what it tells of the catalog.

use super::client::{Client, command, query};
use super::error::Failure;
use super::load;
use super::relation::{Described, read};
use super::settings::Settings;
use crate::dialect::{Dialect, Statement};
use crate::engine::claim::{self, Hold, Lost, Place, Pulse};
use crate::engine::spark_sql::{counted, explain, explained, rows_version, sums, told};
use crate::engine::{
    CatalogRelation, Claim, Condition, Connection, Content, DataVersion, EngineError, ErrorKind, Estimate, Home,
    Interrupt, JustBuilt, Load, Measures, Observe, Relations, SchemaName, Standing, TakeBatch,
};
use crate::name::RelationName;
use crate::plan::Identity;
use arrow::array::{AsArray, RecordBatch};
use arrow::ipc::reader::StreamReader;
use spark_connect_proto::execute_plan_response::ResponseType;
use spark_connect_proto::plan::OpType;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What Spark calls it when it looks for files that were there before.
const FILES_GONE: &str = "[FAILED_READ_FILE.FILE_NOT_EXIST]";

pub(super) struct SparkConnection {
    pub client: Client,
    pub settings: Arc<Settings>,
    pub home: Home,
    /// Names without a schema mean those of the profile's: not before that is there.
    at_home: bool,
    lost: Lost,
    /// The claim, as long as this connection lives.
    hold: Option<Hold>,
}

impl SparkConnection {
    pub fn new(settings: Arc<Settings>, home: Home, lost: Lost) -> Result<SparkConnection, EngineError> {
        let client = Client::open(&settings)?;
        Ok(SparkConnection { client, settings, home, at_home: false, lost, hold: None })
    }

    pub fn dialect(&self) -> &dyn Dialect {
        &self.settings.dialect
    }

    fn database(&self, catalog: &str, schema: &str) -> String {
        format!("{}.{}", self.dialect().quote(catalog), self.dialect().quote(schema))
    }

    /// Before a statement with a model's text: fft's own names say where they are.
    fn go_home_for(&mut self, statement: &Statement) -> Result<(), EngineError> {
        if self.at_home || statement.query.is_none() {
            return Ok(());
        }
        let home = self.database(&self.home.catalog, &self.home.schema);
        match self.send(&format!("use {home}").into()) {
            Ok(_) => self.at_home = true,
            Err(error) if error.is(Condition::NoSuchRelation) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Runs a statement; what it read, as far as the server tells.
    pub fn send(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.execute(command(&statement.text, &statement.values), statement, &mut |_| Ok(()))
    }

    /// Runs a plan, which comes from `statement`.
    pub fn execute(&self, plan: OpType, statement: &Statement, take: TakeBatch<'_>) -> Result<Measures, EngineError> {
        let mut read = None;
        let ran = self.client.execute(plan, &mut |response| {
            match response {
                ResponseType::ArrowBatch(batch) => batches(&batch.data, take)?,
                ResponseType::ExecutionProgress(progress) => {
                    read = Some(progress.stages.iter().map(|stage| stage.input_bytes_read.max(0) as u64).sum());
                }
                _ => {}
            }
            Ok(())
        });
        ran.map_err(|failure: Failure| failure.of(statement))?;
        Ok(read.filter(|bytes| *bytes > 0).into_iter().fold(Measures::default(), Measures::with_bytes))
    }

    /// The rows of a query, as they come.
    pub fn select(&self, statement: &Statement, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.execute(OpType::Root(query(&statement.text, &statement.values)), statement, take).map(drop)
    }

    /// Columns of texts of what a statement of fft's own shows.
    fn texts<const N: usize>(&self, text: &str, columns: [&str; N]) -> Result<Vec<[String; N]>, EngineError> {
        let mut found = Vec::new();
        self.select(&text.into(), &mut |batch| {
            let lacks = |name: &str| {
                EngineError::new(ErrorKind::Statement, format!("the server's answer has no column of texts `{name}`"))
            };
            let column =
                |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>().cloned());
            let mut read = Vec::new();
            for name in columns {
                read.push(column(name).ok_or_else(|| lacks(name))?);
            }
            found.extend((0..batch.num_rows()).map(|row| std::array::from_fn(|at| read[at].value(row).to_string())));
            Ok(())
        })?;
        Ok(found)
    }

    /// What is in a database whose names match `pattern`; nothing where there is no such database.
    fn show(&self, catalog: &str, schema: &str, pattern: &str) -> Result<Vec<(RelationName, Described)>, EngineError> {
        let database = self.database(catalog, schema);
        let pattern = self.dialect().string_literal(pattern);
        let shown =
            self.texts(&format!("show table extended in {database} like {pattern}"), ["tableName", "information"]);
        let shown = match shown {
            Err(error) if error.is(Condition::NoSuchRelation) => return Ok(Vec::new()),
            shown => shown?,
        };
        let named = |[name, information]: [String; 2]| {
            (self.home.resolve(&RelationName::new(Some(catalog), Some(schema), &name)), read(&information))
        };
        Ok(shown.into_iter().map(named).collect())
    }

    /// What stands under a full name.
    fn describe(&self, relation: &RelationName) -> Result<Option<Described>, EngineError> {
        let full = self.home.resolve(relation);
        // Another name could match as a pattern; none such can be a relation's.
        if !full.name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
            return Ok(None);
        }
        let (catalog, schema) = self.home.schema(&SchemaName::of(&full));
        let shown = self.show(&catalog, &schema, &full.name)?;
        Ok(shown.into_iter().find(|(name, _)| *name == full).map(|(_, described)| described))
    }

    /// The state of all rows of a relation, while they are few.
    fn version(&self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        let Some(described) = self.describe(relation)? else { return Ok(DataVersion::unreadable()) };
        let name = self.dialect().relation(&self.home.full(relation));
        let (query, most) = counted(&name, &described.columns);
        let rows = self.texts(&query, ["n"])?;
        if rows.first().and_then(|[rows]| rows.parse().ok()).is_none_or(|rows: u64| rows > most) {
            return Ok(DataVersion::too_large());
        }
        let told = self.texts(&sums(&name), ["n", "a", "b"])?;
        Ok(told.first().map_or_else(DataVersion::unreadable, |told| rows_version(&described.columns, told)))
    }

    /// Counts the rows of a table and its bytes, for who looks at it: a change that isn't fft's takes both away.
    fn count(&mut self, relation: &RelationName) -> Result<Measures, EngineError> {
        let name = self.dialect().relation(relation);
        if self.settings.swaps() {
            self.send(&format!("analyze table {name} compute statistics").into())?;
            let rows = self.describe(relation)?.and_then(|described| described.rows);
            return Ok(rows.into_iter().fold(Measures::default(), Measures::with_rows));
        }
        let counted = self.texts(&format!("select cast(count(1) as string) as n from {name}"), ["n"])?;
        let rows = counted.first().and_then(|[rows]| rows.parse().ok());
        Ok(rows.into_iter().fold(Measures::default(), Measures::with_rows))
    }
}

/// The batches of a piece of an Arrow stream.
fn batches(data: &[u8], take: TakeBatch<'_>) -> Result<(), EngineError> {
    let broken = |error| EngineError::new(ErrorKind::Connection, format!("the server's rows can't be read: {error}"));
    let reader = StreamReader::try_new(data, None).map_err(broken)?;
    let schema = reader.schema();
    let mut any = false;
    for batch in reader {
        any = true;
        take(batch.map_err(broken)?)?;
    }
    if any { Ok(()) } else { take(RecordBatch::new_empty(schema)) }
}

/// A query in brackets, where nothing but a query may stand.
fn bracketed(dialect: &dyn Dialect, query: &Statement) -> Statement {
    let text = dialect.without_terminator(&query.text);
    let around = Statement::around("select * from (\n", &text, "\n)");
    let start = around.query.clone().map_or(0, |within| within.start);
    let within = query.query.clone().unwrap_or(0..text.len());
    Statement { query: Some(start + within.start..start + within.end), values: query.values.clone(), ..around }
}

impl Connection for SparkConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.lost.check()?;
        self.go_home_for(statement)?;
        let ran = self.send(statement)?;
        match &statement.makes {
            Some(table) => Ok(ran.and(self.count(table)?)),
            None => Ok(ran),
        }
    }

    // Every value comes as it is.
    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.go_home_for(query)?;
        let statement = bracketed(self.dialect(), query);
        let mut taken = false;
        let read = self.select(&statement, &mut |batch| {
            taken = true;
            take(batch)
        });
        match read {
            // Another session has made the table anew, of whose files this one has kept a list.
            Err(error) if !taken && error.message.starts_with(FILES_GONE) => {
                self.client.renew(&self.settings)?;
                self.at_home = false;
                self.go_home_for(query)?;
                self.select(&statement, take)
            }
            read => read,
        }
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        load::load(self, load)
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => {
                let statement = explain(&self.dialect().without_terminator(query));
                self.go_home_for(&statement)?;
                let mut plan = String::new();
                self.select(&statement, &mut |batch| {
                    let texts = batch.column(0).as_string_opt::<i32>();
                    plan.extend(texts.into_iter().flatten().flatten());
                    Ok(())
                })?;
                explained(&plan).map_err(|words| told(&words, None, &statement))
            }
            Content::Seed(content) => load::estimate(content).map(Some),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn rollback(&mut self) {}

    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn end_savepoint(&mut self, _keep: bool) -> Result<(), EngineError> {
        Ok(())
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        self.client.interrupt()
    }
}

impl Observe for SparkConnection {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        let Home { catalog, schema, .. } = self.home.clone();
        // The first run of all finds no schema.
        self.make_schemas(&[(catalog.clone(), schema.clone())].into())?;
        let place =
            Place { dialect: Arc::new(self.settings.dialect.clone()), catalog, schema, project: project.into() };
        let (settings, home, lost) = (self.settings.clone(), self.home.clone(), self.lost.clone());
        let connect: claim::Connect = Box::new(move || {
            let connection = SparkConnection::new(settings.clone(), home.clone(), Lost::default())?;
            Ok(Box::new(connection) as Box<dyn Connection>)
        });
        Ok(match claim::claim(self, place, connect, &lost, Pulse::default())? {
            Ok(hold) => {
                self.hold = Some(hold);
                Claim::Held
            }
            Err(taken) => taken,
        })
    }

    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        for (catalog, schema) in schemas {
            let database = self.database(catalog, schema);
            self.send(&format!("create database if not exists {database}").into())?;
        }
        Ok(())
    }

    fn relations(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        let mut relations = Relations { home: self.home.clone(), ..Relations::default() };
        for (catalog, schema) in schemas {
            for (name, described) in self.show(catalog, schema, "*")? {
                relations.found.insert(name.clone(), described.kind());
                relations.identity.extend(described.identity().map(|identity| (name.clone(), identity)));
                relations.marks.extend(described.mark.map(|mark| (name, mark)));
            }
        }
        Ok(relations)
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        Ok(self.describe(relation)?.map(|described| Standing::plain(described.kind())))
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        Ok(self.describe(built.relation)?.and_then(|described| described.identity()))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let mut found = Vec::new();
        let wanted: BTreeSet<_> = schemas.iter().map(|schema| self.home.schema(schema)).collect();
        for (catalog, schema) in wanted {
            let shown = self.show(&catalog, &schema, "*")?;
            found.extend(shown.into_iter().map(|(relation, described)| CatalogRelation {
                relation,
                kind: described.kind(),
                rows: described.rows,
                bytes: described.bytes,
                columns: described.columns,
            }));
        }
        Ok(found)
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        match self.version(relation) {
            Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
            version => version,
        }
    }
}

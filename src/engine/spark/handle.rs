//! A session of the server as the parts of this engine share it.

use super::client::{Client, command, query};
use super::error::Failure;
use super::relation::{Described, read};
use super::settings::Settings;
use crate::dialect::{Dialect, Statement};
use crate::engine::claim::{Hold, Lost};
use crate::engine::spark_sql::{counted, rows_version, sums};
use crate::engine::{Condition, DataVersion, EngineError, ErrorKind, Home, Measures, SchemaName, TakeBatch};
use crate::name::RelationName;
use arrow::array::{AsArray, RecordBatch};
use arrow::ipc::reader::StreamReader;
use spark_connect_proto::execute_plan_response::ResponseType;
use spark_connect_proto::plan::OpType;
use std::sync::Arc;

pub(super) struct SparkConnection {
    pub client: Client,
    pub settings: Arc<Settings>,
    pub home: Home,
    pub lost: Lost,
    /// The claim, as long as this connection lives.
    pub hold: Option<Hold>,
}

impl SparkConnection {
    pub fn new(settings: Arc<Settings>, home: Home, lost: Lost) -> Result<SparkConnection, EngineError> {
        let client = Client::open(settings.clone())?;
        Ok(SparkConnection { client, settings, home, lost, hold: None })
    }

    pub fn dialect(&self) -> &dyn Dialect {
        &self.settings.dialect
    }

    pub fn database(&self, catalog: &str, schema: &str) -> String {
        format!("{}.{}", self.dialect().quote(catalog), self.dialect().quote(schema))
    }

    /// Before a statement with a model's text: fft's own names say where they are.
    pub fn go_home_for(&self, statement: &Statement) -> Result<(), EngineError> {
        if statement.query.is_none() { Ok(()) } else { self.go_home() }
    }

    /// Has names without a schema mean those of the profile's; not before that is there.
    pub fn go_home(&self) -> Result<(), EngineError> {
        let home = self.database(&self.home.catalog, &self.home.schema);
        match self.client.go_home(&format!("use {home}")).map_err(Failure::of_ours) {
            Err(error) if error.is(Condition::NoSuchRelation) => Ok(()),
            went => went,
        }
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
    pub fn texts<const N: usize>(&self, text: &str, columns: [&str; N]) -> Result<Vec<[String; N]>, EngineError> {
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
    pub fn show(
        &self,
        catalog: &str,
        schema: &str,
        pattern: &str,
    ) -> Result<Vec<(RelationName, Described)>, EngineError> {
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
    pub fn describe(&self, relation: &RelationName) -> Result<Option<Described>, EngineError> {
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
    pub fn version(&self, relation: &RelationName) -> Result<DataVersion, EngineError> {
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
    pub fn count(&mut self, relation: &RelationName) -> Result<Measures, EngineError> {
        if self.is_of_files(relation)? {
            self.analyze(relation)?;
            let rows = self.describe(relation)?.and_then(|described| described.rows);
            return Ok(rows.into_iter().fold(Measures::default(), Measures::with_rows));
        }
        let name = self.dialect().relation(relation);
        let counted = self.texts(&format!("select cast(count(1) as string) as n from {name}"), ["n"])?;
        let rows = counted.first().and_then(|[rows]| rows.parse().ok());
        Ok(rows.into_iter().fold(Measures::default(), Measures::with_rows))
    }

    /// Whether a table's rows are in files alone, of which Spark itself keeps account.
    fn is_of_files(&self, relation: &RelationName) -> Result<bool, EngineError> {
        let described = self.describe(relation)?;
        let format = described.as_ref().and_then(|described| described.format.as_deref());
        Ok(format.map_or(self.settings.swaps(), |format| !self.dialect().is_replaceable(format)))
    }

    /// Has Spark count a table's rows and bytes.
    pub fn analyze(&mut self, relation: &RelationName) -> Result<(), EngineError> {
        let name = self.dialect().relation(relation);
        self.send(&format!("analyze table {name} compute statistics").into()).map(drop)
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

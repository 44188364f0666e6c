//! Rows in memory and seed files into tables: as Parquet into a table beside, which a statement then reads.

use super::answer::{TableName, number};
use super::handle::{BigQueryConnection, Shared, labelled, measures};
use super::job::{Asked, run};
use super::stored::{Stored, fitting, stored};
use crate::dialect::{BigQuery, Create, Dialect, RelationKind, Statement, mark_labels};
use crate::engine::beside::beside;
use crate::engine::rest::{Packed, Stop, unwritten};
use crate::engine::seed::{self, Column, Parquet, Seed, Texts, declared, of_file, unchanged};
use crate::engine::{Content, EngineError, ErrorKind, Load, Measures, SeedContent, all_came};
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a table of rows on their way is kept that nobody drops, in milliseconds: a day.
const KEPT: i64 = 24 * 60 * 60 * 1000;
/// The column that numbers a seed's rows.
const ROW: &str = "r";

pub(super) fn load(connection: &mut BigQueryConnection, load: &Load<'_>) -> Result<Measures, EngineError> {
    match load.content {
        Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
        Content::Arrow { schema, batches } => {
            let table = Table::new(schema, &[])?;
            table.load(connection, load, &[], batches.iter().cloned().map(Ok))
        }
        Content::Seed(content) => {
            let loaded =
                if content.parquet { parquet(connection, load, content)? } else { csv(connection, load, content)? };
            Ok(loaded.with_bytes(seed::size(content)?))
        }
    }
}

/// A table that rows become.
struct Table {
    /// As files have the columns: numbered, since Parquet doesn't take every name.
    staged: SchemaRef,
    /// The same as the service declares them.
    declared: Vec<Value>,
    /// Each column as a query has it.
    columns: Vec<String>,
}

impl Table {
    /// Of rows with types of their own; `types` are declared.
    fn new(schema: &Schema, types: &[(String, &str)]) -> Result<Table, EngineError> {
        if schema.fields().is_empty() {
            return Err(EngineError::new(ErrorKind::Statement, "a table without columns can't be made"));
        }
        let mut names: Vec<String> = schema.fields().iter().map(|field| field.name().to_lowercase()).collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("two columns are called `{}`, whatever their letter case", pair[0]);
            return Err(EngineError::new(ErrorKind::Statement, message));
        }
        let (mut fields, mut all, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (at, field) in schema.fields().iter().enumerate() {
            let own = stored(field.data_type()).map_err(|words| {
                EngineError::new(ErrorKind::Statement, format!("column `{}`: {words}", field.name()))
            })?;
            let (Stored { kind, declared }, word) = own.on_its_way();
            let value = word.map_or(format!("c{at}"), |word| format!("cast(c{at} as {word})"));
            let wanted = types.iter().find(|(name, _)| name == field.name());
            let value = wanted.map_or(value.clone(), |(_, wanted)| BigQuery.cast("cast", &value, wanted));
            columns.push(format!("{value} as {}", BigQuery.quote(field.name())));
            fields.push(Field::new(format!("c{at}"), kind, true));
            all.push(numbered(at, declared));
        }
        Ok(Table { staged: Arc::new(Schema::new(fields)), declared: all, columns })
    }

    /// Of a seed's texts.
    fn of_texts(seed: &Seed<'_>) -> Table {
        let text = |(at, column): (usize, &Column)| {
            format!(
                "{} as {}",
                BigQuery.cast("cast", &format!("c{at}"), &column.sql_type),
                BigQuery.quote(&column.name)
            )
        };
        let count = seed.columns.len();
        let names = (0..count).map(|at| Field::new(format!("c{at}"), DataType::Utf8, true));
        let fields = names.chain([Field::new(ROW, DataType::Int64, false)]);
        let mut declared: Vec<Value> = (0..count).map(|at| numbered(at, json!({"type": "STRING"}))).collect();
        declared.push(json!({"name": ROW, "type": "INTEGER"}));
        let columns = seed.columns.iter().enumerate().map(text).collect();
        Table { staged: Arc::new(Schema::new(fields.collect::<Vec<_>>())), declared, columns }
    }

    /// Makes the table, with the `added` columns behind its own.
    fn load(
        &self,
        connection: &mut BigQueryConnection,
        load: &Load<'_>,
        added: &[String],
        batches: impl Iterator<Item = Result<RecordBatch, EngineError>>,
    ) -> Result<Measures, EngineError> {
        let mut stage = Stage::new(connection, load, self)?;
        for batch in batches {
            stage.add(&self.cast(&batch?)?)?;
        }
        stage.finish()?;
        self.make(connection, load, added, &stage)
    }

    /// Makes the table of all rows that were staged, or none that counts.
    fn make(
        &self,
        connection: &BigQueryConnection,
        load: &Load<'_>,
        added: &[String],
        stage: &Stage,
    ) -> Result<Measures, EngineError> {
        let columns: Vec<&str> = self.columns.iter().chain(added).map(String::as_str).collect();
        let query = format!("select {} from {}", columns.join(", "), stage.source());
        let create = Create::new(RelationKind::Table, load.into, &query).replacing();
        let create = BigQuery.create(&Create { mark: load.mark.as_deref(), ..create });
        let statement = Statement { makes: None, ..create };
        let statement = load.commented(statement);
        let configuration = json!({"query": {"query": statement.text, "useLegacySql": false}});
        let configuration = labelled(configuration, load.comment);
        let asked = Asked { configuration, file: None, statement: Some(&statement) };
        let made = run(&connection.shared.api, &asked, &connection.stop);
        let done = made.map_err(|error| EngineError { position: None, ..error })?;
        if let Some(came) = connection.rows_of(load.into)? {
            all_came(stage.rows, came)?;
        }
        Ok(measures(&done).with_rows(stage.rows))
    }

    /// A batch as files have it.
    fn cast(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let column = |(at, array): (usize, &ArrayRef)| {
            fitting(array, self.staged.field(at).data_type()).map_err(|words| {
                let name = batch.schema().field(at).name().clone();
                EngineError::new(ErrorKind::Statement, format!("column `{name}`: {words}"))
            })
        };
        let columns = batch.columns().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(self.staged.clone(), columns).map_err(unwritten)
    }
}

fn numbered(at: usize, mut declared: Value) -> Value {
    declared["name"] = format!("c{at}").into();
    declared
}

/// A seed's rows, as text that the service makes values of. What a declared type doesn't hold is told with its place.
fn csv(
    connection: &mut BigQueryConnection,
    load: &Load<'_>,
    content: &SeedContent<'_>,
) -> Result<Measures, EngineError> {
    let seed = Seed::read(content)?;
    let table = Table::of_texts(&seed);
    let mut stage = Stage::new(connection, load, &table)?;
    let mut batches = seed.batches()?;
    let mut first = 0;
    while let Some(batch) = batches.next()? {
        let numbers = Int64Array::from_iter_values(first..first + batch.num_rows() as i64);
        first += batch.num_rows() as i64;
        let columns = batch.columns().iter().cloned().chain([Arc::new(numbers) as ArrayRef]).collect();
        stage.add(&RecordBatch::try_new(table.staged.clone(), columns).map_err(unwritten)?)?;
    }
    stage.finish()?;
    table.make(connection, load, &added(content), &stage).map_err(|error| {
        let tried = |at: usize, column: &Column| {
            (format!("c{at}"), BigQuery.cast("safe_cast", &format!("c{at}"), &column.sql_type))
        };
        let texts = Texts { text_type: BigQuery.text_type(), row: ROW, tried: &tried };
        let query = |firsts: &str| format!("select {firsts} from {}", stage.source());
        let ask = |firsts: &str| connection.texts(&query(firsts)).ok()?.into_iter().next();
        seed.explained(error, || seed.first_unfit(&texts, ask))
    })
}

/// The rows of a Parquet file, whose types are changed to the declared ones.
fn parquet(
    connection: &mut BigQueryConnection,
    load: &Load<'_>,
    content: &SeedContent<'_>,
) -> Result<Measures, EngineError> {
    unchanged(content, || {
        let file = Parquet::open(content)?;
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let table = Table::new(&file.schema, &declared(content, &names)?).map_err(|error| of_file(content, error))?;
        let loaded = table.load(connection, load, &added(content), file.batches());
        loaded.map_err(|error| of_file(content, error))
    })
}

/// The columns that fft adds, as a query has them.
fn added(content: &SeedContent<'_>) -> Vec<String> {
    let column =
        |(name, value): &(&str, &str)| format!("{} as {}", BigQuery.string_literal(value), BigQuery.quote(name));
    let loaded = |name: &str| format!("cast(current_timestamp as datetime) as {}", BigQuery.quote(name));
    content.text_columns.iter().map(column).chain(content.loaded_at_column.map(loaded)).collect()
}

/// A table of rows on their way, dropped with this.
struct Stage {
    shared: Arc<Shared>,
    stop: Stop,
    name: TableName,
    declared: Vec<Value>,
    /// What its jobs are for.
    comment: Option<String>,
    packed: Packed,
    /// Rows of all files, and of those that were sent.
    rows: u64,
    sent: u64,
}

impl Stage {
    fn new(connection: &BigQueryConnection, load: &Load<'_>, table: &Table) -> Result<Stage, EngineError> {
        let (shared, stop) = (connection.shared.clone(), connection.stop.clone());
        // Another try of the same build has another one.
        let name = connection.table_name(&beside(load.into, "stage", &super::job::name()));
        stop.reset();
        let ends = (shared.now)().as_millisecond() + KEPT;
        let labels: Value = mark_labels(load.mark.as_deref().unwrap_or_default()).into_iter().collect();
        let body = json!({
            "schema": {"fields": table.declared},
            "expirationTime": ends.to_string(),
            "labels": labels,
        });
        shared.api.make_table(&name, &body, &stop)?;
        let packed = Packed::new(table.staged.clone(), None);
        let (declared, comment) = (table.declared.clone(), load.comment.map(String::from));
        Ok(Stage { shared, stop, name, declared, comment, packed, rows: 0, sent: 0 })
    }

    fn source(&self) -> String {
        let TableName { project_id, dataset_id, table_id } = &self.name;
        BigQuery.relation(&crate::name::RelationName::new(Some(project_id), Some(dataset_id), table_id))
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.rows += batch.num_rows() as u64;
        let full = self.packed.add(batch)?;
        self.send(full)
    }

    /// A job of its own name adds each file once, whatever becomes of requests.
    fn send(&mut self, file: Option<Vec<u8>>) -> Result<(), EngineError> {
        let Some(file) = file else { return Ok(()) };
        let TableName { project_id, dataset_id, table_id } = &self.name;
        let configuration = json!({"load": {
            "destinationTable": {"projectId": project_id, "datasetId": dataset_id, "tableId": table_id},
            "sourceFormat": "PARQUET",
            "parquetOptions": {"enableListInference": true},
            "schema": {"fields": self.declared},
            "createDisposition": "CREATE_NEVER",
            "writeDisposition": "WRITE_APPEND",
        }});
        let configuration = labelled(configuration, self.comment.as_deref());
        let asked = Asked { configuration, file: Some(&file), statement: None };
        let done = run(&self.shared.api, &asked, &self.stop)?;
        if let Some(came) = number(done.job.statistics.load.output_rows.as_ref()) {
            all_came(self.rows - self.sent, came)?;
        }
        self.sent = self.rows;
        Ok(())
    }

    /// Sends what is left.
    fn finish(&mut self) -> Result<(), EngineError> {
        let rest = self.packed.rest()?;
        self.send(rest)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // One that can't be dropped ends by itself.
        drop(self.shared.api.drop_table(&self.name, &Stop::default()));
    }
}

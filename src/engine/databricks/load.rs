//! Rows in memory and seed files into tables: as Parquet through a volume, which a statement then reads.

use super::handle::DatabricksConnection;
use crate::dialect::{Create, Databricks, Dialect, RelationKind, Statement, spark_type};
use crate::engine::exact::exact;
use crate::engine::rest::{Packed, Stop, unwritten};
use crate::engine::seed::{self, Column, Parquet, Seed, Texts, declared, of_file, unchanged};
use crate::engine::spark_sql::stored;
use crate::engine::{Content, EngineError, ErrorKind, Load, Measures, SeedContent};
use crate::name::RelationName;
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::{Arc, PoisonError};

/// The volume of the profile's schema that rows go through.
const VOLUME: &str = "_ff_stage";
/// What a file says of itself whose dates are those of the calendar that counts back without a break. Of one that doesn't
/// say it, Spark reads no date before 1582.
const CALENDAR: (&str, &str) = ("org.apache.spark.version", "3.0.0");
/// The column that numbers a seed's rows.
const ROW: &str = "r";

pub(super) fn load(connection: &mut DatabricksConnection, load: &Load<'_>) -> Result<Measures, EngineError> {
    match load.content {
        Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
        Content::Arrow { schema, batches } => {
            let table = Table::new(schema, &[])?;
            let batches = batches.iter().cloned().map(Ok);
            Ok(Measures::default().with_rows(table.load(connection, load, &[], batches)?))
        }
        Content::Seed(content) => {
            let rows =
                if content.parquet { parquet(connection, load, content)? } else { csv(connection, load, content)? };
            Ok(Measures::default().with_rows(rows).with_bytes(seed::size(content)?))
        }
    }
}

/// A table that rows become.
struct Table {
    /// As the files have the columns: numbered, since Parquet doesn't take every name.
    staged: SchemaRef,
    /// Each column as a query has it.
    columns: Vec<String>,
}

impl Table {
    /// Of rows with types of their own; `types` are declared.
    fn new(schema: &Schema, types: &[(String, &str)]) -> Result<Table, EngineError> {
        if schema.fields().is_empty() {
            return Err(EngineError::new(ErrorKind::Statement, "a table without columns can't be made"));
        }
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (at, field) in schema.fields().iter().enumerate() {
            let (kind, word) = stored(field.data_type()).map_err(|words| {
                EngineError::new(ErrorKind::Statement, format!("column `{}`: {words}", field.name()))
            })?;
            let declared = types.iter().find(|(name, _)| name == field.name());
            let word = declared.map_or(word, |(_, declared)| spark_type(declared).to_string());
            columns.push(format!("cast(c{at} as {word}) as {}", Databricks::DELTA.quote(field.name())));
            fields.push(Field::new(format!("c{at}"), kind, true));
        }
        Ok(Table { staged: Arc::new(Schema::new(fields)), columns })
    }

    /// Of a seed's texts.
    fn of_texts(seed: &Seed<'_>) -> Table {
        let text = |(at, column): (usize, &Column)| {
            let (kind, name) = (spark_type(&column.sql_type).to_string(), Databricks::DELTA.quote(&column.name));
            format!("cast(c{at} as {kind}) as {name}")
        };
        let names = (0..seed.columns.len()).map(|at| Field::new(format!("c{at}"), DataType::Utf8, true));
        let fields = names.chain([Field::new(ROW, DataType::Int64, false)]);
        let columns = seed.columns.iter().enumerate().map(text).collect();
        Table { staged: Arc::new(Schema::new(fields.collect::<Vec<_>>())), columns }
    }

    /// Makes the table, with the `added` columns behind its own; the number of its rows.
    fn load(
        &self,
        connection: &mut DatabricksConnection,
        load: &Load<'_>,
        added: &[String],
        batches: impl Iterator<Item = Result<RecordBatch, EngineError>>,
    ) -> Result<u64, EngineError> {
        let mut stage = Stage::new(connection, load.into, self.staged.clone())?;
        for batch in batches {
            stage.add(&self.cast(&batch?)?)?;
        }
        let (source, rows) = stage.finish()?;
        self.make(connection, load, added, &source)?;
        drop(stage);
        Ok(rows)
    }

    fn make(
        &self,
        connection: &DatabricksConnection,
        load: &Load<'_>,
        added: &[String],
        source: &str,
    ) -> Result<(), EngineError> {
        let columns: Vec<&str> = self.columns.iter().chain(added).map(String::as_str).collect();
        let query = format!("select {} from {source}", columns.join(", "));
        let create = Create::new(RelationKind::Table, load.into, &query).replacing();
        let create = Create { mark: load.mark.as_deref(), layout: load.layout, ..create };
        let create = connection.shared.dialect.create(&create);
        let made = connection.execute(&Statement::query(create.text), super::api::Form::Inline);
        made.map(drop).map_err(|error| EngineError { position: None, ..error })
    }

    /// A batch as files have it.
    fn cast(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let column = |(at, array): (usize, &ArrayRef)| {
            exact(array, self.staged.field(at).data_type()).map_err(|error| {
                let name = batch.schema().field(at).name().clone();
                EngineError::new(ErrorKind::Statement, format!("column `{name}`: {error}"))
            })
        };
        let columns = batch.columns().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(self.staged.clone(), columns).map_err(unwritten)
    }
}

/// A seed's rows, as text that the warehouse makes values of. What a declared type doesn't hold is told with its place.
fn csv(connection: &mut DatabricksConnection, load: &Load<'_>, content: &SeedContent<'_>) -> Result<u64, EngineError> {
    let seed = Seed::read(content)?;
    let table = Table::of_texts(&seed);
    let mut stage = Stage::new(connection, load.into, table.staged.clone())?;
    let mut batches = seed.batches()?;
    let mut first = 0;
    while let Some(batch) = batches.next()? {
        let numbers = Int64Array::from_iter_values(first..first + batch.num_rows() as i64);
        first += batch.num_rows() as i64;
        let columns = batch.columns().iter().cloned().chain([Arc::new(numbers) as ArrayRef]).collect();
        stage.add(&RecordBatch::try_new(table.staged.clone(), columns).map_err(unwritten)?)?;
    }
    let (source, rows) = stage.finish()?;
    let made = table.make(connection, load, &added(content), &source);
    let made = made.map_err(|error| {
        let tried = |at: usize, column: &Column| {
            (format!("c{at}"), format!("try_cast(c{at} as {})", spark_type(&column.sql_type)))
        };
        let texts = Texts { text_type: Databricks::DELTA.text_type(), row: ROW, tried: &tried };
        let query = |firsts: &str| format!("select {firsts} from {source}");
        let ask = |firsts: &str| connection.texts(&query(firsts)).ok()?.into_iter().next();
        seed.explained(as_declared(content, error), || seed.first_unfit(&texts, ask))
    });
    drop(stage);
    made.map(|()| rows)
}

/// An error with the types as they are declared: Spark shouts those that it doesn't know.
fn as_declared(content: &SeedContent<'_>, error: EngineError) -> EngineError {
    let types = content.types.iter().map(|(_, declared)| declared.trim());
    let message = types.fold(error.message, |text, declared| text.replace(&declared.to_uppercase(), declared));
    EngineError { message, ..error }
}

/// The rows of a Parquet file, whose types are changed to the declared ones.
fn parquet(
    connection: &mut DatabricksConnection,
    load: &Load<'_>,
    content: &SeedContent<'_>,
) -> Result<u64, EngineError> {
    unchanged(content, || {
        let file = Parquet::open(content)?;
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let table = Table::new(&file.schema, &declared(content, &names)?).map_err(|error| of_file(content, error))?;
        let rows = table.load(connection, load, &added(content), file.batches());
        rows.map_err(|error| of_file(content, error))
    })
}

/// The columns that fft adds, as a query has them.
fn added(content: &SeedContent<'_>) -> Vec<String> {
    let text = Databricks::DELTA.text_type();
    let column = |(name, value): &(&str, &str)| {
        format!("cast({} as {text}) as {}", Databricks::DELTA.string_literal(value), Databricks::DELTA.quote(name))
    };
    let loaded = |name: &str| {
        let kind = spark_type("timestamp");
        format!("cast(current_timestamp as {kind}) as {}", Databricks::DELTA.quote(name))
    };
    content.text_columns.iter().map(column).chain(content.loaded_at_column.map(loaded)).collect()
}

/// Files of the volume that belong to one table, deleted with this.
struct Stage {
    shared: Arc<super::handle::Shared>,
    stop: Stop,
    /// The path of each file, but for its number.
    path: String,
    packed: Packed,
    files: usize,
    rows: u64,
}

impl Stage {
    fn new(
        connection: &mut DatabricksConnection,
        into: &RelationName,
        schema: SchemaRef,
    ) -> Result<Stage, EngineError> {
        let (shared, home) = (connection.shared.clone(), &connection.shared.home);
        let volume = RelationName::new(Some(&home.catalog), Some(&home.schema), VOLUME);
        // Spark reads no file whose name begins with an underscore.
        let name = into.name.trim_start_matches('_');
        let path = format!("/Volumes/{}/{}/{VOLUME}/{name}", home.catalog, home.schema);
        {
            let mut staged = shared.staged.lock().unwrap_or_else(PoisonError::into_inner);
            if !*staged {
                let create = format!("create volume if not exists {}", Databricks::DELTA.relation(&volume));
                connection.send(&create.into()).map_err(|error| {
                    let grant = format!("CREATE VOLUME on the schema {}.{}", volume_part(&volume.catalog), volume_part(&volume.schema));
                    let hint = format!("rows go through the volume {VOLUME} there: grant {grant}, or make it and grant READ VOLUME and WRITE VOLUME on it");
                    if error.kind == ErrorKind::Statement { error.hint(hint) } else { error }
                })?;
                *staged = true;
            }
        }
        let packed = Packed::new(schema, Some(CALENDAR));
        Ok(Stage { shared, stop: connection.stop.clone(), path, packed, files: 0, rows: 0 })
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.rows += batch.num_rows() as u64;
        let full = self.packed.add(batch)?;
        self.put(full)
    }

    fn put(&mut self, file: Option<Vec<u8>>) -> Result<(), EngineError> {
        let Some(bytes) = file else { return Ok(()) };
        let path = self.file(self.files);
        self.files += 1;
        self.shared.api.put(&path, bytes, &self.stop).map_err(|error| {
            let hint = format!(
                "rows go through the volume {VOLUME} of the profile's schema: grant READ VOLUME and WRITE VOLUME on it"
            );
            if error.kind == ErrorKind::Settings { error.hint(hint) } else { error }
        })
    }

    fn file(&self, number: usize) -> String {
        format!("{}-{number}.parquet", self.path)
    }

    /// All files as a query reads them, and their rows. There is one at least, for its columns.
    fn finish(&mut self) -> Result<(String, u64), EngineError> {
        if self.files == 0 {
            self.packed.begin()?;
        }
        let rest = self.packed.rest()?;
        self.put(rest)?;
        let path = if self.files == 1 { self.file(0) } else { format!("{}-*.parquet", self.path) };
        Ok((format!("parquet.`{path}`"), self.rows))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // One that can't be deleted is written over by the next build of this relation.
        for number in 0..self.files {
            drop(self.shared.api.delete(&self.file(number), &Stop::default()));
        }
    }
}

fn volume_part(part: &Option<String>) -> &str {
    part.as_deref().unwrap_or_default()
}

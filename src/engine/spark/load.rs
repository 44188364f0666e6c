//! Rows that no query gives into a table, a batch at a time: a temporary view of each, from which the table is made and
//! filled.

use super::client::relation;
use super::handle::SparkConnection;
use crate::dialect::{Create, Dialect, RelationKind, Spark, Statement, spark_type};
use crate::engine::exact::exact;
use crate::engine::seed::{Column, Parquet, Seed, declared, failed, of_file, size, unchanged};
use crate::engine::spark_sql::stored;
use crate::engine::{Content, EngineError, ErrorKind, Load, Measures, SeedContent};
use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use arrow::ipc::writer::StreamWriter;
use spark_connect_proto::plan::OpType;
use spark_connect_proto::relation::RelType;
use spark_connect_proto::{Command, CreateDataFrameViewCommand, LocalRelation, command};
use std::sync::Arc;

/// The temporary view, which is the session's own.
const ROWS: &str = "_ff_rows";
/// A column of it: which row of the batch this is, from 0.
const PLACE: &str = "_ff_place";

/// Bytes of a batch as it is sent, by and large.
const BYTES: usize = 16 << 20;

pub fn load(connection: &mut SparkConnection, load: &Load<'_>) -> Result<Measures, EngineError> {
    match load.content {
        Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
        Content::Arrow { schema, batches } => {
            let columns = Columns::of(schema)?;
            let mut filling = Filling::new(connection, load, columns.select(&[]));
            filling.add_pieces(&columns.stored(&RecordBatch::new_empty(schema.clone()))?)?;
            batches.iter().try_for_each(|batch| filling.add_pieces(&columns.stored(batch)?))?;
            filling.end()
        }
        Content::Seed(content) if content.parquet => load_parquet(connection, load, content),
        Content::Seed(content) => load_csv(connection, load, &Seed::read(content)?),
    }
}

fn load_csv(connection: &mut SparkConnection, load: &Load<'_>, seed: &Seed<'_>) -> Result<Measures, EngineError> {
    let dialect = connection.settings.dialect.clone();
    let values: Vec<String> = seed.columns.iter().map(|column| value(&dialect, column)).collect();
    let select = format!("{}{}", values.join(", "), added(&dialect, seed.content));
    let mut filling = Filling::new(connection, load, select);
    let mut batches = seed.batches()?;
    loop {
        let first = batches.rows;
        let Some(batch) = batches.next()? else { break };
        for at in (0..batch.num_rows().max(1)).step_by(rows_of_a_piece(&batch)) {
            let piece = batch.slice(at, rows_of_a_piece(&batch).min(batch.num_rows() - at));
            let added = filling.add(&with_place(&piece));
            added.map_err(|error| refused(filling.connection, seed, first + at as u64, error))?;
        }
    }
    Ok(filling.end()?.with_bytes(size(seed.content)?))
}

fn load_parquet(
    connection: &mut SparkConnection,
    load: &Load<'_>,
    content: &SeedContent<'_>,
) -> Result<Measures, EngineError> {
    let dialect = connection.settings.dialect.clone();
    unchanged(content, || {
        let file = Parquet::open(content)?;
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let types = declared(content, &names)?;
        let columns = Columns::of(&file.schema).map_err(|error| of_file(content, error))?;
        let select = format!("{}{}", columns.select(&types), added(&dialect, content));
        let mut filling = Filling::new(connection, load, select);
        let mut add = |batch: RecordBatch| filling.add_pieces(&columns.stored(&batch)?);
        add(RecordBatch::new_empty(file.schema.clone())).map_err(|error| of_file(content, error))?;
        for batch in file.batches() {
            let batch = batch?;
            add(batch).map_err(|error| of_file(content, error))?;
        }
        Ok(filling.end()?.with_bytes(size(content)?))
    })
}

/// Columns as Spark stores them.
struct Columns {
    schema: SchemaRef,
}

impl Columns {
    fn of(schema: &SchemaRef) -> Result<Columns, EngineError> {
        if schema.fields().is_empty() {
            return Err(failed("a table needs a column, and there is none".into(), None));
        }
        let field = |field: &Arc<Field>| match stored(field.data_type()) {
            Ok((kind, _)) => Ok(Field::new(field.name(), kind, true)),
            Err(words) => Err(failed(format!("column \"{}\": {words}", field.name()), None)),
        };
        let fields: Vec<Field> = schema.fields().iter().map(field).collect::<Result<_, _>>()?;
        Ok(Columns { schema: Arc::new(Schema::new(fields)) })
    }

    /// What is selected of a batch, with declared types.
    fn select(&self, types: &[(String, &str)]) -> String {
        let column = |field: &Arc<Field>| {
            let quoted = Spark::default().quote(field.name());
            match types.iter().find(|(declared, _)| declared == field.name()) {
                Some((_, sql_type)) => format!("cast({quoted} as {}) as {quoted}", spark_type(sql_type)),
                None => quoted,
            }
        };
        self.schema.fields().iter().map(column).collect::<Vec<_>>().join(", ")
    }

    /// A batch with each value as it is, or an error that names the column.
    fn stored(&self, batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
        let cast = |(column, field): (&ArrayRef, &Arc<Field>)| {
            exact(column, field.data_type())
                .map_err(|error| failed(format!("column \"{}\": {error}", field.name()), None))
        };
        let columns = batch.columns().iter().zip(self.schema.fields()).map(cast).collect::<Result<_, _>>()?;
        Ok(RecordBatch::try_new(self.schema.clone(), columns).expect("invariant: columns as before, of these types"))
    }
}

/// A table that is being filled.
struct Filling<'a> {
    connection: &'a mut SparkConnection,
    load: &'a Load<'a>,
    /// What is selected of each batch.
    select: String,
    made: bool,
    rows: u64,
}

impl<'a> Filling<'a> {
    fn new(connection: &'a mut SparkConnection, load: &'a Load<'a>, select: String) -> Filling<'a> {
        Filling { connection, load, select, made: false, rows: 0 }
    }

    /// Adds a batch in pieces that a message can hold.
    fn add_pieces(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let rows = rows_of_a_piece(batch);
        let pieces = (0..batch.num_rows().max(1)).step_by(rows);
        pieces.into_iter().try_for_each(|at| self.add(&batch.slice(at, rows.min(batch.num_rows() - at))))
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.connection.view(batch)?;
        let query = format!("select {} from {ROWS}", self.select);
        let statement = if self.made {
            let into = self.connection.dialect().relation(self.load.into);
            Statement::from(format!("insert into {into} {query}"))
        } else {
            self.connection.dialect().create(&Create {
                mark: self.load.mark.as_deref(),
                layout: self.load.layout,
                ..Create::new(RelationKind::Table, self.load.into, &query)
            })
        };
        self.connection.send(&statement)?;
        self.made = true;
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn end(self) -> Result<Measures, EngineError> {
        self.connection.send(&format!("drop view if exists {ROWS}").into())?;
        let dialect = self.connection.dialect();
        if dialect.table_format(self.load.layout).is_some_and(|format| !dialect.is_replaceable(format)) {
            self.connection.analyze(self.load.into)?;
        }
        Ok(Measures::default().with_rows(self.rows))
    }
}

impl SparkConnection {
    /// Makes the temporary view of a batch.
    fn view(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let data = stream(batch)
            .map_err(|error| EngineError::new(ErrorKind::Statement, format!("these rows can't be sent: {error}")))?;
        let local = LocalRelation { data: Some(data.into()), ..Default::default() };
        let view = CreateDataFrameViewCommand {
            input: Some(relation(RelType::LocalRelation(local))),
            name: ROWS.into(),
            is_global: false,
            replace: true,
        };
        let command = Command { command_type: Some(command::CommandType::CreateDataframeView(view)) };
        self.execute(OpType::Command(command), &Statement::default(), &mut |_| Ok(())).map(drop)
    }
}

fn stream(batch: &RecordBatch) -> Result<Vec<u8>, arrow::error::ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

fn rows_of_a_piece(batch: &RecordBatch) -> usize {
    let pieces = batch.get_array_memory_size().div_ceil(BYTES).max(1);
    batch.num_rows().div_ceil(pieces).max(1)
}

/// A batch with the place of each row in it.
fn with_place(batch: &RecordBatch) -> RecordBatch {
    let places = Int64Array::from_iter_values(0..batch.num_rows() as i64);
    let place = Arc::new(Field::new(PLACE, DataType::Int64, false));
    let fields: Vec<_> = batch.schema_ref().fields().iter().cloned().chain([place]).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let columns: Vec<ArrayRef> = batch.columns().iter().cloned().chain([Arc::new(places) as ArrayRef]).collect();
    RecordBatch::try_new(schema, columns).expect("invariant: a place for each row")
}

/// A column's value from its text.
fn value(dialect: &dyn Dialect, column: &Column) -> String {
    let name = dialect.quote(&column.name);
    format!("cast({name} as {}) as {name}", spark_type(&column.sql_type))
}

fn added(dialect: &dyn Dialect, content: &SeedContent<'_>) -> String {
    let texts = content.text_columns.iter().map(|(name, value)| (*name, dialect.string_literal(value)));
    let now = content
        .loaded_at_column
        .map(|name| (name, format!("timestamp_ntz '{}'", content.world.now().strftime("%Y-%m-%d %H:%M:%S%.6f"))));
    texts.chain(now).map(|(name, value)| format!(", {value} as {}", dialect.quote(name))).collect()
}

/// Why a batch that begins with the row `first` was refused.
fn refused(connection: &mut SparkConnection, seed: &Seed<'_>, first: u64, error: EngineError) -> EngineError {
    if error.kind != ErrorKind::Statement {
        return error;
    }
    let unfit = |(at, column): (usize, &Column)| {
        let name = connection.dialect().quote(&column.name);
        let sql = format!(
            "select min({PLACE}) as place from {ROWS} where {name} is not null and try_cast({name} as {}) is null",
            spark_type(&column.sql_type)
        );
        let mut place = None;
        let told = connection.select(&sql.as_str().into(), &mut |batch| {
            let column = batch.column(0).as_primitive_opt::<Int64Type>();
            place = place.or(column.and_then(|column| column.iter().next().flatten()));
            Ok(())
        });
        told.ok()?;
        Some((u64::try_from(place?).ok()?, at))
    };
    let declared = seed.columns.iter().enumerate().filter(|(_, column)| column.declared);
    match declared.filter_map(unfit).min() {
        Some((row, column)) => seed.unfit(first + row, column),
        None => of_file(seed.content, error),
    }
}

//! Rows in memory and seed files into tables: as JSON in bindings of statements, part by part.

use super::handle::SnowflakeConnection;
use super::text::{self, Way, raw, texts, value};
use crate::dialect::{Create, Dialect, Layout, LetterCase, RelationKind, Snowflake, Statement};
use crate::engine::seed::{self, Column, Parquet, Seed, Texts, declared, of_file, unchanged};
use crate::engine::{Content, EngineError, ErrorKind, Load, Measures, SeedContent, all_came};
use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Schema;
use std::collections::BTreeSet;

/// Bytes of a binding, beyond which another statement takes what follows; few where tests are to see several.
const PART: usize = if cfg!(test) { 1 << 19 } else { 4 << 20 };

/// A part's rows, each an element of a list.
const ROWS: &str = "table(flatten(input => parse_json(?)))";

pub(super) fn load(connection: &mut SnowflakeConnection, load: &Load<'_>) -> Result<Measures, EngineError> {
    match load.content {
        Content::Query(_) => unreachable!("invariant: a query isn't loaded"),
        Content::Arrow { schema, batches } => {
            let ways = ways(schema)?;
            let columns = columns(schema, &ways, &[]);
            let mut parts = Parts::new(connection, load, columns)?;
            batches.iter().try_for_each(|batch| parts.add(batch, &ways))?;
            Ok(Measures::default().with_rows(parts.finish()?))
        }
        Content::Seed(content) => {
            let rows =
                if content.parquet { parquet(connection, load, content)? } else { csv(connection, load, content)? };
            Ok(Measures::default().with_rows(rows).with_bytes(seed::size(content)?))
        }
    }
}

/// How the values of each column go.
fn ways(schema: &Schema) -> Result<Vec<Way>, EngineError> {
    let one = |field: &std::sync::Arc<arrow::datatypes::Field>| {
        text::way(field.data_type()).map_err(|words| failed(format!("column `{}`: {words}", field.name())))
    };
    schema.fields().iter().map(one).collect()
}

/// The columns of a table of rows with types of their own; `types` are declared.
fn columns(schema: &Schema, ways: &[Way], types: &[(String, &str)]) -> Vec<(String, String)> {
    let column = |(at, way): (usize, &Way)| {
        let name = schema.field(at).name();
        let declared = types.iter().find(|(declared, _)| declared == name).map(|(_, word)| *word);
        (name.clone(), value(&element(at), declared.unwrap_or(&way.word), way.nested && declared.is_none()))
    };
    ways.iter().enumerate().map(column).collect()
}

/// A row's value.
fn element(at: usize) -> String {
    format!("value[{at}]")
}

/// A table under way: its rows in parts, each of which a statement takes.
struct Parts<'a> {
    connection: &'a mut SnowflakeConnection,
    load: &'a Load<'a>,
    /// What makes a row of an element.
    select: String,
    /// The part that is being written.
    text: String,
    /// Rows of the parts that were sent.
    sent: u64,
    rows: u64,
    made: bool,
    /// More than one part was sent.
    several: bool,
}

impl<'a> Parts<'a> {
    /// `columns`: names, each with what makes its value.
    fn new(
        connection: &'a mut SnowflakeConnection,
        load: &'a Load<'a>,
        columns: Vec<(String, String)>,
    ) -> Result<Parts<'a>, EngineError> {
        if columns.is_empty() {
            return Err(failed("a table without columns can't be made"));
        }
        let mut names = BTreeSet::new();
        if let Some((name, _)) = columns.iter().find(|(name, _)| !names.insert(LetterCase::Raised.found(name))) {
            return Err(failed(format!("duplicate column name `{name}`")));
        }
        let column = |(name, value): &(String, String)| format!("{value} as {}", Snowflake.quote(name));
        let select = columns.iter().map(column).collect::<Vec<_>>().join(", ");
        Ok(Parts { connection, load, select, text: String::new(), sent: 0, rows: 0, made: false, several: false })
    }

    fn add(&mut self, batch: &RecordBatch, ways: &[Way]) -> Result<(), EngineError> {
        let schema = batch.schema();
        let column = |(at, array)| texts(schema.field(at).name(), array, &ways[at]);
        let columns = batch.columns().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
        (0..batch.num_rows()).try_for_each(|row| self.row(columns.iter().map(|column| column[row].as_deref())))
    }

    /// One row, of JSON values.
    fn row<'b>(&mut self, values: impl Iterator<Item = Option<&'b str>>) -> Result<(), EngineError> {
        if self.text.len() > PART {
            self.send()?;
        }
        self.text.push(if self.text.is_empty() { '[' } else { ',' });
        for (at, value) in values.enumerate() {
            self.text.push(if at == 0 { '[' } else { ',' });
            self.text.push_str(value.unwrap_or("null"));
        }
        self.text.push(']');
        self.rows += 1;
        Ok(())
    }

    /// Sends the part that was written: the first makes the table, others add to it.
    fn send(&mut self) -> Result<(), EngineError> {
        let part = self.part();
        let query = format!("select {} from {ROWS}", self.select);
        let into = self.load.into;
        let text = if self.made {
            format!("insert into {} {query}", Snowflake.relation(into))
        } else {
            // What is on its way needs nothing that restores it.
            let layout = Some(&Layout { transient: true, ..Layout::default() });
            let mark = self.load.mark.as_deref();
            let create = Create::new(RelationKind::Table, into, &query).replacing();
            Snowflake.create(&Create { mark, layout, ..create }).text
        };
        // As a model's: known by its number at once, since it may take long.
        let statement = self.load.commented(Statement::query(text)).with(vec![Some(part)]);
        let done = self.connection.execute(&statement).map_err(|error| EngineError { position: None, ..error })?;
        if let Some(stats) = done.stats.filter(|_| self.made) {
            all_came(self.rows - self.sent, stats.num_rows_inserted)?;
        }
        self.several = self.made;
        self.made = true;
        self.sent = self.rows;
        self.text.clear();
        Ok(())
    }

    fn part(&self) -> String {
        if self.text.is_empty() { "[]".into() } else { format!("{}]", self.text) }
    }

    /// The number of rows, once all are there. There is one part at least, for its columns. Of one alone nothing can be
    /// missing, since a statement does all or nothing; of several they are counted.
    fn finish(&mut self) -> Result<u64, EngineError> {
        if !self.made || !self.text.is_empty() {
            self.send()?;
        }
        if self.several {
            all_came(self.rows, self.connection.rows_of(self.load.into)?)?;
        }
        Ok(self.rows)
    }
}

/// A seed's rows, as texts that the account makes values of. What a declared type doesn't hold is told with its place.
fn csv(connection: &mut SnowflakeConnection, load: &Load<'_>, content: &SeedContent<'_>) -> Result<u64, EngineError> {
    let seed = Seed::read(content)?;
    let column = |(at, column): (usize, &Column)| (column.name.clone(), value(&element(at), &column.sql_type, false));
    let columns = seed.columns.iter().enumerate().map(column).chain(added(content)).collect();
    let mut parts = Parts::new(connection, load, columns)?;
    let mut batches = seed.batches()?;
    while let Some(batch) = batches.next()? {
        let columns: Vec<_> = batch.columns().iter().map(|column| column.as_string::<i32>()).collect();
        for row in 0..batch.num_rows() {
            let text = |column: &&StringArray| column.is_valid(row).then(|| raw(column.value(row)));
            let values: Vec<Option<String>> = columns.iter().map(text).collect();
            let added = parts.row(values.iter().map(Option::as_deref));
            added.map_err(|error| told(&mut parts, &seed, error))?;
        }
    }
    parts.finish().map_err(|error| told(&mut parts, &seed, error))
}

/// Why a part wasn't taken, as an error of the seed.
fn told(parts: &mut Parts<'_>, seed: &Seed<'_>, error: EngineError) -> EngineError {
    let sent = parts.sent;
    let tried = |at: usize, column: &Column| {
        let (text, kind) = (format!("cast({} as varchar)", element(at)), Snowflake.type_name(&column.sql_type));
        let value = format!("try_cast({text} as {kind})");
        (text, value)
    };
    let texts = Texts { text_type: Snowflake.text_type(), row: "index", tried: &tried };
    let ask = |firsts: &str| {
        let query = Statement::from(format!("select {firsts} from {ROWS}")).with(vec![Some(parts.part())]);
        parts.connection.texts_of(&query).ok()?.into_iter().next()
    };
    seed.explained(error, || seed.first_unfit(&texts, ask).map(|(row, column)| (sent + row, column)))
}

/// The rows of a Parquet file, whose types are changed to the declared ones.
fn parquet(
    connection: &mut SnowflakeConnection,
    load: &Load<'_>,
    content: &SeedContent<'_>,
) -> Result<u64, EngineError> {
    unchanged(content, || {
        let file = Parquet::open(content)?;
        let names: Vec<String> = file.schema.fields().iter().map(|field| field.name().clone()).collect();
        let ways = ways(&file.schema).map_err(|error| of_file(content, error))?;
        let columns = columns(&file.schema, &ways, &declared(content, &names)?).into_iter().chain(added(content));
        let mut parts = Parts::new(connection, load, columns.collect())?;
        for batch in file.batches() {
            parts.add(&batch?, &ways).map_err(|error| of_file(content, error))?;
        }
        parts.finish().map_err(|error| of_file(content, error))
    })
}

/// The columns that fft adds: the same text in every row.
fn added(content: &SeedContent<'_>) -> Vec<(String, String)> {
    let cast = |text: &str, word: &str| format!("cast({} as {word})", Snowflake.string_literal(text));
    let column = |(name, text): &(&str, &str)| (name.to_string(), cast(text, Snowflake.text_type()));
    // Several statements have several times.
    let now = content.world.now().strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
    let loaded = |name: &str| (name.to_string(), cast(&now, "timestamp_ntz"));
    content.text_columns.iter().map(column).chain(content.loaded_at_column.map(loaded)).collect()
}

fn failed(words: impl Into<String>) -> EngineError {
    EngineError::new(ErrorKind::Statement, words)
}

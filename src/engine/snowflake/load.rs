//! Rows in memory and seed files into tables: as JSON in bindings of statements, part by part.

use super::handle::SnowflakeConnection;
use super::text::{self, Way, raw, texts, value};
use crate::dialect::{Create, Dialect, Layout, LetterCase, RelationKind, Snowflake, Statement};
use crate::engine::seed::{self, Column, Parquet, Seed, declared, unchanged};
use crate::engine::{Content, EngineError, ErrorKind, Load, Measures, SeedContent};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Schema;
use std::collections::BTreeSet;

/// Bytes of a binding, beyond which another statement takes what follows; few where tests are to see several.
const PART: usize = if cfg!(test) { 1 << 19 } else { 4 << 20 };

/// A part's rows, each an element of a list.
const ROWS: &str = "table(flatten(input => parse_json(?)))";

/// Declared types with fewer whole numbers than the account's own have: the least and the greatest.
const WHOLE: &[(&str, i128, i128)] = &[
    ("bigint", i64::MIN as i128, i64::MAX as i128),
    ("byteint", i8::MIN as i128, i8::MAX as i128),
    ("int", i32::MIN as i128, i32::MAX as i128),
    ("int2", i16::MIN as i128, i16::MAX as i128),
    ("int4", i32::MIN as i128, i32::MAX as i128),
    ("int8", i64::MIN as i128, i64::MAX as i128),
    ("integer", i32::MIN as i128, i32::MAX as i128),
    ("long", i64::MIN as i128, i64::MAX as i128),
    ("smallint", i16::MIN as i128, i16::MAX as i128),
    ("tinyint", i8::MIN as i128, i8::MAX as i128),
    ("ubigint", 0, u64::MAX as i128),
    ("uinteger", 0, u32::MAX as i128),
    ("usmallint", 0, u16::MAX as i128),
    ("utinyint", 0, u8::MAX as i128),
];

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
        Ok(Parts { connection, load, select, text: String::new(), sent: 0, rows: 0, made: false })
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
        let statement = Statement::query(text).with(vec![Some(part)]);
        self.connection.execute(&statement).map_err(|error| EngineError { position: None, ..error })?;
        self.made = true;
        self.sent = self.rows;
        self.text.clear();
        Ok(())
    }

    fn part(&self) -> String {
        if self.text.is_empty() { "[]".into() } else { format!("{}]", self.text) }
    }

    /// The number of rows, once all are there. There is one part at least, for its columns.
    fn finish(mut self) -> Result<u64, EngineError> {
        if !self.made || !self.text.is_empty() {
            self.send()?;
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
    let ranges: Vec<_> = seed.columns.iter().map(range).collect();
    let told = |parts: &mut Parts<'_>, error: EngineError| match unfit(parts, &seed) {
        Some((row, column)) if error.kind == ErrorKind::Statement => seed.unfit(row, column),
        _ => of_file(content, error),
    };
    let mut batches = seed.batches()?;
    while let Some(batch) = batches.next()? {
        let columns: Vec<_> = batch.columns().iter().map(|column| column.as_string::<i32>()).collect();
        for row in 0..batch.num_rows() {
            let texts: Vec<Option<&str>> =
                columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect();
            if let Some(at) = (0..texts.len()).find(|at| is_beyond(texts[*at], ranges[*at])) {
                return Err(seed.unfit(parts.rows, at));
            }
            let values: Vec<Option<String>> = texts.iter().map(|text| text.map(raw)).collect();
            let added = parts.row(values.iter().map(Option::as_deref));
            added.map_err(|error| told(&mut parts, error))?;
        }
    }
    if !parts.made || !parts.text.is_empty() {
        parts.send().map_err(|error| told(&mut parts, error))?;
    }
    Ok(parts.rows)
}

/// The least and the greatest of a declared type that the account has only a wider one for.
fn range(column: &Column) -> Option<(i128, i128)> {
    let word = column.sql_type.trim();
    let known = WHOLE.iter().find(|(known, ..)| column.declared && known.eq_ignore_ascii_case(word));
    known.map(|(_, least, greatest)| (*least, *greatest))
}

fn is_beyond(text: Option<&str>, range: Option<(i128, i128)>) -> bool {
    let number = text.and_then(|text| text.parse::<i128>().ok());
    number.zip(range).is_some_and(|(number, (least, greatest))| number < least || number > greatest)
}

/// The first value of the part that wasn't taken which its declared type doesn't hold: row and column.
fn unfit(parts: &mut Parts<'_>, seed: &Seed<'_>) -> Option<(u64, usize)> {
    let declared: Vec<usize> = (0..seed.columns.len()).filter(|at| seed.columns[*at].declared).collect();
    if declared.is_empty() {
        return None;
    }
    let one = |at: &usize| {
        let (text, kind) =
            (format!("cast({} as varchar)", element(*at)), Snowflake.type_name(&seed.columns[*at].sql_type));
        format!("min(case when {text} is not null and try_cast({text} as {kind}) is null then index end) as c{at}")
    };
    let firsts: Vec<String> = declared.iter().map(one).collect();
    let query = Statement::from(format!("select {} from {ROWS}", firsts.join(", "))).with(vec![Some(parts.part())]);
    let row = parts.connection.texts_of(&query).ok()?.into_iter().next()?;
    let found = row.into_iter().zip(declared).filter_map(|(row, column)| Some((row?.parse::<u64>().ok()?, column)));
    found.min().map(|(row, column)| (parts.sent + row, column))
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

/// An error as one of the seed file.
fn of_file(content: &SeedContent<'_>, error: EngineError) -> EngineError {
    match error.kind {
        ErrorKind::Statement if !error.message.starts_with(content.path) => {
            EngineError { message: format!("{}: {}", content.path, error.message), ..error }
        }
        _ => error,
    }
}

fn failed(words: impl Into<String>) -> EngineError {
    EngineError::new(ErrorKind::Statement, words)
}

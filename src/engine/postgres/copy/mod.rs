//! Arrow batches into Postgres and out of it, by `COPY` in its binary form.
//!
//! In: a column of a type that Postgres lacks is brought to the nearest that it has (dictionaries to their values,
//! untyped nulls to integers, unsigned integers to a wider type, structs, maps and nested lists to `jsonb`). Out: what
//! Arrow has no type for comes as Postgres's text of it.

mod decode;
mod encode;
mod numeric;

use super::error::located;
use crate::dialect::{Dialect, Postgres, Statement};
use crate::engine::{EngineError, ErrorKind, TakeBatch};
use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use ::postgres::Client;
use ::postgres::types::Type;
use encode::Column;
use std::io::{self, Write};

/// What a binary copy begins with: signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Bytes that are sent at a time.
const CHUNK: usize = 1 << 16;

/// A table that can be stored.
pub(super) struct Table {
    /// Of the columns as Arrow has them, for errors.
    names: Vec<String>,
    /// Name and type, in order.
    columns: Vec<(String, String)>,
}

impl Table {
    /// Checks that every column can be stored.
    pub fn new(schema: &SchemaRef) -> Result<Table, EngineError> {
        if schema.fields().is_empty() {
            return Err(invalid("the rows have no columns".into()));
        }
        let column = |field: &::arrow::datatypes::FieldRef| {
            let sql_type = encode::sql_type(field.data_type()).map_err(|words| unfit(field.name(), &words))?;
            Ok((Postgres.folded(field.name()), sql_type))
        };
        let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>, EngineError>>()?;
        Ok(Table { names: schema.fields().iter().map(|field| field.name().clone()).collect(), columns })
    }

    /// Makes the table and fills it, one batch held at a time; the number of its rows.
    pub fn load(
        &self,
        client: &mut Client,
        into: &Target,
        batches: impl Iterator<Item = Result<RecordBatch, EngineError>>,
    ) -> Result<u64, EngineError> {
        create(client, into, &self.columns)?;
        let mut writer = client.copy_in(&format!("copy {} from stdin (format binary)", into.name))?;
        let mut bytes = HEADER.to_vec();
        for batch in batches {
            self.send(&batch?, &mut bytes, &mut writer)?;
        }
        bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        writer.write_all(&bytes).and_then(|()| writer.flush()).map_err(sending)?;
        Ok(writer.finish()?)
    }

    /// Sends the rows of a batch, except for the last ones, which are left in `bytes`.
    fn send(&self, batch: &RecordBatch, bytes: &mut Vec<u8>, writer: &mut impl Write) -> Result<(), EngineError> {
        let pairs = self.names.iter().zip(batch.columns());
        let columns = pairs.map(|(name, array)| Column::new(array).map_err(|error| unfit(name, &error.to_string())));
        let columns = columns.collect::<Result<Vec<_>, EngineError>>()?;
        let width = i16::try_from(columns.len()).unwrap_or(i16::MAX).to_be_bytes();
        for row in 0..batch.num_rows() {
            bytes.extend_from_slice(&width);
            columns.iter().for_each(|column| column.write(row, bytes));
            if bytes.len() >= CHUNK {
                writer.write_all(bytes).map_err(sending)?;
                bytes.clear();
            }
        }
        Ok(())
    }
}

fn unfit(column: &str, words: &str) -> EngineError {
    invalid(format!("column `{column}` can't be stored: {words}"))
}

/// A table to be made and filled.
pub(super) struct Target {
    /// As SQL has it.
    pub name: String,
    /// It goes when the transaction ends.
    pub temporary: bool,
}

/// Makes the table with these columns.
pub(super) fn create(client: &mut Client, into: &Target, columns: &[(String, String)]) -> Result<(), EngineError> {
    let columns = columns.iter().map(|(name, sql_type)| format!("{} {sql_type}", Postgres.quote(name)));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let (temp, end) = if into.temporary { ("temp ", " on commit drop") } else { ("", "") };
    Ok(client.batch_execute(&format!("create {temp}table {} ({columns}){end}", into.name))?)
}

/// The server's error, where the one of the stream holds it.
pub(super) fn sending(error: io::Error) -> EngineError {
    match error.into_inner().map(|inner| inner.downcast::<::postgres::Error>()) {
        Some(Ok(error)) => (*error).into(),
        Some(Err(error)) => invalid(error.to_string()),
        None => invalid("the rows could not be sent".into()),
    }
}

/// Every row of a query; one empty batch where it gives none, for the sake of its columns.
pub(super) fn read(client: &mut Client, query: &Statement, take: TakeBatch<'_>) -> Result<(), EngineError> {
    let text = Postgres.without_terminator(&query.text);
    let prepared = client.prepare(&text).map_err(|error| located(error, query))?;
    let columns: Vec<decode::Column> = prepared.columns().iter().map(decode::Column::new).collect();
    let reader = client.copy_out(&format!("copy (\n{}\n) to stdout (format binary)", selected(&text, &columns)))?;
    decode::rows(reader, columns, take)
}

/// The query with those columns as text that Arrow has no type for.
fn selected(query: &str, columns: &[decode::Column]) -> String {
    if columns.iter().all(|column| column.cast.is_none()) {
        return query.into();
    }
    let name = |at: usize| format!("c{at}");
    let select = columns.iter().enumerate().map(|(at, column)| match column.cast {
        Some(cast) => format!("{}::{cast}", name(at)),
        None => name(at),
    });
    let names: Vec<String> = (0..columns.len()).map(name).collect();
    format!("select {} from (\n{query}\n) as q({})", select.collect::<Vec<_>>().join(", "), names.join(", "))
}

fn invalid(message: String) -> EngineError {
    EngineError::new(ErrorKind::Statement, message)
}

/// The type of the elements of an array type that can be read and written.
fn element(array: &Type) -> Option<Type> {
    let elements = [
        Type::BOOL,
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::FLOAT4,
        Type::FLOAT8,
        Type::TEXT,
        Type::VARCHAR,
        Type::BYTEA,
        Type::DATE,
        Type::TIME,
        Type::TIMESTAMP,
        Type::TIMESTAMPTZ,
    ];
    match array.kind() {
        ::postgres::types::Kind::Array(element) if elements.contains(element) => Some(element.clone()),
        _ => None,
    }
}

//! The rows of a result, part by part.

use super::answer::{Column, Done, Row};
use super::api::Api;
use super::error::unreadable;
use super::names::column_name;
use super::value::{array, arrow_type, fits, may_be_wide};
use crate::engine::rest::{Gather, Stop};
use crate::engine::{EngineError, ErrorKind, TakeBatch};
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::borrow::Cow;
use std::sync::Arc;

/// A result that is yet to be read.
struct Parts<'a> {
    api: &'a Api,
    handle: &'a str,
    first: &'a [Row],
    count: usize,
    stop: &'a Stop,
}

impl Parts<'_> {
    fn read(&self, number: usize) -> Result<Cow<'_, [Row]>, EngineError> {
        match number {
            0 => Ok(Cow::Borrowed(self.first)),
            number => self.api.part(self.handle, number, self.stop).map(Cow::Owned),
        }
    }

    /// Which columns hold whole numbers that all fit 64 bits. What the type leaves open only the rows tell: of several
    /// parts each is read for that, and once more for its values, so that a result of any size is never held.
    fn fitting(&self, columns: &[Column]) -> Result<Vec<bool>, EngineError> {
        let mut found = vec![true; columns.len()];
        if !columns.iter().any(may_be_wide) {
            return Ok(found);
        }
        for number in 0..self.count {
            let rows = self.read(number)?;
            for (at, _) in columns.iter().enumerate().filter(|(_, column)| may_be_wide(column)) {
                found[at] = found[at] && fits(&rows, at);
            }
        }
        Ok(found)
    }
}

/// Gives `take` all rows of a statement that is done, a batch at a time; one empty batch of none.
pub(super) fn take_all(
    api: &Api,
    done: &Done,
    exactly: bool,
    stop: &Stop,
    take: TakeBatch<'_>,
) -> Result<(), EngineError> {
    let data = done.result_set_meta_data.as_ref().ok_or_else(|| unreadable("it says nothing of its columns"))?;
    let count = data.partition_info.len().max(1);
    let parts = Parts { api, handle: &done.statement_handle, first: &done.data, count, stop };
    let schema = schema(&data.row_type, &parts.fitting(&data.row_type)?);
    let mut gather = Gather::new(schema.clone(), take);
    for number in 0..count {
        gather.add(batch(&schema, &parts.read(number)?, exactly)?)?;
    }
    gather.finish(data.num_rows)
}

/// The columns, by the names that fft writes them with; as the account has them where two would have one.
fn schema(columns: &[Column], fits: &[bool]) -> SchemaRef {
    let name = |at: usize| {
        let own = &columns[at].name;
        let alone = columns.iter().filter(|other| column_name(&other.name) == column_name(own)).count() == 1;
        if alone { column_name(own) } else { own.clone() }
    };
    let field = |(at, column): (usize, &Column)| Field::new(name(at), arrow_type(column, fits[at]), true);
    Arc::new(Schema::new(columns.iter().enumerate().map(field).collect::<Vec<_>>()))
}

fn batch(schema: &SchemaRef, rows: &[Row], exactly: bool) -> Result<RecordBatch, EngineError> {
    let column = |(at, field): (usize, &Arc<Field>)| -> Result<ArrayRef, EngineError> {
        let kind: &DataType = field.data_type();
        array(rows, at, kind, exactly).map_err(|words| {
            let message = format!("a value of the column `{}` can't be read: {words}", field.name());
            EngineError::new(ErrorKind::Statement, message)
        })
    };
    let columns = schema.fields().iter().enumerate().map(column).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(unreadable)
}

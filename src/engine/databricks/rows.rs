//! The rows of a result, part by part.

use super::api::{Api, Chunk, Form, Link, Told};
use super::error::unreadable;
use crate::engine::rest::{self, Gather, Stop};
use crate::engine::spark_sql::arrow_schema;
use crate::engine::{EngineError, ErrorKind, TakeBatch};
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use std::io::Cursor;

/// How often a part is asked for whose link gives no rows.
const ATTEMPTS: usize = 4;

/// Gives `take` all rows of a statement that is done, a batch at a time; one empty batch of none.
pub(super) fn take_all(api: &Api, told: Told, form: Form, stop: &Stop, take: TakeBatch<'_>) -> Result<(), EngineError> {
    let Told { statement_id, manifest, result, .. } = told;
    let manifest = manifest.ok_or_else(|| unreadable("it has no manifest"))?;
    if manifest.truncated {
        return Err(unreadable("the result has more rows than the workspace gives"));
    }
    let columns = manifest.schema.columns.iter();
    let schema = arrow_schema(columns.map(|column| (column.name.as_str(), column.type_text.as_str())));
    let mut gathered = Gather::new(schema, take);
    let mut next = result;
    while let Some(chunk) = next.take() {
        let behind = match form {
            Form::Inline => {
                let rows = chunk.data_array.unwrap_or_default();
                gathered.add(rest::batch(&gathered.schema, &rows)?)?;
                chunk.next_chunk_internal_link
            }
            Form::Links => links(api, &statement_id, chunk, stop, &mut gathered)?,
        };
        next = behind.map(|link| api.next(&link, stop)).transpose()?;
    }
    gathered.finish(manifest.total_row_count)
}

/// The rows behind a chunk's links; what names the next chunk.
fn links(
    api: &Api,
    statement: &str,
    chunk: Chunk,
    stop: &Stop,
    gathered: &mut Gather<'_>,
) -> Result<Option<String>, EngineError> {
    let mut next = chunk.next_chunk_internal_link;
    for link in chunk.external_links.unwrap_or_default() {
        part(api, statement, &link, stop, gathered)?;
        next = link.next_chunk_internal_link.or(next);
    }
    Ok(next)
}

/// One part, asked for anew where its link has ended or what comes isn't all of it.
fn part(api: &Api, statement: &str, link: &Link, stop: &Stop, gathered: &mut Gather<'_>) -> Result<(), EngineError> {
    let mut renewed: Option<Link> = None;
    for attempt in 1.. {
        let link = renewed.as_ref().unwrap_or(link);
        match whole(api, link, stop) {
            Ok(batches) => return batches.into_iter().try_for_each(|batch| gathered.add(batch)),
            Err(error) if error.kind != ErrorKind::Connection || attempt == ATTEMPTS => return Err(error),
            Err(_) => {
                let links = api.chunk(statement, link.chunk_index, stop)?.external_links.unwrap_or_default();
                renewed = links.into_iter().find(|other| other.chunk_index == link.chunk_index);
            }
        }
    }
    unreachable!("invariant: the last attempt gives its result")
}

fn whole(api: &Api, link: &Link, stop: &Stop) -> Result<Vec<RecordBatch>, EngineError> {
    let answer = api.external(link, stop)?;
    if answer.status != 200 {
        return Err(unreadable(format!("a part of the result isn't there (HTTP {})", answer.status)));
    }
    let read = || StreamReader::try_new(Cursor::new(answer.body), None)?.collect::<Result<Vec<_>, ArrowError>>();
    let batches = read().map_err(unreadable)?;
    let rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    if link.row_count.is_none_or(|expected| rows == expected) {
        Ok(batches)
    } else {
        Err(unreadable("a part of the result has other rows than it is to have"))
    }
}

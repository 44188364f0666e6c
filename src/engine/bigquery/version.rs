//! What tells one state of a relation from another that fft doesn't build.
//!
//! Of a table the service tells it for nothing: when its rows changed last. Of what is computed when it is read, views (a
//! materialized one gives what its table has got since, too) and external tables, all rows are read, while they are few and
//! cost little.

use super::api::Failure;
use super::handle::BigQueryConnection;
use super::relations::TOLD;
use crate::dialect::{BigQuery, Dialect};
use crate::digest::Tagged;
use crate::engine::rest::parts;
use crate::engine::{DataVersion, EngineError, ROWS_WATCHED};
use crate::name::RelationName;

/// Bytes that are read at most to tell the state of a view.
const BYTES: u64 = 1 << 30;

pub(super) fn of(connection: &mut BigQueryConnection, relation: &RelationName) -> Result<DataVersion, EngineError> {
    let full = connection.shared.home.full(relation);
    if full.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case(TOLD)) {
        return Ok(DataVersion::of_the_database());
    }
    connection.stop.reset();
    let table = match connection.shared.api.table(&connection.table_name(&full), &connection.stop) {
        Err(Failure::Refused(refusal)) if refusal.is_forbidden() => None,
        table => table?,
    };
    let Some(table) = table else { return Ok(DataVersion::unreadable()) };
    if table.streaming_buffer.is_some() {
        return Ok(DataVersion::Unknown("rows are coming into it one by one just now".into()));
    }
    match (table.kind.as_str(), &table.num_rows, &table.last_modified_time) {
        ("TABLE" | "SNAPSHOT", Some(rows), Some(changed)) => {
            let bytes = table.num_bytes.unwrap_or_default();
            let columns = columns(&table.schema);
            Ok(DataVersion::Known(format!("{rows} rows of {bytes} bytes, {columns}, changed at {changed}")))
        }
        _ => of_rows(connection, &full, &columns(&table.schema)),
    }
}

/// What tells the columns and their types from others.
fn columns(schema: &serde_json::Value) -> String {
    let digest = Tagged::new("fft-columns-v1").part(schema["fields"].to_string().as_bytes()).finish();
    format!("columns {}", digest.short())
}

/// Of all rows: their number, and two sums of 64 bits a row, so that equal rows count as often as they are there.
fn of_rows(
    connection: &mut BigQueryConnection,
    full: &RelationName,
    columns: &str,
) -> Result<DataVersion, EngineError> {
    let name = BigQuery.relation(full);
    let some = format!("select 1 as a from {name} limit {}", ROWS_WATCHED + 1);
    let sum = |front: &str| {
        format!(
            "cast(coalesce(sum(cast(farm_fingerprint(concat('{front}', to_json_string(t))) as numeric)), 0) as string)"
        )
    };
    let all = format!("select cast(count(*) as string) as n, {} as a, {} as b from {name} as t", sum(""), sum("2"));
    if connection.estimate(&all)?.bytes() > BYTES {
        return Ok(DataVersion::Unknown("its rows would have to be read, which are more than 1 GB".into()));
    }
    let counted = connection.texts(&format!("select cast(count(*) as string) as n from ({some}) as some_rows"))?;
    let count: u64 = counted.into_iter().flatten().flatten().next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
    if count > ROWS_WATCHED {
        return Ok(DataVersion::too_large());
    }
    let [rows, first, second] = parts(connection.texts(&all)?.into_iter().next().unwrap_or_default());
    let parts = [columns, &rows, &first, &second];
    let digest = parts.iter().fold(Tagged::new("fft-rows-v1"), |hash, part| hash.part(part.as_bytes())).finish();
    Ok(DataVersion::of_rows(&rows, &digest))
}

//! The version of a source's data that sources.yml says how to ask for.

use super::Failure;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::engine::{EngineError, ErrorKind, Session};
use crate::project::{Project, SourceTable};
use arrow::array::{Array, AsArray, RecordBatch};

/// `None` where nothing is declared.
pub(super) fn declared(
    session: &mut Session,
    project: &Project,
    dialect: &dyn Dialect,
    source: &SourceTable,
) -> Result<Option<String>, Failure> {
    let queries = dialect.source_versions(source);
    let mut first = None;
    for query in &queries {
        match session.read(query) {
            Ok(rows) => return Ok(Some(text_of(&rows))),
            Err(error) if error.kind == ErrorKind::Statement => drop(first.get_or_insert(error)),
            Err(error) => return Err(error.into()),
        }
    }
    first.map_or(Ok(None), |error| Err(Failure::Project(unknown(project, source, &error))))
}

fn unknown(project: &Project, source: &SourceTable, error: &EngineError) -> Diagnostic {
    let problem = project.env.redact(&error.message);
    let message = format!("the data version of source `{}` can't be told: {problem}", source.name());
    let hint = "check `loaded_at_field` or `loaded_at_query`, and that the relation is there";
    Diagnostic::new("source-data", message).at(source.at.clone()).hint(hint)
}

/// The first value of a text column; `null` for a missing one.
pub fn text_of(rows: &[RecordBatch]) -> String {
    let column = rows.first().filter(|batch| batch.num_rows() > 0).map(|batch| batch.column(0));
    let text = column.and_then(|column| column.as_string_opt::<i32>()).filter(|column| column.is_valid(0));
    text.map_or("null".into(), |column| column.value(0).to_string())
}

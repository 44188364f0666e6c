//! What stands in the project.

use super::answer::{Table, TableName, number};
use super::api::Failure;
use super::handle::BigQueryConnection;
use crate::dialect::{BigQuery, Dialect, RelationKind, mark_of_labels};
use crate::engine::rest::{Texts, parts};
use crate::engine::{CatalogRelation, Condition, EngineError, ErrorKind, Mark, Relations, SchemaName, Standing};
use crate::name::RelationName;
use crate::plan::Column;
use std::collections::{BTreeMap, BTreeSet};

/// The views of each dataset that tell what is in it.
pub(super) const TOLD: &str = "INFORMATION_SCHEMA";

/// A relation's kind, and the words that `drop` has for it, by the word that the service has.
fn kind(word: &str) -> (RelationKind, &'static str) {
    match word {
        "VIEW" => (RelationKind::View, "view"),
        "MATERIALIZED_VIEW" => (RelationKind::View, "materialized view"),
        "EXTERNAL" => (RelationKind::Table, "external table"),
        "SNAPSHOT" => (RelationKind::Table, "snapshot table"),
        _ => (RelationKind::Table, "table"),
    }
}

/// Whoever may only use the datasets must not be asked for the right to make them.
pub(super) fn make_datasets(
    connection: &mut BigQueryConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<(), EngineError> {
    let (api, stop) = (&connection.shared.api, &connection.stop);
    stop.reset();
    for (project, dataset) in schemas {
        if api.has_dataset(project, dataset, stop)? {
            continue;
        }
        if !connection.shared.allow_create_dataset {
            let message = format!("there is no dataset {project}.{dataset}");
            let hint = "make it, or set `allow_create_dataset: true` in the profile";
            return Err(EngineError::new(ErrorKind::Settings, message).hint(hint));
        }
        api.make_dataset(project, dataset, stop)?;
    }
    Ok(())
}

/// What stands in these datasets, with the marks.
pub(super) fn all(
    connection: &mut BigQueryConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<Relations, EngineError> {
    let home = connection.shared.home.clone();
    let mut relations = Relations { home, ..Relations::default() };
    connection.stop.reset();
    for (project, dataset) in schemas {
        let is_own = *project == relations.home.catalog && *dataset == relations.home.schema;
        let found = match connection.shared.api.tables(project, dataset, &connection.stop) {
            // Of what isn't shown nothing is known, which is nothing wrong with what else a run does.
            Err(Failure::Refused(refusal)) if refusal.is_forbidden() && !is_own => None,
            found => found?,
        };
        for table in found.into_iter().flatten() {
            let relation = relations.resolve(&named(&table));
            relations.marks.extend(mark(&table).map(|mark| (relation.clone(), mark)));
            relations.found.insert(relation, kind(&table.kind).0);
        }
    }
    Ok(relations)
}

fn mark(table: &Table) -> Option<Mark> {
    Mark::parse(&mark_of_labels(|label| table.labels.get(label).map(String::as_str))?)
}

fn named(table: &Table) -> RelationName {
    let TableName { project_id, dataset_id, table_id } = &table.table_reference;
    RelationName::new(Some(project_id), Some(dataset_id), table_id)
}

/// What stands under a full name.
pub(super) fn standing(
    connection: &mut BigQueryConnection,
    relation: &RelationName,
) -> Result<Option<Standing>, EngineError> {
    connection.stop.reset();
    let name = connection.table_name(relation);
    let table = connection.shared.api.table(&name, &connection.stop)?;
    Ok(table.map(|table| {
        let (kind, keyword) = kind(&table.kind);
        Standing { keyword, ..Standing::plain(kind) }
    }))
}

/// Names and types of a relation's columns.
pub(super) fn columns(
    connection: &mut BigQueryConnection,
    relation: &RelationName,
) -> Result<Vec<Column>, EngineError> {
    let RelationName { catalog, schema, name } = connection.shared.home.full(relation);
    let within = BigQuery.relation(&RelationName::new(None, catalog.as_deref(), &schema.unwrap_or_default()));
    let query = format!(
        "select column_name, data_type from {within}.{TOLD}.COLUMNS where table_name = {} order by ordinal_position",
        BigQuery.string_literal(&name)
    );
    let column = |row: Texts| {
        let [name, r#type] = parts(row);
        Column { name, r#type }
    };
    Ok(rows(connection, &query)?.into_iter().map(column).collect())
}

/// Columns of every relation, by one query a dataset; rows and bytes by another, which costs nothing.
pub(super) fn described(
    connection: &mut BigQueryConnection,
    schemas: &BTreeSet<SchemaName>,
) -> Result<Vec<CatalogRelation>, EngineError> {
    let home = connection.shared.home.clone();
    let wanted: BTreeSet<(String, String)> = schemas.iter().map(|schema| home.schema(schema)).collect();
    let kinds = all(connection, &wanted)?.found;
    let mut found: Vec<CatalogRelation> = Vec::new();
    for (project, dataset) in wanted {
        let within = BigQuery.relation(&RelationName::new(None, Some(&project), &dataset));
        let sizes = sizes(connection, &within)?;
        let query = format!(
            "select table_name, column_name, data_type from {within}.{TOLD}.COLUMNS order by table_name, ordinal_position"
        );
        for row in rows(connection, &query)? {
            let [name, column, column_type] = parts(row);
            let relation = home.resolve(&RelationName::new(Some(&project), Some(&dataset), &name));
            match found.last_mut() {
                Some(last) if last.relation == relation => last.columns.push((column, column_type)),
                _ => {
                    let kind = kinds.get(&relation).copied().unwrap_or(RelationKind::Table);
                    let size = sizes.get(&name).filter(|_| kind == RelationKind::Table);
                    let (rows, bytes) = size.map_or((None, None), |(rows, bytes)| (*rows, *bytes));
                    found.push(CatalogRelation { relation, kind, columns: vec![(column, column_type)], rows, bytes });
                }
            }
        }
    }
    Ok(found)
}

type Size = (Option<u64>, Option<u64>);

fn sizes(connection: &mut BigQueryConnection, dataset: &str) -> Result<BTreeMap<String, Size>, EngineError> {
    let query = format!(
        "select table_id, cast(row_count as string) as row_count, cast(size_bytes as string) as size_bytes from \
         {dataset}.__TABLES__"
    );
    let sized = rows(connection, &query)?.into_iter().map(|row| {
        let [name, rows, bytes] = parts(row);
        (name, (number(Some(&rows)), number(Some(&bytes))))
    });
    Ok(sized.collect())
}

/// The rows of a query of a dataset; none where that isn't there.
fn rows(connection: &mut BigQueryConnection, query: &str) -> Result<Vec<Texts>, EngineError> {
    match connection.texts(query) {
        Err(error) if error.is(Condition::NoSuchRelation) => Ok(Vec::new()),
        rows => rows,
    }
}

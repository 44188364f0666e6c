//! What stands in the catalog.

use super::handle::DatabricksConnection;
use crate::dialect::{Databricks, Dialect, RelationKind};
use crate::engine::rest::{Texts, parts};
use crate::engine::spark_sql;
use crate::engine::{
    CatalogRelation, Condition, DataVersion, EngineError, ErrorKind, Mark, ROWS_WATCHED, Relations, SchemaName,
    Standing,
};
use crate::name::RelationName;
use crate::plan::Column;
use std::collections::{BTreeMap, BTreeSet};

/// The schema of each catalog that tells what is in it.
const TOLD: &str = "information_schema";

/// A relation's kind, and the words that `drop` has for it, by the word that the catalog has.
fn kind(word: &str) -> (RelationKind, &'static str) {
    match word {
        "VIEW" | "METRIC_VIEW" => (RelationKind::View, "view"),
        "MATERIALIZED_VIEW" => (RelationKind::View, "materialized view"),
        _ => (RelationKind::Table, "table"),
    }
}

fn told(catalog: &str, table: &str) -> String {
    Databricks::DELTA.relation(&RelationName::new(Some(catalog), Some(TOLD), table))
}

/// Who may only use the schemas must not be asked for the right to make them.
pub(super) fn make_schemas(
    connection: &mut DatabricksConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<(), EngineError> {
    let catalogs: BTreeSet<&String> = schemas.iter().map(|(catalog, _)| catalog).collect();
    for catalog in catalogs {
        let query = format!("select schema_name from {}", told(catalog, "schemata"));
        let found = connection.texts(&query)?.into_iter().map(|row| parts::<1>(row)[0].to_lowercase());
        let found: BTreeSet<String> = found.collect();
        for (_, schema) in
            schemas.iter().filter(|(of, schema)| of == catalog && !found.contains(&schema.to_lowercase()))
        {
            let name = Databricks::DELTA.relation(&RelationName::new(None, Some(catalog), schema));
            connection.send(&format!("create schema if not exists {name}").into())?;
        }
    }
    Ok(())
}

/// Schemas by their catalogs, as they are written and as a catalog writes them that has one case.
fn by_catalog<'a>(schemas: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (catalog, schema) in schemas {
        found.entry(catalog.to_lowercase()).or_default().extend([schema.to_string(), schema.to_lowercase()]);
    }
    found
}

/// Names as the list that `in` takes.
fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| Databricks::DELTA.string_literal(name)).collect::<Vec<_>>().join(", ")
}

/// What stands in these schemas, with the marks.
pub(super) fn all(
    connection: &mut DatabricksConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<Relations, EngineError> {
    let home = connection.shared.home.clone();
    let mut relations = Relations { home, ..Relations::default() };
    for (catalog, schemas) in by_catalog(schemas.iter().map(|(catalog, schema)| (catalog.as_str(), schema.as_str()))) {
        let (tables, schemas) = (told(&catalog, "tables"), listed(&schemas));
        let query = format!(
            "select table_schema, table_name, table_type, comment from {tables} where table_schema in ({schemas})"
        );
        for row in connection.texts(&query)? {
            let [schema, name, word, comment] = parts(row);
            let relation = relations.resolve(&RelationName::new(Some(&catalog), Some(&schema), &name));
            relations.marks.extend(Mark::parse(&comment).map(|mark| (relation.clone(), mark)));
            relations.found.insert(relation, kind(&word).0);
        }
    }
    Ok(relations)
}

/// What stands under a full name, from the relation's own description, which is never behind.
pub(super) fn standing(
    connection: &mut DatabricksConnection,
    relation: &RelationName,
) -> Result<Option<Standing>, EngineError> {
    let query = format!("describe table extended {}", Databricks::DELTA.relation(relation));
    let rows = match connection.texts(&query) {
        Err(error) if error.is(Condition::NoSuchRelation) => return Ok(None),
        rows => rows?,
    };
    // Columns come first, whatever their names are.
    let details = rows.into_iter().map(parts::<2>).skip_while(|[name, _]| !name.starts_with("# Detailed "));
    let (mut word, mut format) = (String::from("TABLE"), None);
    for [name, value] in details {
        match name.as_str() {
            "# Detailed View Information" => word = "VIEW".into(),
            "Type" => word = value,
            "Provider" => format = Some(value.to_lowercase()),
            _ => {}
        }
    }
    let (kind, keyword) = kind(&word);
    Ok(Some(Standing { keyword, format, ..Standing::plain(kind) }))
}

pub(super) fn described(
    connection: &mut DatabricksConnection,
    schemas: &BTreeSet<SchemaName>,
) -> Result<Vec<CatalogRelation>, EngineError> {
    let home = connection.shared.home.clone();
    let wanted: Vec<(String, String)> = schemas.iter().map(|schema| home.schema(schema)).collect();
    let mut found: Vec<CatalogRelation> = Vec::new();
    for (catalog, schemas) in by_catalog(wanted.iter().map(|(catalog, schema)| (catalog.as_str(), schema.as_str()))) {
        let (tables, columns) = (told(&catalog, "tables"), told(&catalog, "columns"));
        let query = format!(
            "select c.table_schema, c.table_name, t.table_type, c.column_name, c.full_data_type from {columns} as c \
             join {tables} as t on t.table_schema = c.table_schema and t.table_name = c.table_name \
             where c.table_schema in ({}) order by c.table_schema, c.table_name, c.ordinal_position",
            listed(&schemas)
        );
        for row in connection.texts(&query)? {
            let [schema, name, word, column, column_type] = parts(row);
            let relation = home.resolve(&RelationName::new(Some(&catalog), Some(&schema), &name));
            match found.last_mut() {
                Some(last) if last.relation == relation => last.columns.push((column, column_type)),
                _ => {
                    let columns = vec![(column, column_type)];
                    found.push(CatalogRelation { relation, kind: kind(&word).0, columns, rows: None, bytes: None });
                }
            }
        }
    }
    Ok(found)
}

/// The state of a relation's rows: all of them while they are few, else what the table itself says of its versions.
pub(super) fn version(
    connection: &mut DatabricksConnection,
    relation: &RelationName,
) -> Result<DataVersion, EngineError> {
    let full = connection.shared.home.full(relation);
    let is_told = full.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case(TOLD));
    if is_told || full.catalog.as_deref() == Some("system") {
        return Ok(DataVersion::of_the_database());
    }
    let name = Databricks::DELTA.relation(&full);
    let columns = described_columns(connection, &name)?;
    let (count, most) = spark_sql::counted(&name, &columns);
    let few = number(connection, &count)? <= most;
    if few {
        let row = connection.texts(&spark_sql::sums(&name))?.into_iter().next().unwrap_or_default();
        return Ok(spark_sql::rows_version(&columns, &parts(row)));
    }
    large_version(connection, &name)
}

/// Of a Delta table the number of its version, which every change of its rows raises.
fn large_version(connection: &mut DatabricksConnection, name: &str) -> Result<DataVersion, EngineError> {
    let first = |rows: Result<Vec<Texts>, EngineError>| match rows {
        Err(error) if error.kind == ErrorKind::Statement => Ok(None),
        rows => rows.map(|rows| rows.into_iter().next()),
    };
    let history = first(connection.texts(&format!("describe history {name} limit 1")))?;
    let detail = first(connection.texts(&format!("describe detail {name}")))?;
    let (Some(history), Some(detail)) = (history, detail) else { return Ok(DataVersion::too_large()) };
    // The version comes first there, and behind the format the number of the table.
    let ([version], [_, table]) = (parts(history), parts(detail));
    let count = number(connection, &format!("select cast(count(*) as string) as n from {name}"))?;
    Ok(DataVersion::Known(format!("{count} rows, version {version} of the table {table}")))
}

/// Names and types of a relation's columns; none where it isn't there.
pub(super) fn columns(
    connection: &mut DatabricksConnection,
    relation: &RelationName,
) -> Result<Vec<Column>, EngineError> {
    match described_columns(connection, &Databricks::DELTA.relation(relation)) {
        Err(error) if error.is(Condition::NoSuchRelation) => Ok(Vec::new()),
        columns => Ok(columns?.into_iter().map(|(name, r#type)| Column { name, r#type }).collect()),
    }
}

fn described_columns(connection: &mut DatabricksConnection, name: &str) -> Result<Vec<(String, String)>, EngineError> {
    let told = connection.execute(&format!("select * from {name} limit 0").into(), super::api::Form::Inline)?;
    let columns = told.manifest.map(|manifest| manifest.schema.columns).unwrap_or_default();
    Ok(columns.into_iter().map(|column| (column.name, column.type_text)).collect())
}

fn number(connection: &mut DatabricksConnection, query: &str) -> Result<u64, EngineError> {
    let text = connection.texts(query)?.into_iter().flatten().flatten().next();
    Ok(text.and_then(|text| text.parse().ok()).unwrap_or(ROWS_WATCHED + 1))
}

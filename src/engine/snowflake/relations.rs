//! What stands in the database.

use super::handle::SnowflakeConnection;
use super::names::{column_name, listed, own, told};
use crate::dialect::{Dialect, RelationKind, Snowflake};
use crate::engine::rest::{Texts, parts};
use crate::engine::{
    CatalogRelation, Condition, DataVersion, EngineError, ErrorKind, Home, Mark, Relations, SchemaName, Standing,
};
use crate::name::RelationName;
use crate::plan::Column;
use std::collections::{BTreeMap, BTreeSet};

/// The schema of each database that tells what is in it.
const TOLD: &str = "information_schema";

/// The length of a text whose type says none.
const LONGEST: [&str; 2] = ["16777216", "134217728"];

/// A relation's kind, and the words that `drop` has for it, by the word that the account has.
fn kind(word: &str) -> (RelationKind, &'static str) {
    match word {
        "VIEW" => (RelationKind::View, "view"),
        "MATERIALIZED VIEW" => (RelationKind::View, "materialized view"),
        "EXTERNAL TABLE" => (RelationKind::Table, "external table"),
        _ => (RelationKind::Table, "table"),
    }
}

fn table(database: &str, name: &str) -> String {
    Snowflake.relation(&RelationName::new(Some(database), Some(TOLD), name))
}

/// Schemas, as the account has their names, by the databases that fft writes.
fn by_database(schemas: &BTreeSet<(String, String)>) -> BTreeMap<&String, BTreeSet<String>> {
    let mut found: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
    for (database, schema) in schemas {
        found.entry(database).or_default().insert(own(schema));
    }
    found
}

/// The full name that a relation of the account is found under.
fn found(home: &Home, database: &str, schema: &str, name: &str) -> RelationName {
    home.resolve(&RelationName::new(Some(database), Some(&told(schema)), &told(name)))
}

/// Who may only use the schemas must not be asked for the right to make them.
pub(super) fn make_schemas(
    connection: &mut SnowflakeConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<(), EngineError> {
    for (database, wanted) in by_database(schemas) {
        let query = format!("select schema_name from {}", table(database, "schemata"));
        let there: BTreeSet<String> =
            connection.texts(&query)?.into_iter().map(|row| parts::<1>(row)[0].clone()).collect();
        for schema in wanted.difference(&there) {
            let name = Snowflake.relation(&RelationName::new(None, Some(database), &told(schema)));
            if !connection.shared.makes_schemas {
                let message = format!("there is no schema {name}, and `allow_create_schema` is false");
                let hint = "make it, or let fft do so";
                return Err(EngineError::new(ErrorKind::Settings, message).hint(hint));
            }
            connection.send(&format!("create schema if not exists {name}").into())?;
        }
    }
    Ok(())
}

/// What stands in these schemas, with the marks.
pub(super) fn all(
    connection: &mut SnowflakeConnection,
    schemas: &BTreeSet<(String, String)>,
) -> Result<Relations, EngineError> {
    let home = connection.shared.home.clone();
    let mut relations = Relations { home, ..Relations::default() };
    for (database, schemas) in by_database(schemas) {
        let query = format!(
            "select table_schema, table_name, table_type, comment from {} where table_schema in ({})",
            table(database, "tables"),
            listed(&schemas)
        );
        let rows = match connection.texts(&query) {
            // Of what isn't shown nothing is known, which is nothing wrong with what else a run does.
            Err(error) if error.is(Condition::NoSuchRelation) && *database != relations.home.catalog => Vec::new(),
            rows => rows?,
        };
        for row in rows {
            let [schema, name, word, comment] = parts(row);
            let relation = found(&relations.home, database, &schema, &name);
            relations.marks.extend(Mark::parse(&comment).map(|mark| (relation.clone(), mark)));
            relations.found.insert(relation, kind(&word).0);
        }
    }
    Ok(relations)
}

/// What the database tells of one relation: these columns of the row that it has of it.
fn one(
    connection: &mut SnowflakeConnection,
    relation: &RelationName,
    columns: &str,
) -> Result<Option<Texts>, EngineError> {
    let full = connection.shared.home.full(relation);
    let (database, schema) = (full.catalog.unwrap_or_default(), full.schema.unwrap_or_default());
    let query = format!(
        "select {columns} from {} where table_schema = {} and table_name = {}",
        table(&database, "tables"),
        Snowflake.string_literal(&own(&schema)),
        Snowflake.string_literal(&own(&full.name))
    );
    match connection.texts(&query) {
        Err(error) if error.is(Condition::NoSuchRelation) => Ok(None),
        rows => Ok(rows?.into_iter().next()),
    }
}

/// What stands under a full name.
pub(super) fn standing(
    connection: &mut SnowflakeConnection,
    relation: &RelationName,
) -> Result<Option<Standing>, EngineError> {
    let row = one(connection, relation, "table_type")?;
    Ok(row.map(|row| {
        let (kind, keyword) = kind(&parts::<1>(row)[0]);
        Standing { keyword, ..Standing::plain(kind) }
    }))
}

/// Names and types of a relation's columns. The length of a text is none of its type: the account makes it as long as the
/// longest of a query's constants.
pub(super) fn columns(
    connection: &mut SnowflakeConnection,
    relation: &RelationName,
) -> Result<Vec<Column>, EngineError> {
    let full = connection.shared.home.full(relation);
    let (database, schema) = (full.catalog.unwrap_or_default(), full.schema.unwrap_or_default());
    let query = format!(
        "select column_name, data_type, numeric_precision, numeric_scale from {} where table_schema = {} and \
         table_name = {} order by ordinal_position",
        table(&database, "columns"),
        Snowflake.string_literal(&own(&schema)),
        Snowflake.string_literal(&own(&full.name))
    );
    let column = |row: Texts| {
        let [name, word, precision, scale] = parts(row);
        Column { name: column_name(&name), r#type: type_name(&word, &precision, &scale, "") }
    };
    Ok(connection.texts(&query)?.into_iter().map(column).collect())
}

pub(super) fn described(
    connection: &mut SnowflakeConnection,
    schemas: &BTreeSet<SchemaName>,
) -> Result<Vec<CatalogRelation>, EngineError> {
    let home = connection.shared.home.clone();
    let wanted: BTreeSet<(String, String)> = schemas.iter().map(|schema| home.schema(schema)).collect();
    let mut all: Vec<CatalogRelation> = Vec::new();
    for (database, schemas) in by_database(&wanted) {
        let query = format!(
            "select c.table_schema, c.table_name, t.table_type, c.column_name, c.data_type, c.numeric_precision, \
             c.numeric_scale, c.character_maximum_length, t.row_count, t.bytes from {} as c join {} as t \
             on t.table_schema = c.table_schema and t.table_name = c.table_name where c.table_schema in ({}) \
             order by c.table_schema, c.table_name, c.ordinal_position",
            table(database, "columns"),
            table(database, "tables"),
            listed(&schemas)
        );
        for row in connection.texts(&query)? {
            let [schema, name, word, column, column_type, precision, scale, length, rows, bytes] = parts(row);
            let relation = found(&home, database, &schema, &name);
            let column = (column_name(&column), type_name(&column_type, &precision, &scale, &length));
            match all.last_mut() {
                Some(last) if last.relation == relation => last.columns.push(column),
                _ => {
                    let kind = kind(&word).0;
                    let counted = |text: String| text.parse().ok().filter(|_| kind == RelationKind::Table);
                    let (rows, bytes) = (counted(rows), counted(bytes));
                    all.push(CatalogRelation { relation, kind, columns: vec![column], rows, bytes });
                }
            }
        }
    }
    Ok(all)
}

/// `NUMBER(38,0)`, `VARCHAR(10)`, `DATE` …
fn type_name(word: &str, precision: &str, scale: &str, length: &str) -> String {
    match word {
        "NUMBER" => format!("NUMBER({precision},{scale})"),
        "TEXT" if length.is_empty() || LONGEST.contains(&length) => "VARCHAR".into(),
        "TEXT" => format!("VARCHAR({length})"),
        other => other.into(),
    }
}

/// The state of a table's rows: every change of them gives it another time.
pub(super) fn version(
    connection: &mut SnowflakeConnection,
    relation: &RelationName,
) -> Result<DataVersion, EngineError> {
    let full = connection.shared.home.full(relation);
    if full.schema.as_deref().is_some_and(|schema| schema.eq_ignore_ascii_case(TOLD)) {
        return Ok(DataVersion::of_the_database());
    }
    let Some(row) = one(connection, relation, "table_type, row_count, last_altered")? else {
        return Ok(DataVersion::unreadable());
    };
    let [word, rows, altered] = parts(row);
    Ok(match (kind(&word).0, altered.is_empty()) {
        (RelationKind::View, _) => {
            DataVersion::Unknown("it is a view, and only tables tell when their rows changed".into())
        }
        _ if word == "EXTERNAL TABLE" => {
            DataVersion::Unknown("its rows stand in files, of which the account doesn't tell when they changed".into())
        }
        (RelationKind::Table, true) => DataVersion::Unknown("the account doesn't tell when its rows changed".into()),
        (RelationKind::Table, false) => {
            let rows = if rows.is_empty() { "unknown" } else { &rows };
            DataVersion::Known(format!("{rows} rows, last changed at {altered}"))
        }
    })
}

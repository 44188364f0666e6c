//! What the project format knows of engines: their names, for messages. Which of them can run is the engines' matter.

/// Names that `engine:` of a profile, `overrides:` and `query_limits:` may hold.
pub(super) const ENGINES: [&str; 8] =
    ["duckdb", "postgres", "spark", "databricks", "databricks_spark", "bigquery", "snowflake", "snowflake_snowpark"];

/// Names that existing projects have for engines. `databricks_spark` is Spark or a workspace's warehouse, as its section
/// says.
const SPELLINGS: [(&str, &[&str]); 2] =
    [("databricks_spark", &["spark", "databricks"]), ("snowflake_snowpark", &["snowflake"])];

/// Keys of a section that only a warehouse of Databricks has.
const OF_A_WAREHOUSE: [&str; 2] = ["warehouse_id", "http_path"];

/// The engine that a profile means which calls it `name`, with a section of these keys.
pub(super) fn engine<'a>(name: &str, keys: impl IntoIterator<Item = &'a str>) -> String {
    let known = SPELLINGS.iter().find(|(spelling, _)| *spelling == name).map(|(_, engines)| *engines);
    let of_a_warehouse = keys.into_iter().any(|key| OF_A_WAREHOUSE.contains(&key));
    match known {
        Some([_, warehouse]) if of_a_warehouse => warehouse.to_string(),
        Some([engine, ..]) => engine.to_string(),
        _ => name.into(),
    }
}

/// The keys of an engine's section that may name the schema which nodes are built in.
pub(super) fn schema_keys(engine: &str) -> &'static [&'static str] {
    match engine {
        "spark" | "databricks" => &["database", "db_schema", "schema"],
        "bigquery" => &["dataset", "db_schema", "schema"],
        _ => &["db_schema", "schema"],
    }
}

/// The variable that says it where the section doesn't.
pub(super) fn schema_variable(engine: &str) -> Option<&'static str> {
    match engine {
        "bigquery" => Some("FF_BQ_DATASET"),
        "snowflake" => Some("FF_SF_SCHEMA"),
        _ => None,
    }
}

/// Whether `name` is one of `engine`'s, in whatever spelling.
pub(super) fn is_spelling(name: &str, engine: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name == engine || SPELLINGS.iter().any(|(spelling, engines)| *spelling == name && engines.contains(&engine))
}

/// What existing projects call the family of an engine, by whatever name of it; `generic` for what they don't know.
pub fn family(name: &str) -> &'static str {
    match name.trim().to_ascii_lowercase().as_str() {
        "duckdb" => "duckdb",
        "postgres" | "postgresql" => "postgres",
        "bigquery" => "bigquery",
        "spark" | "databricks" | "databricks_spark" => "spark",
        "snowflake" | "snowflake_snowpark" => "snowflake",
        _ => "generic",
    }
}

/// Every name that a project may have for an engine.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENGINES.into_iter()
}

/// The keys of an engine's section that may name the catalog which nodes are built in.
pub(super) fn catalog_keys(engine: &str) -> &'static [&'static str] {
    match engine {
        "bigquery" => &["project"],
        "snowflake" => &["database"],
        _ => &["catalog"],
    }
}

/// Variables of existing projects that stand for a key of a profile's section, by engine, and win over it.
const VARIABLES: [(&str, &str, &str); 23] = [
    ("duckdb", "FF_DUCKDB_PATH", "path"),
    ("duckdb", "FF_DUCKDB_SCHEMA", "db_schema"),
    ("duckdb", "FF_DUCKDB_CATALOG", "catalog"),
    ("postgres", "FF_PG_DSN", "dsn"),
    ("postgres", "FF_PG_SCHEMA", "db_schema"),
    ("spark", "FF_SPARK_MASTER", "master"),
    ("spark", "FF_SPARK_APP_NAME", "app_name"),
    ("spark", "FF_DBR_MASTER", "master"),
    ("spark", "FF_DBR_APPNAME", "app_name"),
    ("spark", "FF_DBR_DATABASE", "database"),
    ("databricks", "FF_DBR_DATABASE", "database"),
    ("databricks", "FF_DBR_CATALOG", "catalog"),
    ("bigquery", "FF_BQ_PROJECT", "project"),
    ("bigquery", "FF_BQ_DATASET", "dataset"),
    ("bigquery", "FF_BQ_LOCATION", "location"),
    ("bigquery", "FF_BQ_USE_BIGFRAMES", "use_bigframes"),
    ("snowflake", "FF_SF_ACCOUNT", "account"),
    ("snowflake", "FF_SF_USER", "user"),
    ("snowflake", "FF_SF_PASSWORD", "password"),
    ("snowflake", "FF_SF_ROLE", "role"),
    ("snowflake", "FF_SF_WAREHOUSE", "warehouse"),
    ("snowflake", "FF_SF_DATABASE", "database"),
    ("snowflake", "FF_SF_SCHEMA", "schema"),
];

/// Those of an engine: the variable and its key.
pub(super) fn variables(engine: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    VARIABLES.into_iter().filter(move |(of, ..)| *of == engine).map(|(_, variable, key)| (variable, key))
}

/// The least profiles.yml that works, indented for a hint.
pub(super) const EXAMPLE: &str =
    "dev:\n          engine: duckdb\n          duckdb:\n            path: .local/dev.duckdb";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_an_engine_are_one() {
        assert_eq!(engine("databricks_spark", ["master"]), "spark");
        assert_eq!(engine("databricks_spark", ["host", "http_path"]), "databricks");
        assert_eq!(engine("snowflake_snowpark", []), "snowflake");
        assert_eq!(engine("duckdb", ["warehouse_id"]), "duckdb");
        assert_eq!(schema_keys("databricks")[0], "database");
        assert!(!schema_keys("snowflake").contains(&"database"));
        assert!(is_spelling("databricks_spark", "databricks") && is_spelling("spark", "spark"));
        assert!(!is_spelling("databricks_spark", "snowflake") && !is_spelling("spark", "databricks"));
    }
}

//! What the project format knows of engines: their names, for messages. Which of them can run is the engines' matter.

/// Names that `engine:` of a profile, `overrides:` and `query_limits:` may hold.
pub(super) const ENGINES: [&str; 7] =
    ["duckdb", "postgres", "spark", "databricks_spark", "bigquery", "snowflake", "snowflake_snowpark"];

/// The least profiles.yml that works, indented for a hint.
pub(super) const EXAMPLE: &str =
    "dev:\n          engine: duckdb\n          duckdb:\n            path: .local/dev.duckdb";

//! DuckDB's SQL.

mod file;
mod grammar;

use super::{Dialect, FileProblem, FileRead, Grammar, Kept, Settable};
use crate::name::RelationName;
use crate::project::SourceTable;

/// The dialect of DuckDB 2.
#[derive(Clone, Copy, Debug, Default)]
pub struct DuckDb;

/// What `duckdb_keywords()` calls `reserved` or `type_function`, sorted: neither may name a table unquoted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "all", "analyse", "analyze", "and", "anti", "any", "array", "as", "asc", "asof", "asymmetric", "at",
    "authorization", "binary", "both", "by", "case", "cast", "check", "collate", "collation", "column", "columns",
    "concurrently", "constraint", "create", "cross", "default", "deferrable", "desc", "describe", "distinct", "do",
    "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "generated", "glob", "group",
    "having", "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lambda", "lateral",
    "leading", "left", "like", "limit", "map", "natural", "not", "notnull", "null", "offset", "on", "only", "or",
    "order", "outer", "overlaps", "pivot", "pivot_longer", "pivot_wider", "placing", "positional", "primary", "qualify",
    "references", "returning", "right", "select", "semi", "show", "similar", "some", "struct", "summarize", "symmetric",
    "table", "tablesample", "then", "to", "trailing", "true", "try_cast", "tuple", "union", "unique", "unpack",
    "unpivot", "using", "variadic", "verbose", "when", "where", "window", "with",
];

impl Dialect for DuckDb {
    fn name(&self) -> &'static str {
        "duckdb"
    }

    fn default_schema(&self) -> &'static str {
        "main"
    }

    fn grammar(&self) -> &'static Grammar {
        &grammar::GRAMMAR
    }

    fn reserved(&self) -> &'static [&'static str] {
        RESERVED
    }

    fn keeps_history(&self) -> bool {
        true
    }

    fn temporary(&self, name: &str) -> RelationName {
        RelationName::new(Some("temp"), Some("main"), name)
    }

    fn settable(&self) -> Settable {
        Settable { indexes: Ok(&["art"]), grants: Err("has no roles"), comments: Ok(Kept::WithMark) }
    }

    fn file_problem(&self, source: &SourceTable) -> Option<FileProblem> {
        file::problem(source)
    }

    fn file_patterns(&self, source: &SourceTable) -> Vec<String> {
        file::patterns(source)
    }

    fn files(&self, source: &SourceTable, root: &str) -> Option<String> {
        file::relation(source, root, |text| self.string_literal(text))
    }

    fn folder(&self, folder: &str) -> String {
        file::without_wildcards(folder)
    }

    fn file_reads(&self, text: &str) -> Vec<FileRead> {
        file::reads(text)
    }

    fn seconds_since(&self, expr: &str) -> String {
        // Its own zones are an extension; sessions are in UTC.
        format!("epoch(cast(now() as timestamp)) - epoch(cast({expr} as timestamp))")
    }

    fn safe_cast(&self, expr: &str, sql_type: &str, default: Option<&str>) -> String {
        match default {
            Some(default) => format!("coalesce(try_cast({expr} as {sql_type}), {default})"),
            None => format!("try_cast({expr} as {sql_type})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Create, RelationKind};
    use serde_json::json;

    #[test]
    fn only_odd_identifiers_are_quoted() {
        for (identifier, quoted) in [
            ("stg_users", "stg_users"),
            ("_ff_meta", "_ff_meta"),
            ("order", "\"order\""),
            ("Users", "\"Users\""),
            ("2024", "\"2024\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"größe\""),
            ("", "\"\""),
        ] {
            assert_eq!(DuckDb.quote(identifier), quoted);
        }
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn a_relation_has_the_parts_it_names() {
        assert_eq!(DuckDb.relation(&RelationName::new(None, None, "t")), "t");
        assert_eq!(DuckDb.relation(&RelationName::new(Some("db"), Some("my schema"), "t")), "db.\"my schema\".t");
    }

    #[test]
    fn ddl_wraps_the_query() {
        let name = RelationName::new(None, Some("s"), "t");
        assert_eq!(
            DuckDb.create(&Create::new(RelationKind::View, &name, "select 1; -- one").replacing()).text,
            "create or replace view s.t as (\nselect 1  -- one\n)"
        );
        assert_eq!(DuckDb.drop(RelationKind::Table, &name).text, "drop table if exists s.t");
    }

    #[test]
    fn template_helpers_write_sql() {
        assert_eq!(DuckDb.date_trunc("month", "at"), "date_trunc('month', cast(at as timestamp))");
        assert_eq!(DuckDb.date_add("day", -3, "at"), "(cast(at as timestamp) + interval '-3 day')");
        assert_eq!(DuckDb.safe_cast("x", "int", None), "try_cast(x as int)");
        assert_eq!(DuckDb.safe_cast("x", "int", Some("0")), "coalesce(try_cast(x as int), 0)");
        let (start, end) = (json!("2024-01-01"), json!("2024-02-01"));
        assert_eq!(DuckDb.partition_filter("d", Some(&start), Some(&end)), "d between '2024-01-01' and '2024-02-01'");
        assert_eq!(DuckDb.partition_filter("d", Some(&start), None), "d >= '2024-01-01'");
        assert_eq!(DuckDb.partition_filter("d", None, Some(&end)), "d <= '2024-02-01'");
        assert_eq!(DuckDb.partition_filter("d", None, None), "1 = 1");
        assert_eq!(DuckDb.partition_in("d", &[json!(1), json!("o'x"), json!(null)]), "d in (1, 'o''x', null)");
        assert_eq!(DuckDb.partition_in("d", &[]), "1 = 0");
    }
}

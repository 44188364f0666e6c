//! What templates of existing projects call.

use super::{one, problem};
use crate::project::testing::empty;
use crate::render::mark::Mark;
use serde_json::json;

#[test]
fn this_is_a_relation_with_parts() {
    let text = "{{ config(materialized='view', schema='s') }}{{ this }} {{ this ~ '_x' }} {{ this.relation }} {{ this.name }} \
                {{ this.materialized }} {{ this.schema }} [{{ this.database }}]";
    let found = one(empty().sql("deep/m", text));
    let this = Mark::This;
    assert_eq!(found.text, format!("{this} {this}_x {this} m.ff view s []"));
    assert_eq!(one(empty().sql("m", "{{ this.materialized }} {{ this.schema }}")).text, "table main");
    let given = empty().macros("a", "{% macro m(x) %}{{ x.name }} {{ this }} {{ this.relation }}{% endmacro %}");
    assert_eq!(one(given.sql("m", "{{ m(this) }}")).text, format!("m.ff {this} {this}"));
    let (code, _, at) = problem(empty().sql("m", "select 1\n{{ this.nonsense }}"));
    assert_eq!((code, at.split(':').nth(1)), ("template", Some("2")));
}

#[test]
fn the_engine_is_a_text_a_call_and_one_of_several() {
    let text = "{{ engine }} {{ engine('postgres') }} {{ engine() }} {{ ff_engine('x') }} {{ engine_family() }} \
                {{ engine_family('Databricks_Spark') }} {{ normalize_engine('snowflake_snowpark') }} \
                {{ is_engine('postgres', 'duckdb', 'postgres') }} {{ ff_is_engine('DuckDB') }} {{ ff_is_engine('spark') }} \
                {{ engine('x') in ['duckdb', 'postgres'] }}";
    let expected = "duckdb duckdb duckdb duckdb duckdb spark snowflake True True False True";
    assert_eq!(one(empty().sql("m", text)).text, expected);
    let in_macro = empty().macros("a", "{% macro m() %}{% set e = engine('x') %}{{ e }}{% endmacro %}");
    assert_eq!(one(in_macro.sql("m", "{{ m() }}")).text, "duckdb");
}

#[test]
fn filters_read_and_quote() {
    let project = empty().var("city", "O'Hare").variable("FF_A", "b").secret("FF_TOKEN", "hush");
    let text = "{{ 'city' | var }} {{ 'none' | var('x') }} {{ 'FF_A' | env }} {{ var('city') | sql_literal }} \
                {{ 1.5 | sql_literal }} {{ true | sql_literal }} {{ none | sql_literal }} {{ [1, 'a'] | sql_literal }} \
                {{ 'FF_TOKEN' | env | sql_literal }}";
    let found = one(project.sql("m", text));
    let secret = Mark::Secret("FF_TOKEN");
    assert_eq!(found.text, format!("O'Hare x b 'O''Hare' 1.5 true null '[1,\"a\"]' '{secret}'"));
    assert_eq!(found.vars["city"].value, json!("O'Hare"));
    assert!(found.warnings.is_empty());
}

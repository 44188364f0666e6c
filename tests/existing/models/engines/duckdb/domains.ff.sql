{{ config(engines=['duckdb'], materialized='view') }}
select domain, count(*)::integer as people from {{ ref('people.ff') }} group by all

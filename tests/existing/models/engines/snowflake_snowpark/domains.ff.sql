{{ config(engines=['snowflake_snowpark'], materialized='view') }}
select domain, count(*)::integer as people from {{ ref('people_of_the_account') }} group by all

{{ config(engines=['postgres'], materialized='view') }}
select domain, count(*)::integer as people from {{ ref('people') }} group by domain

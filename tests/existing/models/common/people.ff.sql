{{ config(
    materialized='table',
    tags=['engine:duckdb', 'engine:postgres'],
) }}
select
  id,
  lower(email) as email,
  {{ email_domain("lower(email)") }} as domain,
  score,
  {{ var('country') | sql_literal }} as country,
  '{{ slugify("My Shop") }}' as shop
from {{ source('crm', 'users') }};

-- {{ this.name }} of {{ this.schema }}

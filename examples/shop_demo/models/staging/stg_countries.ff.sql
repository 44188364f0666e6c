{{ config(materialized='ephemeral', tags=['staging']) }}

select
    code as country_code,
    name as country,
    currency
from {{ ref('raw_countries') }}

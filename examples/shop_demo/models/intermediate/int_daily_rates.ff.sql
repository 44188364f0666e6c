{{ config(materialized='ephemeral', tags=['finance']) }}

select
    rates.day,
    countries.country_code,
    rates.per_euro
from {{ ref('stg_rates.ff') }} as rates
join {{ ref('stg_countries.ff') }} as countries on countries.currency = rates.currency

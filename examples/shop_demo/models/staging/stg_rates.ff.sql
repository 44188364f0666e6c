{{ config(materialized='table', tags=['staging', 'finance']) }}

select
    cast(day as date) as day,
    currency,
    cast(per_euro as decimal(10, 4)) as per_euro
from {{ ref('raw_rates') }}

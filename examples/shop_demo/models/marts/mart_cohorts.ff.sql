{{ config(materialized='table', tags=['mart']) }}

select
    extract(year from signed_up_on) * 100 + extract(month from signed_up_on) as cohort,
    count(*) as customer_count,
    sum(order_count) as order_count
from {{ ref('dim_customers.ff') }}
group by 1

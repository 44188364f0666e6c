{{ config(materialized='table', tags=['mart', 'finance']) }}

select
    ordered_on as day,
    count(*) as order_count,
    {{ money('sum(paid_euro)') }} as revenue_euro
from {{ ref('fct_orders.ff') }}
group by ordered_on

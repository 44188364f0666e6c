{{ config(materialized='table') }}

select
    customer_id,
    count(*) as order_count,
    {{ money('sum(paid_amount)') }} as paid_amount,
    min(ordered_on) as first_ordered_on,
    max(ordered_on) as last_ordered_on
from {{ ref('int_orders_enriched.ff') }}
where status <> 'cancelled'
group by customer_id

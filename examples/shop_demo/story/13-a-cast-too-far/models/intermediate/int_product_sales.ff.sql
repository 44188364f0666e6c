{{ config(materialized='table') }}

select
    items.product_id,
    sum(items.quantity) as units,
    count(distinct items.order_id) as order_count,
    {{ money('sum(items.quantity * items.unit_price)') }} as revenue
from {{ ref('stg_order_items.ff') }} as items
join {{ ref('stg_orders.ff') }} as orders on orders.order_id = items.order_id
where orders.status <> 'cancelled'
group by items.product_id

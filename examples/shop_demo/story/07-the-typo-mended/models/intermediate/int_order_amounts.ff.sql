{{ config(materialized='table') }}

-- What each order comes to.
select
    order_id,
    count(*) as line_count,
    {{ money('sum(quantity * unit_price)') }} as amount
from {{ ref('stg_order_items.ff') }}
group by order_id

{{ config(materialized='table') }}

select
    items.order_item_id,
    items.order_id,
    items.product_id,
    items.quantity * items.unit_price as amount,
    returns.returned_on,
    returns.reason
from {{ ref('stg_returns.ff') }} as returns
join {{ ref('stg_order_items.ff') }} as items on items.order_item_id = returns.order_item_id

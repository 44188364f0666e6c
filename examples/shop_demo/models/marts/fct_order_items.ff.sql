{{ config(materialized='table', tags=['mart']) }}

select
    items.order_item_id,
    items.order_id,
    items.product_id,
    products.category,
    items.quantity,
    items.unit_price,
    returned.returned_on is not null as was_returned
from {{ ref('stg_order_items.ff') }} as items
join {{ ref('stg_products.ff') }} as products on products.product_id = items.product_id
left join {{ ref('int_returned_items.ff') }} as returned on returned.order_item_id = items.order_item_id

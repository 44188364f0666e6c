{{ config(materialized='table', tags=['staging']) }}

select
    id as order_item_id,
    order_id,
    product_id,
    quantity,
    {{ money('unit_price') }} as unit_price
from {{ source('shop', 'order_items') }}

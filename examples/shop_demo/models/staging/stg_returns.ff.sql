{{ config(materialized='view', tags=['staging']) }}

select
    order_item_id,
    cast(returned_on as date) as returned_on,
    reason
from {{ source('shop', 'returns') }}

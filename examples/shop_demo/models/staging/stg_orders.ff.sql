{{ config(materialized='table', tags=['staging']) }}

select
    id as order_id,
    customer_id,
    cast(ordered_on as date) as ordered_on,
    {{ label('status') }} as status,
    channel
from {{ source('shop', 'orders') }}

{{ config(materialized='view', tags=['staging']) }}

select
    id as shipment_id,
    order_id,
    cast(sent_on as date) as sent_on,
    cast(arrived_on as date) as arrived_on,
    carrier
from {{ source('shop', 'shipments') }}

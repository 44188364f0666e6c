{{ config(materialized='view') }}

select
    shipments.order_id,
    shipments.carrier,
    shipments.arrived_on - orders.ordered_on as days_to_door
from {{ ref('stg_shipments.ff') }} as shipments
join {{ ref('stg_orders.ff') }} as orders on orders.order_id = shipments.order_id

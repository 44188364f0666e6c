{{ config(materialized='table', tags=['mart']) }}

select
    customers.customer_id,
    customers.full_name,
    customers.country,
    segments.segment,
    orders.paid_amount,
    orders.last_ordered_on
from {{ ref('dim_customers.ff') }} as customers
join {{ ref('int_customer_orders.ff') }} as orders on orders.customer_id = customers.customer_id
join {{ ref('py_customer_segments') }} as segments on segments.customer_id = customers.customer_id

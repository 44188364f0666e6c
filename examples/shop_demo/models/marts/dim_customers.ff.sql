{{ config(materialized='table', tags=['mart']) }}

select
    customers.customer_id,
    customers.full_name,
    customers.email,
    countries.country,
    customers.signed_up_on,
    orders.first_ordered_on,
    coalesce(orders.order_count, 0) as order_count
from {{ ref('stg_customers.ff') }} as customers
left join {{ ref('stg_countries.ff') }} as countries on countries.country_code = customers.country_code
left join {{ ref('int_customer_orders.ff') }} as orders on orders.customer_id = customers.customer_id

{{ config(materialized='table', tags=['mart', 'finance']) }}

select
    orders.order_id,
    orders.customer_id,
    customers.country_code,
    orders.ordered_on,
    orders.channel,
    orders.status,
    orders.amount,
    orders.paid_amount,
    orders.is_big,
    {{ in_euro('orders.paid_amount', 'rates.per_euro') }} as paid_euro
from {{ ref('int_orders_enriched.ff') }} as orders
join {{ ref('stg_customers.ff') }} as customers on customers.customer_id = orders.customer_id
join {{ ref('int_daily_rates.ff') }} as rates
    on rates.day = orders.ordered_on and rates.country_code = customers.country_code

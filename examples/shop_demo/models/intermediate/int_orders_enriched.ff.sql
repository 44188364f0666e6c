{{ config(materialized='table') }}

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_on,
    orders.channel,
    orders.status,
    amounts.line_count,
    amounts.amount,
    coalesce(payments.paid_amount, 0) as paid_amount,
    payments.paid_on,
    amounts.amount >= {{ var('big_order') }} as is_big
from {{ ref('stg_orders.ff') }} as orders
left join {{ ref('int_order_amounts.ff') }} as amounts on amounts.order_id = orders.order_id
left join {{ ref('int_order_payments.ff') }} as payments on payments.order_id = orders.order_id

{{ config(materialized='table', tags=['mart']) }}

with paid as (
    select
        user_id,
        count(*) as order_count,
        sum(amount) as total_amount,
        max(ordered_on) as last_ordered_on
    from {{ ref('stg_orders.ff') }}
    where status = 'paid'
    group by user_id
)

select
    users.user_id,
    users.full_name,
    users.email,
    coalesce(paid.order_count, 0) as order_count,
    cast(coalesce(paid.total_amount, 0) as {{ 'numeric' if engine == 'bigquery' else 'decimal(14, 2)' }}) as total_amount,
    paid.last_ordered_on
from {{ ref('stg_users.ff') }} as users
left join paid on paid.user_id = users.user_id

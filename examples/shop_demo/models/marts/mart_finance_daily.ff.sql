{{ config(materialized='table', tags=['mart', 'finance']) }}

select
    revenue.day,
    revenue.revenue_euro,
    {{ money('revenue.revenue_euro * ' ~ var('margin')) }} as margin_euro,
    targets.target_euro,
    revenue.revenue_euro >= targets.target_euro as reached
from {{ ref('fct_daily_revenue.ff') }} as revenue
left join {{ ref('py_targets') }} as targets on targets.day = revenue.day

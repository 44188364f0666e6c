{{ config(materialized='table', tags=['mart', 'finance']) }}

select
    countries.country,
    count(*) as order_count,
    {{ money('sum(orders.paid_euro)') }} as revenue_euro,
    {{ money('sum(orders.paid_euro) * ' ~ var('margin')) }} as margin_euro
from {{ ref('fct_orders.ff') }} as orders
join {{ ref('stg_countries.ff') }} as countries on countries.country_code = orders.country_code
group by countries.country

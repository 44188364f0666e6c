{{ config(materialized='view', tags=['mart', 'board']) }}

select 'revenue' as figure, sum(revenue_euro) as value from {{ ref('fct_daily_revenue.ff') }}
union all
select 'margin', sum(margin_euro) from {{ ref('mart_revenue_by_country.ff') }}
union all
select 'days on target', sum(case when reached then 1 else 0 end) from {{ ref('mart_finance_daily.ff') }}
union all
select 'late parcels', sum(late_count) from {{ ref('mart_delivery_quality.ff') }}

{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete_insert') }}
select
  cast(occurred_at as date) as day,
  count(*) as events,
  sum(case when kind in ('order', 'return') then amount else 0 end) as ordered,
  max(received_at) as received_at
from {{ ref('events') }}
{% if is_incremental() %}
-- Every day of which something came since, however late.
where cast(occurred_at as date) in (
  select cast(occurred_at as date)
  from {{ ref('events') }}
  where received_at >= (select max(received_at) from {{ this }})
)
{% endif %}
group by cast(occurred_at as date)

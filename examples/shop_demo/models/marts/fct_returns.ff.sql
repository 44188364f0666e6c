{{ config(materialized='table', tags=['mart']) }}

select
    reason,
    count(*) as return_count,
    {{ money('sum(amount)') }} as amount
from {{ ref('int_returned_items.ff') }}
group by reason

{{ config(materialized='table', tags=['mart']) }}

select
    carrier,
    count(*) as parcel_count,
    avg(days_to_door) as days_to_door,
    sum(case when days_to_door > 4 then 1 else 0 end) as late_count
from {{ ref('int_delivery_times.ff') }}
group by carrier

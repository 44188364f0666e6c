{{ config(materialized='view') }}
select customer, sum(points) as points
from {{ ref('points') }}
group by customer

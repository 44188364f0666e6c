{{ config(materialized='table', tags=['staging', 'finance']) }}

select
    id as payment_id,
    order_id,
    cast(paid_on as date) as paid_on,
    method,
    {{ money('amount') }} as amount
from {{ source('shop', 'payments') }}

{{ config(materialized='table', tags=['finance']) }}

select
    order_id,
    {{ money('sum(amount)') }} as paid_amount,
    max(paid_on) as paid_on,
    max(cast(method as integer)) as method_code
from {{ ref('stg_payments.ff') }}
group by order_id

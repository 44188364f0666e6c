{{ config(materialized='view', tags=['staging']) }}

select
    cast(id as bigint) as order_id,
    cast(user_id as bigint) as user_id,
    cast(ordered_on as date) as ordered_on,
    cast(amount as {{ 'numeric' if engine == 'bigquery' else 'decimal(12, 2)' }}) as amount,
    '{{ var("currency", "EUR") }}' as currency,
    lower(trim(status)) as status
from {{ source('crm', 'orders') }}

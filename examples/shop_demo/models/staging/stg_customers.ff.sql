{{ config(materialized='table', tags=['staging']) }}

select
    id as customer_id,
    {{ tidy('name') }} as full_name,
    {{ label('email') }} as email,
    country as country_code,
    cast(signed_up_on as date) as signed_up_on
from {{ source('shop', 'customers') }}

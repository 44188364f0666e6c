{{ config(materialized='table', tags=['staging']) }}

select
    cast(id as bigint) as user_id,
    trim(name) as full_name,
    lower(trim(email)) as email,
    cast(signed_up_on as date) as signed_up_on
from {{ source('crm', 'users') }}

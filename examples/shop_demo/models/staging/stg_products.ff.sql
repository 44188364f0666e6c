{{ config(materialized='view', tags=['staging']) }}

select
    id as product_id,
    {{ tidy('title') }} as title,
    {{ label('category') }} as category,
    {{ money('list_price') }} as list_price,
    supplier
from {{ source('shop', 'products') }}

{{ config(materialized='table', tags=['mart']) }}

select
    products.product_id,
    products.title,
    products.category,
    products.supplier,
    products.list_price,
    coalesce(sales.units, 0) as units_sold
from {{ ref('stg_products.ff') }} as products
left join {{ ref('int_product_sales.ff') }} as sales on sales.product_id = products.product_id

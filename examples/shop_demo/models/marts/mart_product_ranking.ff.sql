{{ config(materialized='table', tags=['mart']) }}

select
    products.title,
    products.category,
    sales.units,
    sales.revenue,
    rank() over (partition by products.category order by sales.revenue desc) as rank_in_category
from {{ ref('dim_products.ff') }} as products
join {{ ref('int_product_sales.ff') }} as sales on sales.product_id = products.product_id

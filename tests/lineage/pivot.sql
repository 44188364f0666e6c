-- case: pivot behind from
select * from (select user_id, quarter, revenue from quarters) pivot (sum(revenue) for quarter in ('q1', 'q2'))
-- user_id <- direct quarters.user_id
-- q1 <- aggregate quarters.revenue; filter quarters.quarter
-- q2 <- aggregate quarters.revenue; filter quarters.quarter

-- case: pivot of two aggregates
select user_id, a_r, a_c, b_r from quarters pivot (sum(revenue) as r, max(cost) as c for quarter in ('a', 'b')) as p
-- user_id <- direct quarters.user_id
-- a_r <- aggregate quarters.revenue; filter quarters.quarter
-- a_c <- aggregate quarters.cost; filter quarters.quarter
-- b_r <- aggregate quarters.revenue; filter quarters.quarter

-- case: unpivot behind from
select user_id, quarter, amount from wide unpivot (amount for quarter in (q1, q2))
-- user_id <- direct wide.user_id
-- quarter <-
-- amount <- direct wide.q1; direct wide.q2

-- case: pivot as a statement
pivot quarters on quarter using sum(revenue) group by user_id
-- user_id <- unknown
-- q1 <- unknown

-- case: unpivot as a statement
unpivot wide on q1, q2 into name quarter value amount
-- user_id <- unknown
-- note <- unknown
-- quarter <- unknown
-- amount <- unknown

-- case: conditional aggregates as a pivot
select user_id, sum(case when quarter = 'q1' then revenue end) as q1, sum(if(quarter = 'q2', revenue, 0)) as q2 from quarters group by user_id
-- user_id <- direct quarters.user_id
-- q1 <- aggregate quarters.quarter; aggregate quarters.revenue
-- q2 <- aggregate quarters.quarter; aggregate quarters.revenue

-- case: a model as people write them
with
  paid as (
    select o.user_id, o.amount, date_trunc('month', o.ordered_at) as month
    from orders as o
    where o.status = 'paid'
  ),
  monthly as (
    select user_id, month, sum(amount) as total, count(*) as n
    from paid
    group by user_id, month
  ),
  ranked as (
    select *, row_number() over (partition by user_id order by month desc) as place
    from monthly
  )
select
  u.id as user_id,
  u.name,
  coalesce(r.total, 0) as last_total,
  r.n,
  r.month as last_month,
  r.total > 1000 as is_large
from users as u
left join ranked as r on r.user_id = u.id and r.place = 1
-- user_id <- direct users.id
-- name <- direct users.name
-- last_total <- aggregate orders.amount
-- n <-
-- last_month <- derived orders.ordered_at
-- is_large <- aggregate orders.amount
-- * <- filter orders.status; filter users.id; filter orders.user_id; filter orders.ordered_at

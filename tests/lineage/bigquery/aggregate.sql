-- case: aggregates
select user_id, count(*) as n, countif(amount > 1) as some_of_them, sum(amount) as s, avg(amount) as a, count(distinct status) as kinds from orders group by user_id
-- user_id <- direct orders.user_id
-- n <-
-- some_of_them <- aggregate orders.amount
-- s <- aggregate orders.amount
-- a <- aggregate orders.amount
-- kinds <- aggregate orders.status

-- case: aggregates that choose
select any_value(status having max ordered_at) as last, max_by(id, amount) as best, min_by(id, amount) as worst from orders
-- last <- aggregate orders.status; filter orders.ordered_at
-- best <- aggregate orders.id; aggregate orders.amount
-- worst <- aggregate orders.id; aggregate orders.amount

-- case: aggregates in an order
select array_agg(status ignore nulls order by ordered_at desc limit 2) as statuses, string_agg(status, ', ' order by id) as text from orders
-- statuses <- aggregate orders.status; filter orders.ordered_at
-- text <- aggregate orders.status; filter orders.id

-- case: approximate ones
select approx_count_distinct(user_id) as users, approx_quantiles(amount, 4) as parts, approx_top_count(status, 2) as tops from orders
-- users <- aggregate orders.user_id
-- parts <- aggregate orders.amount
-- tops <- aggregate orders.status

-- case: sketches
select user_id, hll_count.init(status) as sketch from orders group by user_id
-- user_id <- direct orders.user_id
-- sketch <- aggregate orders.status

-- case: rollup
select user_id, status, sum(amount) as s from orders group by rollup (user_id, status)
-- user_id <- direct orders.user_id
-- status <- direct orders.status
-- s <- aggregate orders.amount

-- case: grouping sets
select user_id, sum(amount) as s from orders group by grouping sets ((user_id, status), ())
-- user_id <- direct orders.user_id
-- s <- aggregate orders.amount
-- * <- filter orders.status

-- case: group by all
select user_id, lower(status) as s, sum(amount) as total from orders group by all
-- user_id <- direct orders.user_id
-- s <- derived orders.status
-- total <- aggregate orders.amount

-- case: a key that isn't shown
select sum(amount) as s from orders group by user_id
-- s <- aggregate orders.amount
-- * <- filter orders.user_id

-- case: windows
select id, sum(amount) over (partition by user_id order by ordered_at rows between unbounded preceding and current row) as running, lag(amount) over w as before from orders window w as (partition by user_id order by id)
-- id <- direct orders.id
-- running <- aggregate orders.amount; filter orders.user_id; filter orders.ordered_at
-- before <- derived orders.amount; filter orders.user_id; filter orders.id

-- case: ranks
select id, row_number() over (partition by user_id order by ordered_at) as n, ntile(4) over (order by amount) as part from orders
-- id <- direct orders.id
-- n <- derived orders.user_id; derived orders.ordered_at
-- part <- derived orders.amount

-- case: nulls left out
select id, last_value(status ignore nulls) over (partition by user_id order by id) as last, percentile_cont(amount, 0.5) over (partition by user_id) as middle from orders
-- id <- direct orders.id
-- last <- derived orders.status; filter orders.user_id; filter orders.id
-- middle <- aggregate orders.amount; filter orders.user_id

-- case: pivot
select * from (select user_id, quarter, revenue from quarters) pivot (sum(revenue) for quarter in ('q1', 'q2' as second))
-- user_id <- direct quarters.user_id
-- q1 <- aggregate quarters.revenue; filter quarters.quarter
-- second <- aggregate quarters.revenue; filter quarters.quarter

-- case: pivot of two aggregates
select * from quarters pivot (sum(revenue) as r, max(cost) as c for quarter in ('q1', 'q2'))
-- user_id <- direct quarters.user_id
-- r_q1 <- aggregate quarters.revenue; filter quarters.quarter
-- c_q1 <- aggregate quarters.cost; filter quarters.quarter
-- r_q2 <- aggregate quarters.revenue; filter quarters.quarter
-- c_q2 <- aggregate quarters.cost; filter quarters.quarter

-- case: unpivot
select * from wide unpivot (revenue for quarter in (q1, q2 as 'second'))
-- user_id <- direct wide.user_id
-- note <- direct wide.note
-- revenue <- direct wide.q1; direct wide.q2
-- quarter <-

-- case: unpivot of pairs
select * from wide unpivot ((a, b) for kind in ((q1, q2) as 'x'))
-- user_id <- unknown
-- note <- unknown
-- a <- unknown
-- b <- unknown
-- kind <- unknown

-- case: group by
select user_id, sum(amount) as total, count(*) as n, max(ordered_at) as last from orders group by user_id
-- user_id <- direct orders.user_id
-- total <- aggregate orders.amount
-- n <-
-- last <- aggregate orders.ordered_at

-- case: a key that isn't given
select sum(amount) as total from orders group by user_id, status
-- total <- aggregate orders.amount
-- * <- filter orders.user_id; filter orders.status

-- case: group by an expression
select date_trunc('month', ordered_at) as month, sum(amount) as total from orders group by date_trunc('month', ordered_at)
-- month <- derived orders.ordered_at
-- total <- aggregate orders.amount

-- case: group by an alias
select date_trunc('month', ordered_at) as month, sum(amount) as total from orders group by month
-- month <- derived orders.ordered_at
-- total <- aggregate orders.amount

-- case: group by place
select status, user_id % 10 as bucket, avg(amount) as mean from orders group by 1, 2
-- status <- direct orders.status
-- bucket <- derived orders.user_id
-- mean <- aggregate orders.amount

-- case: group by all
select status, user_id, sum(amount) as total from orders group by all
-- status <- direct orders.status
-- user_id <- direct orders.user_id
-- total <- aggregate orders.amount

-- case: having
select status, count(*) as n from orders group by status having sum(amount) > 100
-- status <- direct orders.status
-- n <-
-- * <- filter orders.amount

-- case: filter of an aggregate
select sum(amount) filter (where status = 'paid') as paid, sum(amount) as total from orders
-- paid <- aggregate orders.amount; filter orders.status
-- total <- aggregate orders.amount

-- case: expressions over aggregates
select sum(amount) / count(distinct user_id) as mean, max(amount) - min(amount) as spread from orders
-- mean <- aggregate orders.amount; aggregate orders.user_id
-- spread <- aggregate orders.amount

-- case: aggregates of expressions
select sum(price * qty) as revenue, count(case when qty > 1 then sku end) as many from items
-- revenue <- aggregate items.price; aggregate items.qty
-- many <- aggregate items.qty; aggregate items.sku

-- case: an aggregate with an order of its own
select string_agg(name, ', ' order by created_at) as names, list(email order by id desc) as mails from users
-- names <- aggregate users.name; filter users.created_at
-- mails <- aggregate users.email; filter users.id

-- case: within group
select percentile_cont(0.5) within group (order by amount) as median from orders
-- median <- aggregate orders.amount

-- case: arg_max
select user_id, arg_max(status, ordered_at) as last_status from orders group by user_id
-- user_id <- direct orders.user_id
-- last_status <- aggregate orders.status; aggregate orders.ordered_at

-- case: rollup
select country, name, count(*) as n from users group by rollup (country, name)
-- country <- direct users.country
-- name <- direct users.name
-- n <-

-- case: grouping sets with a key that isn't given
select country, count(*) as n from users group by grouping sets ((country, email), (country))
-- country <- direct users.country
-- n <-
-- * <- filter users.email

-- case: aggregated twice
select max(total) as best from (select user_id, sum(amount) as total from orders group by user_id)
-- best <- aggregate orders.amount

-- case: derived from an aggregate
select total * 2 as twice, user_id from (select user_id, sum(amount) as total from orders where status = 'paid' group by user_id) s where total > 10
-- twice <- aggregate orders.amount
-- user_id <- direct orders.user_id
-- * <- filter orders.status; filter orders.amount

-- case: any value and a struct of aggregates
select any_value(name) as name, {'n': count(*), 'last': max(created_at)} as facts from users group by country
-- name <- aggregate users.name
-- facts <- aggregate users.created_at
-- * <- filter users.country

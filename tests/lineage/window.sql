-- case: a sum over a window
select id, sum(amount) over (partition by user_id order by ordered_at) as running from orders
-- id <- direct orders.id
-- running <- aggregate orders.amount; filter orders.user_id; filter orders.ordered_at

-- case: ranking is made from its window
select id, row_number() over (partition by user_id order by ordered_at desc) as place from orders
-- id <- direct orders.id
-- place <- derived orders.user_id; derived orders.ordered_at

-- case: lag and lead
select lag(amount) over (partition by user_id order by ordered_at) as before, lead(status, 1, 'none') over (order by id) as next from orders
-- before <- derived orders.amount; filter orders.user_id; filter orders.ordered_at
-- next <- derived orders.status; filter orders.id

-- case: a named window
select id, rank() over w as place, avg(amount) over w as mean from orders window w as (partition by status order by amount)
-- id <- direct orders.id
-- place <- derived orders.status; derived orders.amount
-- mean <- aggregate orders.amount; filter orders.status

-- case: qualify
select id, user_id from orders qualify row_number() over (partition by user_id order by ordered_at desc) = 1
-- id <- direct orders.id
-- user_id <- direct orders.user_id
-- * <- filter orders.user_id; filter orders.ordered_at

-- case: qualify with an alias
select id, dense_rank() over (order by amount) as r from orders qualify r < 4
-- id <- direct orders.id
-- r <- derived orders.amount
-- * <- filter orders.amount

-- case: the first row of each group by a subquery
select id, amount from (select *, row_number() over (partition by user_id order by ordered_at desc) as rn from orders) where rn = 1
-- id <- direct orders.id
-- amount <- direct orders.amount
-- * <- filter orders.user_id; filter orders.ordered_at

-- case: a window over aggregates
select status, sum(sum(amount)) over (order by status) as running from orders group by status
-- status <- direct orders.status
-- running <- aggregate orders.amount; filter orders.status

-- case: a share of the total
select user_id, amount / sum(amount) over (partition by user_id) as share from orders
-- user_id <- direct orders.user_id
-- share <- aggregate orders.amount; filter orders.user_id

-- case: nulls ignored and rows excluded
select first_value(status ignore nulls) over (order by ordered_at rows between 3 preceding and current row exclude current row) as s from orders
-- s <- derived orders.status; filter orders.ordered_at

-- case: a filtered window
select count(*) filter (where status = 'paid') over (partition by user_id) as paid from orders
-- paid <- filter orders.status; filter orders.user_id

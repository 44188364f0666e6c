-- case: common table expressions
with paid as (select * from orders where status = 'paid'), per (who, total) as (select user_id, sum(amount) from paid group by user_id)
select name, total from users join per on who = id
-- NAME <- direct users.name
-- TOTAL <- aggregate orders.amount; filter orders.status
-- * <- filter orders.status; filter orders.user_id; filter users.id

-- case: recursion
with recursive path as (
  select id, parent_id, label from tree where parent_id is null
  union all
  select t.id, t.parent_id, p.label || '/' || t.label from tree t join path p on t.parent_id = p.id
)
select id, label from path
-- ID <- direct tree.id
-- LABEL <- derived tree.label
-- * <- filter tree.parent_id; filter tree.id

-- case: recursion without the word
with n (i) as (select 1 union all select i + 1 from n where i < 10) select i from n
-- I <-

-- case: union all
select id, name from users union all select id, label from tree
-- ID <- direct users.id; direct tree.id
-- NAME <- direct users.name; direct tree.label

-- case: union by name
select id, name from users union all by name select label as name, id from tree
-- ID <- direct users.id; direct tree.id
-- NAME <- direct users.name; direct tree.label

-- case: minus
select id from users minus select user_id from orders where amount > 1
-- ID <- direct users.id
-- * <- filter orders.user_id; filter orders.amount

-- case: intersect
select id, name from users intersect select id, label from tree
-- ID <- direct users.id
-- NAME <- direct users.name
-- * <- filter tree.id; filter tree.label

-- case: aggregates
select user_id, count(*) as n, count_if(amount > 1) as some_of_them, sum(amount) as s, listagg(status, ',') within group (order by ordered_at) as l, array_agg(distinct status) as a from orders group by user_id
-- USER_ID <- direct orders.user_id
-- N <-
-- SOME_OF_THEM <- aggregate orders.amount
-- S <- aggregate orders.amount
-- L <- aggregate orders.status; aggregate orders.ordered_at
-- A <- aggregate orders.status

-- case: aggregates that choose
select max_by(id, amount) as best, any_value(status) as some_status, median(amount) as m, approx_count_distinct(user_id) as users, object_agg(status, amount) as o, boolor_agg(amount > 1) as b from orders
-- BEST <- aggregate orders.id; aggregate orders.amount
-- SOME_STATUS <- aggregate orders.status
-- M <- aggregate orders.amount
-- USERS <- aggregate orders.user_id
-- O <- aggregate orders.status; aggregate orders.amount
-- B <- aggregate orders.amount

-- case: group by all
select user_id, lower(status) as s, sum(amount) as total from orders group by all
-- USER_ID <- direct orders.user_id
-- S <- derived orders.status
-- TOTAL <- aggregate orders.amount

-- case: cube
select user_id, status, grouping(status) as g, sum(amount) as s from orders group by cube (user_id, status)
-- USER_ID <- direct orders.user_id
-- STATUS <- direct orders.status
-- G <- aggregate orders.status
-- S <- aggregate orders.amount

-- case: windows
select id, sum(amount) over (partition by user_id order by ordered_at rows between unbounded preceding and current row) as running, lag(amount) ignore nulls over (partition by user_id order by id) as before, ratio_to_report(amount) over (partition by status) as part from orders
-- ID <- direct orders.id
-- RUNNING <- aggregate orders.amount; filter orders.user_id; filter orders.ordered_at
-- BEFORE <- derived orders.amount; filter orders.user_id; filter orders.id
-- PART <- derived orders.amount; filter orders.status

-- case: pivot
select * from (select user_id, quarter, revenue from quarters) pivot (sum(revenue) for quarter in ('q1', 'q2'))
-- USER_ID <- direct quarters.user_id
-- 'q1' <- aggregate quarters.revenue; filter quarters.quarter
-- 'q2' <- aggregate quarters.revenue; filter quarters.quarter

-- case: pivot with names
select user_id, first, second from (select user_id, quarter, revenue from quarters) pivot (sum(revenue) for quarter in ('q1', 'q2')) as p (user_id, first, second)
-- USER_ID <- direct quarters.user_id
-- FIRST <- aggregate quarters.revenue; filter quarters.quarter
-- SECOND <- aggregate quarters.revenue; filter quarters.quarter

-- case: pivot of whatever values there are
select * from (select user_id, quarter, revenue from quarters) pivot (sum(revenue) for quarter in (any order by quarter))
-- USER_ID <- direct quarters.user_id
-- 'q1' <- aggregate quarters.revenue; filter quarters.quarter

-- case: unpivot
select * from wide unpivot (revenue for quarter in (q1, q2))
-- USER_ID <- direct wide.user_id
-- NOTE <- direct wide.note
-- QUARTER <-
-- REVENUE <- direct wide.q1; direct wide.q2

-- case: unpivot with nulls
select user_id, quarter, revenue from wide unpivot include nulls (revenue for quarter in (q1, q2))
-- USER_ID <- direct wide.user_id
-- QUARTER <-
-- REVENUE <- direct wide.q1; direct wide.q2

-- case: scripting
begin return 1; end
-- X <- unknown

-- case: from first
from users select id
-- ID <- unknown

-- case: a join with using
select * from (select user_id, q1 from wide) join (select user_id, quarter from quarters) using (user_id)
-- user_id <- direct wide.user_id
-- q1 <- direct wide.q1
-- quarter <- direct quarters.quarter
-- * <- filter wide.user_id; filter quarters.user_id

-- case: a full join with using
select user_id, q1, revenue from wide full outer join quarters using (user_id)
-- user_id <- direct wide.user_id; direct quarters.user_id
-- q1 <- direct wide.q1
-- revenue <- direct quarters.revenue
-- * <- filter wide.user_id; filter quarters.user_id

-- case: a comma and a condition
select u.name, o.amount from users u, orders o where u.id = o.user_id
-- name <- direct users.name
-- amount <- direct orders.amount
-- * <- filter users.id; filter orders.user_id

-- case: common table expressions
with paid as (select * from orders where status = 'paid'), per as (select user_id, sum(amount) as total from paid group by user_id)
select name, total from users join per on per.user_id = users.id
-- name <- direct users.name
-- total <- aggregate orders.amount; filter orders.status
-- * <- filter orders.status; filter orders.user_id; filter users.id

-- case: letters of expressions don't count
with Paid as (select id from orders) select id from PAID
-- id <- direct orders.id

-- case: recursion
with recursive path as (
  select id, parent_id, label from tree where parent_id is null
  union all
  select t.id, t.parent_id, concat(p.label, '/', t.label) from tree t join path p on t.parent_id = p.id
)
select id, label from path
-- id <- direct tree.id
-- label <- derived tree.label
-- * <- filter tree.parent_id; filter tree.id

-- case: union all
select id, name from users union all select id, label from tree
-- id <- direct users.id; direct tree.id
-- name <- direct users.name; direct tree.label

-- case: union distinct of three
select id from users union distinct (select user_id from orders union distinct select id + 1 from tree)
-- id <- direct users.id; direct orders.user_id; derived tree.id

-- case: except distinct
select id from users except distinct select user_id from orders where amount > 1
-- id <- direct users.id
-- * <- filter orders.user_id; filter orders.amount

-- case: intersect distinct
select id, name from users intersect distinct select id, label from tree
-- id <- direct users.id
-- name <- direct users.name
-- * <- filter tree.id; filter tree.label

-- case: a sample
select id from users tablesample system (10 percent)
-- id <- direct users.id

-- case: another time
select id from orders for system_time as of timestamp '2024-01-01' where amount > 1
-- id <- direct orders.id
-- * <- filter orders.amount

-- case: a relation of whose columns nobody knows
select * from web.events
-- event_id <- direct source:web.events.event_id
-- user_id <- direct source:web.events.user_id
-- kind <- direct source:web.events.kind
-- payload <- direct source:web.events.payload
-- happened_at <- direct source:web.events.happened_at

-- case: a name that two such relations may have
select e.kind, page from web.events e join web.visits v on e.user_id = v.user_id
-- kind <- direct source:web.events.kind
-- page <- unknown
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

-- case: pipes
from orders |> where amount > 1 |> select id, amount
-- id <- unknown
-- amount <- unknown

-- case: a pipe that aggregates
from orders |> aggregate sum(amount) as total group by user_id
-- user_id <- unknown
-- total <- unknown

-- case: from first
from users
-- id <- direct users.id
-- name <- direct users.name
-- email <- direct users.email
-- country <- direct users.country
-- created_at <- direct users.created_at

-- case: tables by a pattern
select event_id from `web.events_*` where _table_suffix = '2024'
-- event_id <- unknown

-- case: a function's table
select * from external_query('connection', 'select a from t')
-- a <- unknown

-- case: scripting
declare x int64; select id from users
-- id <- unknown

-- case: a common table expression
with paid as (select * from orders where status = 'paid') select id, amount from paid
-- id <- direct orders.id
-- amount <- direct orders.amount
-- * <- filter orders.status

-- case: a chain of them
with a as (select id, name from users), b as (select id, upper(name) as n from a), c as (select n, id as key from b) select key, n from c
-- key <- direct users.id
-- n <- derived users.name

-- case: with column names
with a(x, y) as (select id, email from users) select x, y from a
-- x <- direct users.id
-- y <- direct users.email

-- case: one used twice
with t as (select id, parent_id, label from tree) select l.label as l, r.label as r from t l join t r on l.id = r.parent_id
-- l <- direct tree.label
-- r <- direct tree.label
-- * <- filter tree.id; filter tree.parent_id

-- case: one hides a relation
with users as (select id, status as name from orders) select id, name from users
-- id <- direct orders.id
-- name <- direct orders.status

-- case: one that hides the relation it reads
with users as (select id, upper(name) as name from users) select id, name from users
-- id <- direct users.id
-- name <- derived users.name

-- case: nested ones
with outer_one as (with inner_one as (select id from users) select id + 1 as next from inner_one) select next from outer_one
-- next <- derived users.id

-- case: materialized
with t as materialized (select sum(amount) as s from orders) select s from t
-- s <- aggregate orders.amount

-- case: recursive numbers
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select i from n
-- i <-

-- case: recursive tree
with recursive path as (
  select id, parent_id, label from tree where parent_id is null
  union all
  select t.id, t.parent_id, p.label || '/' || t.label from tree t join path p on t.parent_id = p.id
)
select id, label from path
-- id <- direct tree.id
-- label <- derived tree.label
-- * <- filter tree.parent_id; filter tree.id

-- case: recursive with columns that change places
with recursive r(a, b) as (select id, label from tree union all select b::integer, a::varchar from r where a < 5) select a, b from r
-- a <- derived tree.id; derived tree.label
-- b <- derived tree.id; derived tree.label
-- * <- filter tree.id; filter tree.label

-- case: union all
select id, name from users union all select id, label from tree
-- id <- direct users.id; direct tree.id
-- name <- direct users.name; direct tree.label

-- case: union of a column and a constant
select id, country from users union select user_id, 'none' from orders where amount > 1
-- id <- direct users.id; direct orders.user_id
-- country <- direct users.country
-- * <- filter orders.amount

-- case: union by name
select id, name from users union all by name select label as name, id, parent_id from tree
-- id <- direct users.id; direct tree.id
-- name <- direct users.name; direct tree.label
-- parent_id <- direct tree.parent_id

-- case: union of three
select id from users union all select id * 2 from tree union all select order_id from items
-- id <- direct users.id; derived tree.id; direct items.order_id

-- case: except
select id from users except select user_id from orders where status = 'paid'
-- id <- direct users.id
-- * <- filter orders.user_id; filter orders.status

-- case: intersect
select id, name from users intersect select id, label from tree
-- id <- direct users.id
-- name <- direct users.name
-- * <- filter tree.id; filter tree.label

-- case: a limited union
(select id, created_at from users) union all (select id, ordered_at from orders) order by created_at desc limit 5
-- id <- direct users.id; direct orders.id
-- created_at <- direct users.created_at; direct orders.ordered_at
-- * <- filter users.created_at; filter orders.ordered_at

-- case: union of stars
select * from (select id, label from tree) union all select id, name from users
-- id <- direct tree.id; direct users.id
-- label <- direct tree.label; direct users.name

-- case: union of open stars by place
select * from web.events union all select * from web.events
-- event_id <- unknown
-- user_id <- unknown
-- kind <- unknown
-- payload <- unknown
-- happened_at <- unknown

-- case: direct on one side, derived on the other
select id from users union all select id + 1 from users
-- id <- derived users.id

-- case: a relation nobody told of
select id, x from users join secret_table on true
-- id <- direct users.id
-- x <- unknown

-- case: an ephemeral model
select e.id, upper(name) as name from __ff_eph e
-- id <- direct eph.id
-- name <- derived eph.name

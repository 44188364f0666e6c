-- case: sessions by gaps
with marked as (
  select user_id, ordered_at, case when ordered_at - lag(ordered_at) over (partition by user_id order by ordered_at) > interval 30 minute then 1 else 0 end as is_new
  from orders
), numbered as (
  select *, sum(is_new) over (partition by user_id order by ordered_at rows unbounded preceding) as session from marked
)
select user_id, session, min(ordered_at) as started, count(*) as n from numbered group by user_id, session
-- user_id <- direct orders.user_id
-- session <- aggregate orders.ordered_at; filter orders.user_id
-- started <- aggregate orders.ordered_at
-- n <-

-- case: the latest of a change log by a self anti join
select a.id, a.status from orders a left join orders b on a.user_id = b.user_id and a.ordered_at < b.ordered_at where b.id is null
-- id <- direct orders.id
-- status <- direct orders.status
-- * <- filter orders.user_id; filter orders.ordered_at; filter orders.id

-- case: a subquery in a join condition
select u.id, o.amount from users u join orders o on o.amount > (select avg(amount) from orders where status = 'x') and u.id = o.user_id
-- id <- direct users.id
-- amount <- direct orders.amount
-- * <- filter orders.amount; filter orders.status; filter users.id; filter orders.user_id

-- case: having by an alias
select user_id, sum(amount) as total from orders group by user_id having total > 10 and max(status) = 'a'
-- user_id <- direct orders.user_id
-- total <- aggregate orders.amount
-- * <- filter orders.amount; filter orders.status

-- case: an alias that is also a column
select user_id as id, id as user_id from orders where user_id > 3 order by user_id limit 2
-- id <- direct orders.user_id
-- user_id <- direct orders.id
-- * <- filter orders.user_id; filter orders.id

-- case: union inside in, nested with
select name from users where id in (with x as (select user_id from orders union select user_id from wide) select user_id from x where user_id > 1)
-- name <- direct users.name
-- * <- filter users.id; filter orders.user_id; filter wide.user_id

-- case: correlated two levels up
select id, (select max(t.label) from tree t where t.id in (select order_id from items where qty = users.id)) as l from users
-- id <- direct users.id
-- l <- aggregate tree.label; filter tree.id; filter items.order_id; filter items.qty; filter users.id

-- case: lateral of a lateral
select u.id, b.y from users u, lateral (select u.id + 1 as x) a, lateral (select a.x * 2 as y) b
-- id <- direct users.id
-- y <- derived users.id

-- case: star over a full join with using
select * from wide full join quarters using (user_id) where q1 > 0
-- user_id <- direct wide.user_id; direct quarters.user_id
-- q1 <- direct wide.q1
-- q2 <- direct wide.q2
-- note <- direct wide.note
-- quarter <- direct quarters.quarter
-- revenue <- direct quarters.revenue
-- cost <- direct quarters.cost
-- * <- filter wide.user_id; filter quarters.user_id; filter wide.q1

-- case: exclude over using
select * exclude (user_id, note) from wide join quarters using (user_id)
-- q1 <- direct wide.q1
-- q2 <- direct wide.q2
-- quarter <- direct quarters.quarter
-- revenue <- direct quarters.revenue
-- cost <- direct quarters.cost
-- * <- filter wide.user_id; filter quarters.user_id

-- case: several conditions that nobody gives out
select count(*) as n from users u where not exists (select 1 from orders o where o.user_id = u.id) and u.country not in ('a', 'b')
-- n <-
-- * <- filter orders.user_id; filter users.id; filter users.country

-- case: a scalar function of a grouped key
select upper(country) as c, count(distinct email) as mails from users group by country
-- c <- derived users.country
-- mails <- aggregate users.email
-- * <- filter users.country

-- case: cube over an expression
select year(ordered_at) as y, status, sum(amount) as s, grouping(status) as g from orders group by cube (year(ordered_at), status)
-- y <- derived orders.ordered_at
-- status <- direct orders.status
-- s <- aggregate orders.amount
-- g <- aggregate orders.status

-- case: count of distinct pairs and a filter with a subquery
select count(distinct (user_id, status)) as pairs, sum(amount) filter (where user_id in (select id from users where country = 'x')) as x from orders
-- pairs <- aggregate orders.user_id; aggregate orders.status
-- x <- aggregate orders.amount; filter orders.user_id; filter users.id; filter users.country

-- case: order by an aggregate with a limit
select status from orders group by status order by sum(amount) desc limit 1
-- status <- direct orders.status
-- * <- filter orders.amount

-- case: a window in order by with a limit
select id from orders order by row_number() over (partition by status order by amount) limit 3
-- id <- direct orders.id
-- * <- filter orders.status; filter orders.amount

-- case: intersect inside a common table expression
with both_sides as (select id from users intersect select user_id from orders where amount > 0) select b.id, u.name from both_sides b join users u using (id)
-- id <- direct users.id
-- name <- direct users.name
-- * <- filter orders.user_id; filter orders.amount; filter users.id

-- case: recursion with a depth and a path
with recursive walk as (
  select id, parent_id, 1 as depth, [id] as trail from tree where label = 'root'
  union all
  select c.id, c.parent_id, w.depth + 1, list_append(w.trail, c.id) from tree c, walk w where c.parent_id = w.id and not list_contains(w.trail, c.id)
)
select max(depth) as deepest, any_value(trail) as trail from walk
-- deepest <-
-- trail <- aggregate tree.id
-- * <- filter tree.label; filter tree.parent_id; filter tree.id

-- case: values joined to a relation
select u.name, v.rank from users u join (values ('de', 1), ('at', 2)) v(code, rank) on v.code = u.country
-- name <- direct users.name
-- rank <-
-- * <- filter users.country

-- case: a common table expression of values
with codes(code, label) as (values ('a', 'A'), ('b', 'B')) select o.id, c.label from orders o left join codes c on c.code = o.status
-- id <- direct orders.id
-- label <-
-- * <- filter orders.status

-- case: unnest of a made list with its place
select i.sku, t.tag, t.place from items i, lateral (select unnest(i.tags) as tag, generate_subscripts(i.tags, 1) as place) t
-- sku <- direct items.sku
-- tag <- derived items.tags
-- place <- derived items.tags

-- case: deep fields and list functions
select list_aggregate([x.w for x in [detail.size, detail.size]], 'sum') as s, len(list_filter(tags, lambda t : t = sku)) as n from items
-- s <- derived items.detail
-- n <- derived items.tags; derived items.sku

-- case: nested lambdas
select list_transform(tags, lambda t : list_transform([qty], lambda q : q + length(t) + order_id)) as l from items
-- l <- derived items.tags; derived items.qty; derived items.order_id

-- case: a struct spread
select d.* from (select {'u': id, 'n': name} as d from users)
-- u <- derived users.id; derived users.name
-- n <- derived users.id; derived users.name

-- case: columns in a condition
select user_id from wide where coalesce(columns(['q1', 'q2']), 0) > 0
-- user_id <- direct wide.user_id; doubt

-- case: star by a pattern
select * like 'q%' from wide
-- q1 <- unknown
-- q2 <- unknown

-- case: replaced twice
select * replace (q1 + q2 as q1, upper(note) as note) from wide
-- user_id <- direct wide.user_id
-- q1 <- derived wide.q1; derived wide.q2
-- q2 <- direct wide.q2
-- note <- derived wide.note

-- case: union by name with stars
select * from wide union all by name select user_id, revenue as q1, quarter from quarters
-- user_id <- direct wide.user_id; direct quarters.user_id
-- q1 <- direct wide.q1; direct quarters.revenue
-- q2 <- direct wide.q2
-- note <- direct wide.note
-- quarter <- direct quarters.quarter

-- case: distinct on with an expression
select distinct on (lower(email)) id, email from users order by lower(email), created_at desc
-- id <- direct users.id
-- email <- direct users.email
-- * <- filter users.email; filter users.created_at

-- case: an inner star over open and known
select e.kind, name from (select * from web.events) e join users u on u.id = e.user_id
-- kind <- direct source:web.events.kind
-- name <- direct users.name
-- * <- filter users.id; filter source:web.events.user_id

-- case: renamed open star
select * rename (kind as what) from web.events
-- event_id <- direct source:web.events.event_id
-- user_id <- direct source:web.events.user_id
-- what <- direct source:web.events.kind
-- payload <- direct source:web.events.payload
-- happened_at <- direct source:web.events.happened_at

-- case: an alias or a column of an open source
select lower(kind) as k, k || '!' as loud from web.events
-- k <- derived source:web.events.kind
-- loud <- unknown

-- case: aggregated open source
select user_id, count(*) as n, max(happened_at) as last from web.events where kind = 'click' group by 1 having count(*) > 3
-- user_id <- direct source:web.events.user_id
-- n <-
-- last <- aggregate source:web.events.happened_at
-- * <- filter source:web.events.kind

-- case: the same open source twice
select a.event_id, b.event_id as next from web.events a asof join web.events b on a.user_id = b.user_id and a.happened_at <= b.happened_at
-- event_id <- direct source:web.events.event_id
-- next <- direct source:web.events.event_id
-- * <- filter source:web.events.user_id; filter source:web.events.happened_at

-- case: quoted names that differ by their case alone
select "ID" as a, "Users"."NAME" as b from "USERS" as "Users"
-- a <- direct users.id
-- b <- direct users.name

-- case: an alias that hides a table's name
select orders.name from users as orders
-- name <- direct users.name

-- case: keywords as columns
with t as (select label as value, id as "order", parent_id as "end" from tree) select value, t."order", "end" from t
-- value <- direct tree.label
-- order <- direct tree.id
-- end <- direct tree.parent_id

-- case: casts, strings and operators together
select (id::varchar || '-' || country)::varchar as key, id // 2 as half, id ** 2 as square, -id as minus, not (id > 3) as small, name glob 'A*' as a from users
-- key <- derived users.id; derived users.country
-- half <- derived users.id
-- square <- derived users.id
-- minus <- derived users.id
-- small <- derived users.id
-- a <- derived users.name

-- case: a coalesce of scalar subqueries
select coalesce((select name from users where users.id = o.user_id), (select label from tree where tree.id = o.id limit 1), 'x') as who from orders o
-- who <- derived users.name; derived tree.label; filter users.id; filter orders.user_id; filter tree.id; filter orders.id

-- case: unpivot of expressions by a union
select user_id, 'q1' as q, q1 as v from wide union all select user_id, 'q2', q2 from wide where q2 is not null
-- user_id <- direct wide.user_id
-- q <-
-- v <- direct wide.q1; direct wide.q2
-- * <- filter wide.q2

-- case: pivot with a filter before and an order after
select * from (select country, status, amount from users join orders on users.id = orders.user_id where amount > 0) pivot (sum(amount), count(amount) for status in ('a', 'b')) order by country limit 5
-- country <- direct users.country
-- a_sum(amount) <- aggregate orders.amount; filter orders.status
-- a_count(amount) <- aggregate orders.amount; filter orders.status
-- b_sum(amount) <- aggregate orders.amount; filter orders.status
-- b_count(amount) <- aggregate orders.amount; filter orders.status
-- * <- filter users.id; filter orders.user_id; filter orders.amount; filter users.country

-- case: any and all over a list
select id, amount = any([1, 2, user_id]) as hit from orders
-- id <- direct orders.id
-- hit <- derived orders.amount; derived orders.user_id

-- case: a right join with using and a star of the left
select w.*, user_id as u from wide w right join quarters q using (user_id)
-- user_id <- direct wide.user_id
-- q1 <- direct wide.q1
-- q2 <- direct wide.q2
-- note <- direct wide.note
-- u <- direct quarters.user_id
-- * <- filter wide.user_id; filter quarters.user_id

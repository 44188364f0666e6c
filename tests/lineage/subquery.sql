-- case: scalar subquery
select id, (select max(amount) from orders) as top from users
-- id <- direct users.id
-- top <- aggregate orders.amount

-- case: correlated scalar subquery
select u.id, (select sum(o.amount) from orders o where o.user_id = u.id) as total from users u
-- id <- direct users.id
-- total <- aggregate orders.amount; filter orders.user_id; filter users.id

-- case: a correlated column without a qualifier
select name, (select count(*) from orders where user_id = users.id and status = country) as n from users
-- name <- direct users.name
-- n <- filter orders.user_id; filter users.id; filter orders.status; filter users.country

-- case: exists
select id from users u where exists (select 1 from orders o where o.user_id = u.id and o.amount > 10)
-- id <- direct users.id
-- * <- filter orders.user_id; filter users.id; filter orders.amount

-- case: exists as a value
select id, exists (select 1 from orders o where o.user_id = u.id) as buys from users u
-- id <- direct users.id
-- buys <- derived orders.user_id; derived users.id

-- case: in a subquery
select name from users where id in (select user_id from orders where status = 'paid')
-- name <- direct users.name
-- * <- filter users.id; filter orders.user_id; filter orders.status

-- case: in a subquery as a value
select name, id in (select user_id from orders) as buys from users
-- name <- direct users.name
-- buys <- derived users.id; derived orders.user_id

-- case: a subquery in an expression
select amount - (select avg(amount) from orders) as above from orders
-- above <- aggregate orders.amount

-- case: rows in a subquery
select id from orders where (user_id, status) in (select id, country from users)
-- id <- direct orders.id
-- * <- filter orders.user_id; filter orders.status; filter users.id; filter users.country

-- case: any
select id from orders where amount > all (select revenue from quarters)
-- id <- direct orders.id
-- * <- filter orders.amount; filter quarters.revenue

-- case: a subquery with a limit
select (select name from users order by created_at limit 1) as first
-- first <- direct users.name; filter users.created_at

-- case: subqueries three deep
select x from (select y + 1 as x from (select id * 2 as y from (select id from users where country = 'de') a) b) c where x > 5
-- x <- derived users.id
-- * <- filter users.country

-- case: an inner alias hides an outer one
select u.id, (select u.label from tree u where u.id = 1) as label from users u
-- id <- direct users.id
-- label <- direct tree.label; filter tree.id

-- case: renamed columns of a subquery
select a, b from (select id, name from users) as s(a, b)
-- a <- direct users.id
-- b <- direct users.name

-- case: array of a subquery
select id, array(select sku from items where items.order_id = orders.id) as skus from orders
-- id <- direct orders.id
-- skus <- derived items.sku; filter items.order_id; filter orders.id

-- case: a correlated column of an open source
select id, (select max(happened_at) from web.events e where e.user_id = users.id) as last from users
-- id <- direct users.id
-- last <- aggregate source:web.events.happened_at; filter source:web.events.user_id; filter users.id

-- case: an inner open source may hide an outer column
select id, (select max(payload) from web.events e where e.user_id = id) as last from users
-- id <- direct users.id
-- last <- aggregate source:web.events.payload; filter source:web.events.user_id; doubt

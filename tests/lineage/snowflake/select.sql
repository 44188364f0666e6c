-- case: star
select * from users
-- ID <- direct users.id
-- NAME <- direct users.name
-- EMAIL <- direct users.email
-- COUNTRY <- direct users.country
-- CREATED_AT <- direct users.created_at

-- case: star exclude
select * exclude (email, created_at) from users where id > 1
-- ID <- direct users.id
-- NAME <- direct users.name
-- COUNTRY <- direct users.country
-- * <- filter users.id

-- case: star exclude one
select * exclude cost from quarters
-- USER_ID <- direct quarters.user_id
-- QUARTER <- direct quarters.quarter
-- REVENUE <- direct quarters.revenue

-- case: star replace and rename
select * exclude (created_at, email) replace (upper(name) as name) rename (country as land) from users
-- ID <- direct users.id
-- NAME <- derived users.name
-- LAND <- direct users.country

-- case: star of names like a pattern
select * ilike '%id%' from orders
-- ID <- unknown
-- USER_ID <- unknown

-- case: star of one side
select q.*, u.name from quarters q left join users u on u.id = q.user_id
-- USER_ID <- direct quarters.user_id
-- QUARTER <- direct quarters.quarter
-- REVENUE <- direct quarters.revenue
-- COST <- direct quarters.cost
-- NAME <- direct users.name
-- * <- filter users.id; filter quarters.user_id

-- case: an alias in its own list
select id + 1 as x, x * 2 as y from users where y > 3
-- X <- derived users.id
-- Y <- derived users.id
-- * <- filter users.id

-- case: a column comes before an alias
select user_id as id, id as other from orders
-- ID <- direct orders.user_id
-- OTHER <- direct orders.id

-- case: casts
select amount::int as a, try_cast(status as int) as b, cast(ordered_at as date) as c, tags[0]::varchar as d from orders
-- A <- derived orders.amount
-- B <- derived orders.status
-- C <- derived orders.ordered_at
-- D <- derived orders.tags

-- case: paths
select positions:a.b::varchar as x, o.positions:list[0].sku as y, positions['k'] as z from orders o
-- X <- derived orders.positions
-- Y <- derived orders.positions
-- Z <- derived orders.positions

-- case: a path through a column
select positions:list[user_id] as x from orders
-- X <- derived orders.positions; derived orders.user_id

-- case: conditions
select iff(amount > 1, status, 'x') as a, nvl(status, 'none') as b, decode(status, 'a', user_id, 0) as c, zeroifnull(amount) as d from orders
-- A <- derived orders.amount; derived orders.status
-- B <- derived orders.status
-- C <- derived orders.status; derived orders.user_id
-- D <- derived orders.amount

-- case: patterns
select id from users where name ilike 'a%' and email rlike '.*@x' and country like any ('u%', 'd%')
-- ID <- direct users.id
-- * <- filter users.name; filter users.email; filter users.country

-- case: making objects and lists
select object_construct('a', id, 'b', name) as o, array_construct(id, email) as l, {'c': country} as d, [id, 1] as m from users
-- O <- derived users.id; derived users.name
-- L <- derived users.id; derived users.email
-- D <- derived users.country
-- M <- derived users.id

-- case: a lambda
select id, filter(tags, t -> t <> status) as few, transform(tags, (id int) -> id + 1) as more from orders
-- ID <- direct orders.id
-- FEW <- derived orders.tags; derived orders.status
-- MORE <- derived orders.tags

-- case: having by an alias
select user_id, sum(amount) as total from orders group by user_id having total > 10
-- USER_ID <- direct orders.user_id
-- TOTAL <- aggregate orders.amount
-- * <- filter orders.amount

-- case: group by an alias
select lower(status) as s, count(*) as n from orders group by s
-- S <- derived orders.status
-- N <-

-- case: order and limit
select top 3 id, name as n from users order by n, created_at desc
-- ID <- direct users.id
-- N <- direct users.name
-- * <- filter users.name; filter users.created_at

-- case: qualify by a function
select id, user_id from orders qualify row_number() over (partition by user_id order by ordered_at desc) = 1
-- ID <- direct orders.id
-- USER_ID <- direct orders.user_id
-- * <- filter orders.user_id; filter orders.ordered_at

-- case: qualify by an alias
select id, rank() over (partition by status order by amount) as place from orders qualify place <= 3
-- ID <- direct orders.id
-- PLACE <- derived orders.status; derived orders.amount
-- * <- filter orders.status; filter orders.amount

-- case: a scalar subquery
select id, (select max(amount) from orders where user_id = u.id) as most from users u
-- ID <- direct users.id
-- MOST <- aggregate orders.amount; filter orders.user_id; filter users.id

-- case: exists
select name from users u where exists (select 1 from orders o where o.user_id = u.id and o.amount > 3)
-- NAME <- direct users.name
-- * <- filter orders.user_id; filter users.id; filter orders.amount

-- case: a variable of the session
select id, $threshold as t from users
-- ID <- direct users.id
-- T <-

-- case: star
select * from users
-- id <- direct users.id
-- name <- direct users.name
-- email <- direct users.email
-- country <- direct users.country
-- created_at <- direct users.created_at

-- case: star except
select * except (email, Created_At) from users where id > 1
-- id <- direct users.id
-- name <- direct users.name
-- country <- direct users.country
-- * <- filter users.id

-- case: star replace
select * except (created_at) replace (upper(name) as name, id + 1 as id) from users
-- id <- derived users.id
-- name <- derived users.name
-- email <- direct users.email
-- country <- direct users.country

-- case: star of one side
select o.* except (tags, positions), u.name from orders o left join users u on u.id = o.user_id
-- id <- direct orders.id
-- user_id <- direct orders.user_id
-- amount <- direct orders.amount
-- status <- direct orders.status
-- ordered_at <- direct orders.ordered_at
-- name <- direct users.name
-- * <- filter users.id; filter orders.user_id

-- case: distinct
select distinct country, upper(country) as big from users
-- country <- direct users.country
-- big <- derived users.country

-- case: safe casts and functions of a room
select safe_cast(amount as int64) as a, safe.substr(status, 0, 2) as b, net.host(status) as c from orders
-- a <- derived orders.amount
-- b <- derived orders.status
-- c <- derived orders.status

-- case: conditions
select if(amount > 1, status, 'x') as a, ifnull(status, 'none') as b, nullif(user_id, 0) as c, coalesce(amount, 0) as d from orders
-- a <- derived orders.amount; derived orders.status
-- b <- derived orders.status
-- c <- derived orders.user_id
-- d <- derived orders.amount

-- case: case
select case when amount > 10 then 'big' when status = 'x' then 'odd' else 'small' end as size from orders
-- size <- derived orders.amount; derived orders.status

-- case: in an unnested list
select id from orders where status in unnest(['a', 'b']) and user_id in (select id from users)
-- id <- direct orders.id
-- * <- filter orders.status; filter orders.user_id; filter users.id

-- case: a scalar subquery
select id, (select max(amount) from orders where user_id = u.id) as most from users u
-- id <- direct users.id
-- most <- aggregate orders.amount; filter orders.user_id; filter users.id

-- case: exists
select name from users u where exists (select 1 from orders o where o.user_id = u.id and o.amount > 3)
-- name <- direct users.name
-- * <- filter orders.user_id; filter users.id; filter orders.amount

-- case: an alias isn't known in its own list
select id as x, x + 1 as y from users
-- x <- direct users.id
-- y <- unknown

-- case: having by an alias
select user_id, sum(amount) as total from orders group by user_id having total > 10
-- user_id <- direct orders.user_id
-- total <- aggregate orders.amount
-- * <- filter orders.amount

-- case: group by an alias
select lower(status) as s, count(*) as n from orders group by s
-- s <- derived orders.status
-- n <-

-- case: an alias hides the column that it is made from
select upper(status) as status, count(*) as n from orders group by status
-- status <- derived orders.status
-- n <-

-- case: an alias that hides another column
select user_id as id, count(*) as n from orders group by 1 having id > 1
-- id <- direct orders.user_id; doubt
-- n <- doubt

-- case: order and limit
select id, name as n from users order by n, created_at desc limit 10 offset 2
-- id <- direct users.id
-- n <- direct users.name
-- * <- filter users.name; filter users.created_at

-- case: qualify by a function
select id, user_id from orders where true qualify row_number() over (partition by user_id order by ordered_at desc) = 1
-- id <- direct orders.id
-- user_id <- direct orders.user_id
-- * <- filter orders.user_id; filter orders.ordered_at

-- case: qualify by an alias
select id, rank() over (partition by status order by amount) as place from orders where true qualify place <= 3
-- id <- direct orders.id
-- place <- derived orders.status; derived orders.amount
-- * <- filter orders.status; filter orders.amount

-- case: columns and renamed columns
select id, name as full_name, users.email mail from users
-- id <- direct users.id
-- full_name <- direct users.name
-- mail <- direct users.email

-- case: expressions
select amount * 1.2 as gross, upper(status) as status, cast(ordered_at as date) as day, user_id::varchar as key from orders
-- gross <- derived orders.amount
-- status <- derived orders.status
-- day <- derived orders.ordered_at
-- key <- derived orders.user_id

-- case: several columns in one expression
select coalesce(name, email, 'nobody') as who, name || ' <' || email || '>' as address from users
-- who <- derived users.name; derived users.email
-- address <- derived users.name; derived users.email

-- case: constants come from nowhere
select 1 as one, 'x' as x, current_date as today, null as nothing, id from users
-- one <-
-- x <-
-- today <-
-- nothing <-
-- id <- direct users.id

-- case: where decides on rows
select id, 1 as one from users where country = 'de' and created_at > timestamp '2024-01-01'
-- id <- direct users.id
-- one <-
-- * <- filter users.country; filter users.created_at

-- case: brackets change nothing
select ((id)) as id, (name) as name from users
-- id <- direct users.id
-- name <- direct users.name

-- case: case expression
select case when status = 'paid' then amount else 0 end as paid, case status when 'open' then 1 when 'paid' then 2 end as rank from orders
-- paid <- derived orders.status; derived orders.amount
-- rank <- derived orders.status

-- case: letter case doesn't count
SELECT ID, Users.NAME AS Full_Name FROM Users
-- id <- direct users.id
-- Full_Name <- direct users.name

-- case: quoted identifiers
select "Id" as a, m."two words" from "Mixed Case" as m
-- a <- direct Mixed Case.Id
-- two words <- direct Mixed Case.two words

-- case: an alias with a keyword's name
select id as "select", name as "from" from users as "group"
-- select <- direct users.id
-- from <- direct users.name

-- case: schema qualified names
select main.users.id, main.users.name from main.users
-- id <- direct users.id
-- name <- direct users.name

-- case: an expression without a name
select amount + 1, count(*) over () from orders
-- (amount + 1) <- derived orders.amount
-- count() OVER () <-

-- case: null tests and comparisons
select amount is null as missing, amount between 1 and user_id as within, status in ('a', 'b') as known, status like 'p%' as p from orders
-- missing <- derived orders.amount
-- within <- derived orders.amount; derived orders.user_id
-- known <- derived orders.status
-- p <- derived orders.status

-- case: dates
select date_trunc('month', ordered_at) as month, extract(year from ordered_at) as year, ordered_at + interval 1 day as next, date_diff('day', ordered_at, now()::timestamp) as age from orders
-- month <- derived orders.ordered_at
-- year <- derived orders.ordered_at
-- next <- derived orders.ordered_at
-- age <- derived orders.ordered_at

-- case: order by alone chooses nothing
select id from users order by created_at
-- id <- direct users.id

-- case: order by with a limit chooses rows
select id from users order by created_at desc, name limit 10
-- id <- direct users.id
-- * <- filter users.created_at; filter users.name

-- case: order by an alias with a limit
select id, amount * 2 as twice from orders order by twice limit 3
-- id <- direct orders.id
-- twice <- derived orders.amount
-- * <- filter orders.amount

-- case: distinct
select distinct country from users
-- country <- direct users.country

-- case: distinct on keeps a row for each key
select distinct on (user_id) user_id, amount from orders order by user_id, ordered_at desc
-- user_id <- direct orders.user_id
-- amount <- direct orders.amount
-- * <- filter orders.user_id; filter orders.ordered_at

-- case: from first
from users select id, name where country = 'at'
-- id <- direct users.id
-- name <- direct users.name
-- * <- filter users.country

-- case: from alone
from tree
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- label <- direct tree.label

-- case: a column of one name in an alias of its own
select amount + 1 as amount, amount as before from orders
-- amount <- derived orders.amount
-- before <- direct orders.amount

-- case: aliases are used again
select amount * 1.2 as gross, gross - amount as tax, upper(status) as state from orders where state = 'PAID'
-- gross <- derived orders.amount
-- tax <- derived orders.amount
-- state <- derived orders.status
-- * <- filter orders.status

-- case: names before expressions
select total: amount * 2, who: user_id from orders
-- total <- derived orders.amount
-- who <- direct orders.user_id

-- case: values
select * from (values (1, 'a'), (2, 'b')) as v(id, letter)
-- id <-
-- letter <-

-- case: values without names
select col0, col1 from (values (1, 'a'))
-- col0 <-
-- col1 <-

-- case: a comment and a semicolon
select id -- the key
, /* not name */ email from users;
-- id <- direct users.id
-- email <- direct users.email

-- case: try_cast, nullif and a tilde
select try_cast(email as integer) as number, nullif(name, '') as name, email ~ '.*@x' as x from users
-- number <- derived users.email
-- name <- derived users.name
-- x <- derived users.email

-- case: samples and percentages
select id, name from users tablesample 10%
-- id <- direct users.id
-- name <- direct users.name

-- case: a sample at the end
select id from users where country = 'x' using sample 5 rows
-- id <- direct users.id
-- * <- filter users.country

-- case: names in backticks
select `id`, u.`name` as `the name` from `users` as u
-- id <- direct users.id
-- the name <- direct users.name

-- case: letters of columns don't count
select ID, Name as N from users where COUNTRY = 'uk'
-- ID <- direct users.id
-- N <- direct users.name
-- * <- filter users.country

-- case: letters of relations do
select a.id, b.Words from users a join Mixed b on a.ID = b.id
-- id <- direct users.id
-- Words <- direct Mixed.Words
-- * <- filter users.id; filter Mixed.Id

-- case: a path in one pair of backticks
select e.user_id from `web.events` as e
-- user_id <- direct source:web.events.user_id

-- case: a raw string with a quote in it
select id, regexp_extract(name, r'\'(\w+), id from users') as word from users
-- id <- direct users.id
-- word <- derived users.name

-- case: tripled quotes over lines
select id, concat(name, '''it's
 # no comment, "email" ''', """a "country" 'too'""") as text from users
-- id <- direct users.id
-- text <- derived users.name

-- case: escapes, double quotes and bytes
select 'it\'s, email' as a, "x \" email" as b, b'email\'' as c, rb"\"" as d, name from users
-- a <-
-- b <-
-- c <-
-- d <-
-- name <- direct users.name

-- case: comments with quotes in them
# it's a comment
select id, -- "name"
  email /* 'country' # */
from users # where country = '
-- id <- direct users.id
-- email <- direct users.email

-- case: a comment that ends no other
select /* a /* b */ id from users
-- id <- direct users.id

-- case: a slash is a division, twice none
select id, amount / user_id as share from orders where status <> 'http://x//y'
-- id <- direct orders.id
-- share <- derived orders.amount; derived orders.user_id
-- * <- filter orders.status

-- case: a comma behind the last column
select id, name, from users
-- id <- direct users.id
-- name <- direct users.name

-- case: dates and intervals
select id, date '2024-01-01' as d, datetime_add(created_at, interval 1 day) as next, extract(year from created_at) as y from users
-- id <- direct users.id
-- d <-
-- next <- derived users.created_at
-- y <- derived users.created_at

-- case: parts of dates are no columns
select datetime_trunc(created_at, month) as m, datetime_diff(created_at, datetime '2024-01-01', day) as n from users
-- m <- derived users.created_at
-- n <- derived users.created_at

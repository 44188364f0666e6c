-- case: letters don't count without quotes
select ID, Name as N from Users where COUNTRY = 'uk'
-- ID <- direct users.id
-- N <- direct users.name
-- * <- filter users.country

-- case: capitals in quotes
select "ID", u."NAME" as "the name" from "USERS" as u
-- ID <- direct users.id
-- the name <- direct users.name

-- case: small letters in quotes are another column
select "id" from users
-- id <- unknown

-- case: odd names
select "Id", "two words", PLAIN from "Mixed"
-- Id <- direct Mixed.Id
-- two words <- direct Mixed.two words
-- PLAIN <- direct Mixed.plain

-- case: a string between dollars
select id, regexp_substr(name, $$it's // (\w+), "email" -- $$) as word from users
-- ID <- direct users.id
-- WORD <- derived users.name

-- case: a string between dollars over lines
select id, concat(name, $$
 # no comment, email
$$) as text from users
-- ID <- direct users.id
-- TEXT <- derived users.name

-- case: escapes
select 'it\'s, email' as a, 'it''s \\' as b, 'x \'' as c, name from users
-- A <-
-- B <-
-- C <-
-- NAME <- direct users.name

-- case: comments with quotes in them
// it's a comment
select id, -- 'name'
  email /* "country' // */
from users // where country = '
-- ID <- direct users.id
-- EMAIL <- direct users.email

-- case: slashes in a string
select id, amount / user_id as share from orders where status <> 'http://x//y'
-- ID <- direct orders.id
-- SHARE <- derived orders.amount; derived orders.user_id
-- * <- filter orders.status

-- case: a hint is a comment
select /*+ any */ id from users
-- ID <- direct users.id

-- case: a comma behind the last column
select id, name, from users
-- ID <- direct users.id
-- NAME <- direct users.name

-- case: parts of dates are no columns
select dateadd(day, 1, created_at) as a, date_trunc('month', created_at) as b, datediff(hour, created_at, current_timestamp()) as c, date_part(year, created_at) as d from users
-- A <- derived users.created_at
-- B <- derived users.created_at
-- C <- derived users.created_at
-- D <- derived users.created_at

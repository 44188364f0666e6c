-- case: flatten beside a table
select o.id, f.value::varchar as tag, f.index from orders o, lateral flatten(input => o.tags) f
-- ID <- direct orders.id
-- TAG <- derived orders.tags
-- INDEX <- derived orders.tags

-- case: flatten as a table
select o.id, p.value:sku::varchar as sku, p.key from orders o, table(flatten(o.positions)) p where p.value:qty > 1
-- ID <- direct orders.id
-- SKU <- derived orders.positions
-- KEY <- derived orders.positions
-- * <- filter orders.positions

-- case: flatten with its parts named
select id, value from orders left join lateral flatten(input => positions, path => 'list', outer => true) on true
-- ID <- direct orders.id
-- VALUE <- derived orders.positions

-- case: flatten of flatten
select b.value as x from orders o, lateral flatten(input => o.positions) a, lateral flatten(input => a.value:sub) b
-- X <- derived orders.positions

-- case: all that flatten gives
select f.* from orders, lateral flatten(tags) f
-- SEQ <- derived orders.tags
-- KEY <- derived orders.tags
-- PATH <- derived orders.tags
-- INDEX <- derived orders.tags
-- VALUE <- derived orders.tags
-- THIS <- derived orders.tags

-- case: a text in pieces
select u.id, s.value as word from users u, lateral split_to_table(u.name, ' ') s
-- ID <- direct users.id
-- WORD <- derived users.name

-- case: rows from nowhere
select row_number() over (order by seq4()) as n from table(generator(rowcount => 10))
-- N <-

-- case: values
select column1 as a, column2 from values (1, 'x'), (2, 'y')
-- A <-
-- COLUMN2 <-

-- case: values with names
select v.a, u.name from (values (1, 'x')) as v (a, b) join users u on u.id = v.a
-- A <-
-- NAME <- direct users.name
-- * <- filter users.id

-- case: columns by their places
select $1 as a, $2 as b from values (1, 'x')
-- A <- unknown
-- B <- unknown

-- case: files of a stage
select $1:a as a, t.$2 as b from @my_stage/path/x.csv (file_format => 'f') t
-- A <- unknown
-- B <- unknown

-- case: a lateral subquery
select u.id, o.most from users u, lateral (select max(amount) as most from orders where user_id = u.id) o
-- ID <- direct users.id
-- MOST <- aggregate orders.amount
-- * <- filter orders.user_id; filter users.id

-- case: the old way to join
select u.name, o.amount from users u, orders o where u.id = o.user_id (+)
-- NAME <- direct users.name
-- AMOUNT <- direct orders.amount
-- * <- filter users.id; filter orders.user_id

-- case: the nearest row
select o.id, r.rate from orders o asof join rates r match_condition (o.ordered_at >= r.valid_from) on o.status = r.currency
-- ID <- direct orders.id
-- RATE <- direct rates.rate
-- * <- filter orders.ordered_at; filter rates.valid_from; filter orders.status; filter rates.currency

-- case: using
select * from (select user_id, q1 from wide) join (select user_id, quarter from quarters) using (user_id)
-- USER_ID <- direct wide.user_id
-- Q1 <- direct wide.q1
-- QUARTER <- direct quarters.quarter
-- * <- filter wide.user_id; filter quarters.user_id

-- case: natural
select user_id, q1, revenue from wide natural join quarters
-- USER_ID <- direct wide.user_id
-- Q1 <- direct wide.q1
-- REVENUE <- direct quarters.revenue
-- * <- filter wide.user_id; filter quarters.user_id

-- case: another time
select id from orders at (timestamp => '2024-01-01'::timestamp_ntz) where amount > 1
-- ID <- direct orders.id
-- * <- filter orders.amount

-- case: before a statement, with an alias
select o.id from orders before (statement => '8e5d0ca9') as o
-- ID <- direct orders.id

-- case: a sample
select id from users sample (10)
-- ID <- direct users.id

-- case: a sample of blocks
select id from users tablesample block (3) repeatable (9)
-- ID <- direct users.id

-- case: from the top down
select id, label, level as depth from tree start with parent_id is null connect by parent_id = prior id
-- ID <- direct tree.id
-- LABEL <- direct tree.label
-- DEPTH <- unknown
-- * <- filter tree.parent_id; filter tree.id

-- case: rows that match
select * from orders match_recognize (partition by user_id order by ordered_at measures first(amount) as a one row per match pattern (x y+) define y as amount > lag(amount))
-- USER_ID <- unknown
-- A <- unknown

-- case: a relation of whose columns nobody knows
select event_id, payload:x as x from web.events
-- EVENT_ID <- direct source:web.events.event_id
-- X <- derived source:web.events.payload

-- case: a name that two such relations may have
select e.kind, page from web.events e join web.visits v on e.user_id = v.user_id
-- KIND <- direct source:web.events.kind
-- PAGE <- unknown
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

-- case: a name that is told when it runs
select a from identifier('users')
-- A <- unknown

-- case: what another query gave
select "x" from table(result_scan(last_query_id()))
-- x <- unknown

-- case: a schema left out
select id from db..users
-- ID <- unknown

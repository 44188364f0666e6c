-- case: star
select * from tree
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- label <- direct tree.label

-- case: star of a table
select t.*, u.name from tree t join users u on u.id = t.id
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- label <- direct tree.label
-- name <- direct users.name
-- * <- filter users.id; filter tree.id

-- case: star without columns
select * exclude (email, created_at) from users
-- id <- direct users.id
-- name <- direct users.name
-- country <- direct users.country

-- case: star without one column
select * exclude label from tree
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id

-- case: star with replaced columns
select * replace (upper(label) as label) from tree
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- label <- derived tree.label

-- case: star with renamed columns
select * rename (label as title, id as tree_id) from tree
-- tree_id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- title <- direct tree.label

-- case: star without, with replaced
select t.* exclude (parent_id) replace (id + parent_id as id) from tree as t
-- id <- derived tree.id; derived tree.parent_id
-- label <- direct tree.label

-- case: star through a subquery
select * from (select id, name as n from users where country = 'de') s
-- id <- direct users.id
-- n <- direct users.name
-- * <- filter users.country

-- case: stars of two tables
select u.*, o.* exclude (id) from users u, orders o where u.id = o.user_id
-- id <- direct users.id
-- name <- direct users.name
-- email <- direct users.email
-- country <- direct users.country
-- created_at <- direct users.created_at
-- user_id <- direct orders.user_id
-- amount <- direct orders.amount
-- status <- direct orders.status
-- ordered_at <- direct orders.ordered_at
-- * <- filter users.id; filter orders.user_id

-- case: columns of a star
select columns(*) from tree
-- id <- direct tree.id
-- parent_id <- direct tree.parent_id
-- label <- direct tree.label

-- case: a function of all columns
select max(columns(* exclude (label))) from tree
-- id <- aggregate tree.id
-- parent_id <- aggregate tree.parent_id

-- case: columns by a pattern
select columns('.*id') from tree
-- id <- unknown
-- parent_id <- unknown

-- case: star of an open source
select * from web.events
-- event_id <- direct source:web.events.event_id
-- user_id <- direct source:web.events.user_id
-- kind <- direct source:web.events.kind
-- payload <- direct source:web.events.payload
-- happened_at <- direct source:web.events.happened_at

-- case: star of an open source with a new column
select * exclude (payload), upper(kind) as loud from web.events where happened_at > '2024-01-01'
-- event_id <- direct source:web.events.event_id
-- user_id <- direct source:web.events.user_id
-- kind <- direct source:web.events.kind
-- happened_at <- direct source:web.events.happened_at
-- loud <- derived source:web.events.kind
-- * <- filter source:web.events.happened_at

-- case: star of an open source through expressions
with e as (select * from web.events), f as (select e.*, 1 as one from e where kind = 'click') select event_id, one, user_id + 1 as next from f
-- event_id <- direct source:web.events.event_id
-- one <-
-- next <- derived source:web.events.user_id
-- * <- filter source:web.events.kind

-- case: stars of two open sources
select e.event_id, * exclude (event_id) from web.events e join web.visits v on e.user_id = v.visit_id
-- event_id <- direct source:web.events.event_id
-- user_id <- unknown
-- kind <- unknown
-- payload <- unknown
-- happened_at <- unknown
-- visit_id <- unknown
-- user_id_1 <- unknown
-- page <- unknown
-- * <- filter source:web.events.user_id; filter source:web.visits.visit_id

-- case: fields of a struct as columns
select order_id, detail.* from items
-- order_id <- direct items.order_id
-- color <- derived items.detail
-- size <- derived items.detail

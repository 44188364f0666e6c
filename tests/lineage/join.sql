-- case: inner join
select u.name, o.amount from users u join orders o on u.id = o.user_id
-- name <- direct users.name
-- amount <- direct orders.amount
-- * <- filter users.id; filter orders.user_id

-- case: columns without qualifiers
select name, amount from users join orders on users.id = user_id
-- name <- direct users.name
-- amount <- direct orders.amount
-- * <- filter users.id; filter orders.user_id

-- case: left join
select u.id, coalesce(o.amount, 0) as amount from users u left join orders o on o.user_id = u.id and o.status = 'paid'
-- id <- direct users.id
-- amount <- derived orders.amount
-- * <- filter users.id; filter orders.user_id; filter orders.status

-- case: using takes the left side
select user_id, amount, revenue from orders join quarters using (user_id)
-- user_id <- direct orders.user_id
-- amount <- direct orders.amount
-- revenue <- direct quarters.revenue
-- * <- filter orders.user_id; filter quarters.user_id

-- case: using in a right join takes the right side
select user_id, amount from orders right join quarters using (user_id)
-- user_id <- direct quarters.user_id
-- amount <- direct orders.amount
-- * <- filter orders.user_id; filter quarters.user_id

-- case: using in a full join takes both sides
select user_id, q1, revenue from wide full outer join quarters using (user_id)
-- user_id <- direct wide.user_id; direct quarters.user_id
-- q1 <- direct wide.q1
-- revenue <- direct quarters.revenue
-- * <- filter wide.user_id; filter quarters.user_id

-- case: star over using
select * from wide join quarters using (user_id)
-- user_id <- direct wide.user_id
-- q1 <- direct wide.q1
-- q2 <- direct wide.q2
-- note <- direct wide.note
-- quarter <- direct quarters.quarter
-- revenue <- direct quarters.revenue
-- cost <- direct quarters.cost
-- * <- filter wide.user_id; filter quarters.user_id

-- case: both sides of using by their qualifiers
select w.user_id as l, q.user_id as r from wide w left join quarters q using (user_id)
-- l <- direct wide.user_id
-- r <- direct quarters.user_id
-- * <- filter wide.user_id; filter quarters.user_id

-- case: natural join
select user_id, q1, cost from wide natural join quarters
-- user_id <- direct wide.user_id
-- q1 <- direct wide.q1
-- cost <- direct quarters.cost
-- * <- filter wide.user_id; filter quarters.user_id

-- case: cross join and comma
select u.id, t.label, r.rate from users u cross join tree t, rates r
-- id <- direct users.id
-- label <- direct tree.label
-- rate <- direct rates.rate

-- case: a table joined with itself
select child.label as child, parent.label as parent from tree child left join tree parent on child.parent_id = parent.id
-- child <- direct tree.label
-- parent <- direct tree.label
-- * <- filter tree.parent_id; filter tree.id

-- case: semi join
select u.id, u.name from users u semi join orders o on o.user_id = u.id
-- id <- direct users.id
-- name <- direct users.name
-- * <- filter users.id; filter orders.user_id

-- case: anti join with using
select * from quarters anti join wide using (user_id)
-- user_id <- direct quarters.user_id
-- quarter <- direct quarters.quarter
-- revenue <- direct quarters.revenue
-- cost <- direct quarters.cost
-- * <- filter quarters.user_id; filter wide.user_id

-- case: asof join
select o.id, r.rate from orders o asof join rates r on o.status = r.currency and o.ordered_at >= r.valid_from
-- id <- direct orders.id
-- rate <- direct rates.rate
-- * <- filter orders.status; filter rates.currency; filter orders.ordered_at; filter rates.valid_from

-- case: asof left join
select o.id, o.amount * r.rate as amount from orders o asof left join rates r on o.ordered_at >= r.valid_from
-- id <- direct orders.id
-- amount <- derived orders.amount; derived rates.rate
-- * <- filter orders.ordered_at; filter rates.valid_from

-- case: positional join
select t.id, w.q1 from tree t positional join wide w
-- id <- direct tree.id
-- q1 <- direct wide.q1

-- case: lateral subquery
select u.id, l.last from users u left join lateral (select max(ordered_at) as last from orders where orders.user_id = u.id) l on true
-- id <- direct users.id
-- last <- aggregate orders.ordered_at
-- * <- filter orders.user_id; filter users.id

-- case: a subquery behind a comma sees what stands before it
select s.twice from orders o, (select o.amount * 2 as twice) s
-- twice <- derived orders.amount

-- case: joins in brackets
select a.name, b.sku from users a join (orders o join items b on b.order_id = o.id) on o.user_id = a.id
-- name <- direct users.name
-- sku <- direct items.sku
-- * <- filter items.order_id; filter orders.id; filter orders.user_id; filter users.id

-- case: join of three with using twice
select user_id, amount, q1, cost from orders join wide using (user_id) join quarters using (user_id)
-- user_id <- direct orders.user_id
-- amount <- direct orders.amount
-- q1 <- direct wide.q1
-- cost <- direct quarters.cost
-- * <- filter orders.user_id; filter wide.user_id; filter quarters.user_id

-- case: open sources with qualified columns
select e.kind, v.page from web.events e join web.visits v on e.user_id = v.user_id
-- kind <- direct source:web.events.kind
-- page <- direct source:web.visits.page
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

-- case: an unqualified column of one of two open sources
select kind, e.event_id from web.events e join web.visits v on e.user_id = v.user_id
-- kind <- unknown
-- event_id <- direct source:web.events.event_id
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

-- case: an unqualified column of a known relation beside an open source
select name, payload from users join web.events e on e.user_id = users.id
-- name <- direct users.name
-- payload <- direct source:web.events.payload
-- * <- filter source:web.events.user_id; filter users.id

-- case: using over open sources
select user_id, e.kind from web.events e join web.visits v using (user_id)
-- user_id <- direct source:web.events.user_id
-- kind <- direct source:web.events.kind
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

-- case: an unqualified filter of one of two open sources
select e.event_id from web.events e join web.visits v on e.user_id = v.user_id where page = 'home'
-- event_id <- direct source:web.events.event_id; doubt
-- * <- filter source:web.events.user_id; filter source:web.visits.user_id

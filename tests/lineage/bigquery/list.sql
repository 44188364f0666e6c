-- case: fields of a struct
select detail.color, detail.size.w as width, items.detail.size.h from items
-- color <- derived items.detail
-- width <- derived items.detail
-- h <- derived items.detail

-- case: star of a struct
select order_id, detail.* from items
-- order_id <- direct items.order_id
-- color <- derived items.detail
-- size <- derived items.detail

-- case: making a struct
select struct(id as user, upper(name) as name) as who, (select as struct id, email) as both from users
-- who <- derived users.id; derived users.name
-- both <- derived users.id; derived users.email

-- case: an element of a list
select tags[offset(0)] as a, tags[safe_ordinal(2)] as b, positions[offset(0)].sku as c, array_length(tags) as n from orders
-- a <- derived orders.tags
-- b <- derived orders.tags
-- c <- derived orders.positions
-- n <- derived orders.tags

-- case: unnest
select o.id, tag from orders o, unnest(o.tags) as tag
-- id <- direct orders.id
-- tag <- derived orders.tags

-- case: unnest with offset
select o.id, tag, place from orders as o cross join unnest(o.tags) as tag with offset as place
-- id <- direct orders.id
-- tag <- derived orders.tags
-- place <-

-- case: the offset's own name
select o.id, offset from orders as o, unnest(o.tags) with offset
-- id <- direct orders.id
-- offset <-

-- case: unnest of structs
select o.id, p.sku, p.qty * 2 as twice from orders o left join unnest(o.positions) as p
-- id <- direct orders.id
-- sku <- derived orders.positions
-- twice <- derived orders.positions

-- case: a list without a function
select o.id, p.sku from orders as o, o.positions as p where p.qty > 1
-- id <- direct orders.id
-- sku <- derived orders.positions
-- * <- filter orders.positions

-- case: star of an unnested list of structs
select p.* from orders as o, unnest(o.positions) as p
-- sku <- derived orders.positions
-- qty <- derived orders.positions

-- case: a list of constants
select n, n * 2 as m from unnest(generate_array(1, 10)) as n
-- n <-
-- m <-

-- case: a list of structs of constants
select s.x, s.y from unnest([struct(1 as x, 'a' as y), (2, 'b')]) as s
-- x <-
-- y <-

-- case: a list of a subquery
select u.id, array(select o.amount from orders o where o.user_id = u.id order by o.ordered_at) as amounts from users u
-- id <- direct users.id
-- amounts <- derived orders.amount; filter orders.user_id; filter users.id

-- case: a list of structs of a subquery
select array(select as struct id, status from orders) as all_of_them
-- all_of_them <- derived orders.id; derived orders.status

-- case: a subquery over a list
select id, (select string_agg(t, ',') from unnest(tags) as t where t <> 'x') as joined from orders
-- id <- direct orders.id
-- joined <- aggregate orders.tags

-- case: a row as a value
select u as whole from users as u
-- whole <- derived users.id; derived users.name; derived users.email; derived users.country; derived users.created_at

-- case: json
select json_value(payload, '$.a') as a, json_query(payload, '$.b') as b from `web`.events
-- a <- derived source:web.events.payload
-- b <- derived source:web.events.payload

-- case: select as value
select x from (select as value struct(id as x, name as y) from users)
-- x <- derived users.id; derived users.name

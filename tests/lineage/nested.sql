-- case: fields of a struct of one table
select detail.color, i.detail.size.w as width, detail['color'] as c, struct_extract(detail, 'color') as d from items i
-- color <- derived items.detail
-- width <- derived items.detail
-- c <- derived items.detail
-- d <- derived items.detail

-- case: structs and lists
select {'id': id, 'n': name} as s, [id, length(name)] as l, struct_pack(a := email) as p, row(id, country) as r from users
-- s <- derived users.id; derived users.name
-- l <- derived users.id; derived users.name
-- p <- derived users.email
-- r <- derived users.id; derived users.country

-- case: a field of a made struct
select s.n from (select {'id': id, 'n': name} as s from users)
-- n <- derived users.id; derived users.name

-- case: subscripts and slices
select tags[1] as first, tags[2:qty] as some from items
-- first <- derived items.tags
-- some <- derived items.tags; derived items.qty

-- case: unnest in the list
select sku, unnest(tags) as tag from items
-- sku <- direct items.sku
-- tag <- derived items.tags

-- case: unnest behind from
select i.sku, u.tag from items i, unnest(i.tags) as u(tag)
-- sku <- direct items.sku
-- tag <- derived items.tags

-- case: unnest with a filter
select i.sku, tag from items i cross join lateral (select unnest(i.tags) as tag) t where tag <> 'x'
-- sku <- direct items.sku
-- tag <- derived items.tags
-- * <- filter items.tags

-- case: generated numbers
select r.i, u.id from range(10) r(i), users u
-- i <-
-- id <- direct users.id

-- case: a generated series up to a column
select g.n, o.id from orders o, generate_series(1, o.user_id) as g(n)
-- n <- derived orders.user_id
-- id <- direct orders.id

-- case: a function's column under its own name
select range, id from range(3), tree
-- range <-
-- id <- direct tree.id

-- case: lambdas
select list_transform(tags, x -> upper(x)) as loud, list_filter(tags, t -> length(t) > qty) as long from items
-- loud <- derived items.tags
-- long <- derived items.tags; derived items.qty

-- case: a lambda's parameter hides a column
select list_transform(tags, sku -> sku || '!') as t from items
-- t <- derived items.tags

-- case: lambda by its keyword
select list_reduce(tags, lambda a, b : a || b || sku) as all_tags from items
-- all_tags <- derived items.tags; derived items.sku

-- case: list comprehension
select [upper(t) for t in tags if length(t) > qty] as loud from items
-- loud <- derived items.tags; derived items.qty

-- case: methods
select name.upper() as a, u.email.lower().trim() as b, tags.list_first() as c from users u, items
-- a <- derived users.name
-- b <- derived users.email
-- c <- derived items.tags

-- case: json
select payload->>'$.a' as a, json_extract(payload, '$.b') as b from web.events
-- a <- derived source:web.events.payload
-- b <- derived source:web.events.payload

-- case: rows of a file
select a, id from read_csv('x.csv') f(a), users
-- a <- unknown
-- id <- direct users.id

-- case: a whole row
select u as u, count(*) as n from users u group by all
-- u <- derived users.id; derived users.name; derived users.email; derived users.country; derived users.created_at
-- n <-

-- case: maps
select map {'a': id, name: 2} as m, map([email], [country]) as n from users
-- m <- derived users.id; derived users.name
-- n <- derived users.email; derived users.country

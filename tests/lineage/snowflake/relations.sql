-- The relations that Snowflake's labelled queries read. `open` ones are sources of whose columns nothing is known.
create table users (id integer, name varchar, email varchar, country varchar, created_at timestamp_ntz);
create table orders (id integer, user_id integer, amount double, status varchar, ordered_at timestamp_ntz, tags array, positions variant);
create table items (order_id integer, sku varchar, qty integer, price double, detail variant);
create table tree (id integer, parent_id integer, label varchar);
create table rates (currency varchar, valid_from timestamp_ntz, rate double);
create table quarters (user_id integer, quarter varchar, revenue double, cost double);
create table wide (user_id integer, q1 double, q2 double, note varchar);
create table "Mixed" ("Id" integer, "two words" varchar, plain varchar);
create schema web;
create table web.events (event_id integer, user_id integer, kind varchar, payload variant, happened_at timestamp_ntz); -- open
create table web.visits (visit_id integer, user_id integer, page varchar); -- open

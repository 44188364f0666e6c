-- The relations that the labelled queries read. `open` ones are sources of whose columns nothing is known.
create table users (id integer, name varchar, email varchar, country varchar, created_at timestamp);
create table orders (id integer, user_id integer, amount double, status varchar, ordered_at timestamp);
create table items (order_id integer, sku varchar, qty integer, price double, tags varchar[], detail struct(color varchar, size struct(w integer, h integer)));
create table rates (currency varchar, valid_from timestamp, rate double);
create table tree (id integer, parent_id integer, label varchar);
create table quarters (user_id integer, quarter varchar, revenue double, cost double);
create table wide (user_id integer, q1 double, q2 double, note varchar);
create table "Mixed Case" ("Id" integer, "two words" varchar);
create schema web;
create table web.events (event_id integer, user_id integer, kind varchar, payload varchar, happened_at timestamp); -- open
create table web.visits (visit_id integer, user_id integer, page varchar); -- open

-- The relations that BigQuery's labelled queries read. `open` ones are sources of whose columns nothing is known.
create table users (id int64, name string, email string, country string, created_at datetime);
create table orders (id int64, user_id int64, amount float64, status string, ordered_at datetime, tags array<string>, positions array<struct<sku string, qty int64>>);
create table items (order_id int64, sku string, qty int64, price float64, detail struct<color string, size struct<w int64, h int64>>);
create table tree (id int64, parent_id int64, label string);
create table quarters (user_id int64, quarter string, revenue float64, cost float64);
create table wide (user_id int64, q1 float64, q2 float64, note string);
create table Mixed (Id int64, Words string);
create schema web;
create table web.events (event_id int64, user_id int64, kind string, payload string, happened_at datetime); -- open
create table web.visits (visit_id int64, user_id int64, page string); -- open

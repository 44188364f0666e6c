# A table that fft doesn't build is an input by its rows, though nothing is declared.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! create schema raw
! create table raw.orders as select 1 as id, 10 as amount
--- file sources.yml
version: 2
sources:
  - name: shop
    schema: raw
    tables: [{name: orders}]
---
--- file models/stg.ff.sql
select id, amount from {{ source('shop', 'orders') }}
---
$ fft run
? stg.ff success first_build root
? alone.ff skipped all_inputs_equal
$ fft run
? * skipped all_inputs_equal
! insert into raw.orders values (2, 20)
$ fft run
#: | `source_data_changed` | such a table, or its files, hold other data: see [sources](sources.md#when-its-data-changed) |
~ source data changed: shop.orders (1 → 2 rows)
? stg.ff success source_data_changed root
? alone.ff skipped all_inputs_equal
! update raw.orders set amount = 21 where id = 2
$ fft run
~ source data changed: shop.orders (2 rows, not the same)
? stg.ff success source_data_changed root
? alone.ff skipped all_inputs_equal
# The same rows loaded anew are the same data.
! create or replace table raw.orders as select * from raw.orders order by id desc
$ fft run
? * skipped all_inputs_equal

# A source that says how the version of its data is told is an input by its data: it is built anew when new rows came,
# and what is below it needs no guess.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! create table analytics.raw_orders as select 1 as id, timestamp '2026-01-01 10:00:00' as loaded_at
--- file sources.yml
version: 2
sources:
  - name: shop
    tables:
      - name: orders
        identifier: raw_orders
        loaded_at_field: loaded_at
---
--- file models/stg.ff.sql
select id from {{ source('shop', 'orders') }}
---
--- file models/mart.ff.sql
select count(*) as orders from {{ ref('stg') }}
---
$ fft run
? stg.ff,mart.ff success first_build root
? alone.ff skipped all_inputs_equal
$ fft run
? * skipped all_inputs_equal
! insert into analytics.raw_orders values (2, timestamp '2026-01-02 10:00:00')
$ fft run
~ source data changed: shop.orders (2026-01-01 10:00:00 → 2026-01-02 10:00:00)
? stg.ff success source_data_changed root
? mart.ff success upstream_changed cascade
? alone.ff skipped all_inputs_equal
# A rebuild that was only forced gives the same rows, since its data is known.
$ fft run --rebuild stg.ff
? stg.ff success forced root
? mart.ff,alone.ff skipped all_inputs_equal
# A version that can't be told is no version: nothing is built.
--- file sources.yml
version: 2
sources:
  - name: shop
    tables:
      - name: orders
        identifier: raw_orders
        loaded_at_field: no_such_column
---
$ fft run
exit 2
~ the data version of source `shop.orders` can't be told

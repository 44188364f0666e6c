# An incremental model is extended by what is new, as long as nothing but data has changed.
--- file seeds/events.csv
id,status,updated_at
1,new,2026-11-01 10:00:00
2,new,2026-11-02 10:00:00
---
--- file models/orders.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'updated_at_column': 'updated_at'}) }}
select id, status, updated_at from {{ ref('events') }}
---
--- file models/mart.ff.sql
select count(*) as n from {{ ref('orders') }}
---
$ fft run
? * success first_build root
~ ✓ BUILD orders.ff 2 rows
$ fft run
? * skipped all_inputs_equal
# One row is changed, one is new; one comes late with a time that the table knows.
--- file seeds/events.csv
id,status,updated_at
1,new,2026-11-01 10:00:00
2,paid,2026-11-03 10:00:00
3,new,2026-11-03 10:00:00
4,late,2026-11-02 10:00:00
---
$ fft plan
~ EXTEND orders.ff
~ extended: upstream changed: events
$ fft run
#: What fft did is told with the reasons: from which values on it read rows, and how many of them were new and how many
#: stood there and are others now.
#: | `EXTEND` | an incremental model: what is new was brought into its table | `success` |
~ ✓ EXTEND orders.ff 4 rows
#: An [incremental model](project-files.md#incremental-models) that is built says how. It is *extended* where nothing but
#: data has changed since its last build, in itself and in all that is upstream.
~ extended: upstream changed: events · rows with updated_at >= 2026-11-02 10:00:00 (2 new, 1 updated)
? events success seed_changed root
? orders.ff success upstream_changed cascade
? mart.ff success upstream_changed cascade
! select id, status from analytics.orders order by id
> 1|new
> 2|paid
> 3|new
> 4|late
! select n from analytics.mart
> 4
$ fft verify
~ all of it agrees
$ fft run
? * skipped all_inputs_equal
# Rows that go upstream stay: only a full build takes them away.
--- file seeds/events.csv
id,status,updated_at
2,paid,2026-11-03 10:00:00
3,new,2026-11-03 10:00:00
---
$ fft run
~ rows with updated_at >= 2026-11-03 10:00:00 (none new)
! select count(*) from analytics.orders
> 4
$ fft explain orders
~ extended
$ fft run --full-refresh --select orders --no-upstream
~ rebuilt in full: forced by --rebuild
? orders.ff success forced root
? events,mart.ff not_selected not_selected
! select count(*) from analytics.orders
> 2
# Its own code builds it in full, and so does code upstream.
--- file models/orders.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'updated_at_column': 'updated_at'}) }}
select id, upper(status) as status, updated_at from {{ ref('events') }}
---
$ fft run
#: Otherwise it is *rebuilt in full*, and the reasons say why; where they lie upstream, `in more than its data` says that
#: code changed there.
~ rebuilt in full: SQL changed: models/orders.ff.sql
? orders.ff success sql_changed root
? events skipped all_inputs_equal
? mart.ff success upstream_changed cascade
--- file models/stg.ff.sql
{{ config(materialized='view') }}
select id, status, updated_at from {{ ref('events') }}
---
--- file models/orders.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'updated_at_column': 'updated_at'}) }}
select id, upper(status) as status, updated_at from {{ ref('stg') }}
---
$ fft run
? stg.ff success first_build root
? orders.ff success sql_changed root
? events skipped all_inputs_equal
? mart.ff success upstream_changed cascade
--- file models/stg.ff.sql
{{ config(materialized='view') }}
select id, status || '!' as status, updated_at from {{ ref('events') }}
---
$ fft run
~ rebuilt in full: upstream changed: stg.ff, in more than its data
! select id, status from analytics.orders order by id
> 2|PAID!
> 3|NEW!
? stg.ff success sql_changed root
? orders.ff success upstream_changed cascade
? mart.ff success upstream_changed cascade
? events skipped all_inputs_equal
# Another hand put rows into its place, or took it away.
! drop table analytics.orders
$ fft run
~ rebuilt in full: relation missing: orders
? orders.ff success relation_missing root
? mart.ff success upstream_rebuilt cascade
? events,stg.ff skipped all_inputs_equal
! update analytics.orders set status = 'LATE' where id = 2
$ fft run
~ rebuilt in full: relation holds another build: orders (something else made it, or changed its rows, since)
? orders.ff success relation_foreign root
? mart.ff success upstream_rebuilt cascade
? events,stg.ff skipped all_inputs_equal
! select id, status from analytics.orders order by id
> 2|PAID!
> 3|NEW!
# So it is of one that was extended.
--- append seeds/events.csv
4,new,2026-11-09 10:00:00
---
$ fft run
~ extended: 
! delete from analytics.orders where id = 3
! insert into analytics.orders select id, 'LATE', updated_at from analytics.orders where id = 4
$ fft plan
~ BUILD orders.ff rebuilt in full: relation holds another build: orders
$ fft run
! select id, status from analytics.orders order by id
> 2|PAID!
> 3|NEW!
> 4|NEW!
$ fft run
? * skipped all_inputs_equal

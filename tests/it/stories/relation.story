# What the database holds is checked, not remembered: a relation that is gone, or that something else built, is built.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
! drop table analytics.stg
#: | `all_inputs_equal` | nothing is different, and the relation holds it |
$ fft run
#: | `relation_missing` | the relation isn't in the database |
~ relation missing: stg
? stg.ff success relation_missing root
? mart.ff skipped all_inputs_equal
# Built by an uncached run from another text, which is then taken back.
--- file models/stg.ff.sql
select 2 as id
---
$ fft run --no-cache
? stg.ff success sql_changed root
? mart.ff success cache_off mixed
! select id from analytics.mart
> 2
--- file models/stg.ff.sql
select 1 as id
---
$ fft run
~ relation holds another build: stg
? stg.ff,mart.ff success relation_foreign root
! select id from analytics.mart
> 1
# Replaced by hand: a table of the same name that no build made.
! drop table analytics.stg
! create table analytics.stg as select 9 as id
! delete from analytics._ff_meta where node_name = 'stg.ff'
$ fft run
~ _ff_meta has no row for it
? stg.ff success relation_foreign root
? mart.ff skipped all_inputs_equal
! select id from analytics.stg
> 1

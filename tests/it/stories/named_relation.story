# A relation that a query names without ref() or source() is an input by its rows: nothing declared, nothing missed.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! create schema raw
! create table raw.t as select 1 as id
--- file models/m.ff.sql
with one as (select id from raw.t) select one.id from one
---
$ fft run
? m.ff success first_build root
? alone.ff skipped all_inputs_equal
$ fft run
? * skipped all_inputs_equal
! insert into raw.t values (2)
$ fft run
~ source data changed: relation raw.t (1 → 2 rows)
? m.ff success source_data_changed root
? alone.ff skipped all_inputs_equal

# What is no longer in the project is named until it is dropped.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/gone.ff.sql
select 1 as id
---
$ fft run
? * success first_build root
--- delete models/gone.ff.sql
$ fft run
~ no longer in the project: gone.ff
? stg.ff skipped all_inputs_equal
$ fft clean --orphans
! select table_name from information_schema.tables where table_schema = 'analytics' order by 1
> _ff_meta
> stg
! select node_name from analytics._ff_meta
> stg.ff
$ fft run
? stg.ff skipped all_inputs_equal

# off and wo skip nothing; off and ro record nothing. Whatever the mode, the database says what it holds.
--- file models/stg.ff.sql
select 1 as id
---
$ fft run --cache ro
? stg.ff success first_build root
# Nothing was recorded.
$ fft run
? stg.ff success first_build root
$ fft run --cache ro
? stg.ff skipped all_inputs_equal
$ fft run --cache wo
#: | `cache_off`, `cache_write_only` | the cache mode allows no skip |
? stg.ff success cache_write_only root
$ fft run --cache off
? stg.ff success cache_off root
# The relation holds what is recorded, so the run after an uncached one of the same text builds nothing.
$ fft run
? stg.ff skipped all_inputs_equal
# Built read-only from a new text: the next run builds again, since nobody recorded it.
--- file models/stg.ff.sql
select 2 as id
---
$ fft run --cache ro
? stg.ff success sql_changed root
$ fft run
? stg.ff success sql_changed root
$ fft run
? stg.ff skipped all_inputs_equal
# A mode that isn't one.
$ fft run --cache sometimes
exit 2
~ sometimes
$ fft run --cache ro --no-cache
exit 2

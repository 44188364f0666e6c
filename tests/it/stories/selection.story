# --select brings what it names up to date, with what is upstream; --exclude leaves out what it names and all below.
--- file models/base.ff.sql
select 1 as id
---
--- file models/stg.ff.sql
select id from {{ ref('base') }}
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run --select stg
? base.ff,stg.ff success first_build root
? mart.ff,alone.ff not_selected not_selected
$ fft run --exclude stg
? base.ff skipped all_inputs_equal
? alone.ff success first_build root
? stg.ff,mart.ff not_selected not_selected
# An upstream node that was left out of date is noticed when it is built, and by what was built over it.
--- file models/base.ff.sql
select 2 as id
---
$ fft run --select mart --no-upstream
? mart.ff success first_build root
? base.ff,stg.ff,alone.ff not_selected not_selected
~ warning: mart.ff is built over stg.ff, which is out of date and not part of this run
$ fft run
? base.ff success sql_changed root
? stg.ff,mart.ff success upstream_changed cascade
? alone.ff skipped all_inputs_equal
! select id from analytics.mart
> 2
$ fft ls --select +stg
> base.ff
> stg.ff
# A selector that matches nothing is an error with the nearest name.
$ fft run --select strg
exit 2
~ strg
~ did you mean `stg`?
$ fft run --exclude nobody
exit 2
~ nobody

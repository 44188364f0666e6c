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
#: Nodes outside the selection have the status `not_selected`.
#: | `not_selected` | the selection leaves it out |
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
$ fft run --select tag:none
exit 2
~ `tag:none` selects nothing
$ fft plan --select stg,x*
exit 2
~ `stg,x*` selects nothing
# One part of several that names nothing is a slip as well.
$ fft ls --select stg x*
exit 2
~ `x*` selects nothing
# A state that no node is in is none: there is nothing to do.
$ fft run
$ fft run --select state:modified
~ nothing to do: nothing is state:modified
> 0 built · 4 not selected · N ms
? * not_selected not_selected
$ fft run --select state:new result:error+
~ nothing to do: nothing is state:new or result:error+
$ fft plan --select state:modified,type:table
~ nothing to do: nothing is state:modified,type:table
> 0 to build · 0 to skip
$ fft ls --select kind:python
~ nothing to do: nothing is kind:python
$ fft ls --exclude state:modified
> alone.ff
$ fft seed
~ nothing to do: the project has no seeds
$ fft seed --select stg
exit 2
~ `stg` selects no seed

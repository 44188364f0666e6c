# A node that begins to read another, or ceases to, says so; so does what is downstream of it.
--- file models/left.ff.sql
select 1 as id
---
--- file models/right.ff.sql
select 2 as id
---
--- file models/mart.ff.sql
select id from {{ ref('left') }}
---
$ fft run
? * success first_build root
--- file models/mart.ff.sql
select id from {{ ref('left') }} union all select id from {{ ref('right') }}
---
$ fft run
? left.ff,right.ff skipped all_inputs_equal
? mart.ff success sql_changed root
$ fft explain mart
#: | `dependency_added`, `dependency_removed` | it reads a node that it didn't read, or no longer reads one |
~ dependency_added
~ dependency added: right.ff
--- file models/mart.ff.sql
select id from {{ ref('right') }}
---
$ fft run
? left.ff,right.ff skipped all_inputs_equal
~ dependency removed: left.ff; SQL changed: models/mart.ff.sql
? mart.ff success sql_changed root
$ fft explain mart
~ dependency removed: left.ff
! select id from analytics.mart
> 2
# One instead of another, in one sentence; a file that was renamed says what it was.
--- file models/mart.ff.sql
select id from {{ ref('left') }}
---
$ fft run
#: A node that reads another one instead of an earlier one says so: `reads int_legs.ff instead of int_routes.ff`.
~ reads left.ff instead of right.ff; SQL changed: models/mart.ff.sql
? left.ff,right.ff skipped all_inputs_equal
? mart.ff success sql_changed root
--- delete models/left.ff.sql
--- file models/west.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('west') }}
---
$ fft run
#: | `first_build` | no build of it is recorded in this checkout or in the database; a file that was renamed says what it was (`was mart.ff, same code`). Where its relation is there already and no record says that fft built it, the reason says so: see `--adopt` |
~ first build (was left.ff, same code)
~ reads west.ff instead of left.ff
~ no longer in the project: left.ff (now west.ff)

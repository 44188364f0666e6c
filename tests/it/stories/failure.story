# A failing model fails alone: what is below it is blocked, the rest is built and kept. --keep-going builds all of the
# rest. The fix is compared with the last build that succeeded.
--- file models/bad.ff.sql
select 1 as id
---
--- file models/below.ff.sql
select id from {{ ref('bad') }}
---
--- file models/bottom.ff.sql
select id from {{ ref('below') }}
---
--- file models/good.ff.sql
select 1 as id
---
--- file models/better.ff.sql
select id from {{ ref('good') }}
---
$ fft run
? * success first_build root
--- file models/bad.ff.sql
select 1 as id,
       nothing_of_this_name
---
--- file models/good.ff.sql
select 2 as id
---
--- file models/worse.ff.sql
select cast('x' as integer) as id
---
$ fft run --keep-going
exit 1
~ models/bad.ff.sql:2
~ nothing_of_this_name
~ Could not convert string 'x'
~ ✗ bad.ff:
~ ✗ worse.ff:
~ failed: bad.ff, worse.ff
> L02 – BLOCKED below.ff – – upstream bad.ff failed
> L03 – BLOCKED bottom.ff – – upstream bad.ff failed
? bad.ff error sql_changed root
? worse.ff error first_build root
#: | `upstream_failed` | a node that it reads failed, or was blocked itself |
? below.ff,bottom.ff blocked upstream_failed
? good.ff success sql_changed root
? better.ff success upstream_changed cascade
# What was there before the failure still is.
! select id from analytics.bottom
> 1
# Nothing but the failed nodes and what they block is tried again.
$ fft run --keep-going
exit 1
? bad.ff error sql_changed root
? worse.ff error first_build root
? below.ff,bottom.ff blocked upstream_failed
? good.ff,better.ff skipped all_inputs_equal
# Fixed to what it was when it was last built: the relation still holds that.
--- delete models/worse.ff.sql
--- file models/bad.ff.sql
select 1 as id
---
$ fft run
? * skipped all_inputs_equal
# Fixed to something new.
--- file models/bad.ff.sql
select 1 as id, nothing_of_this_name
---
$ fft run
exit 1
? bad.ff error sql_changed root
? below.ff,bottom.ff blocked upstream_failed
? good.ff,better.ff skipped all_inputs_equal
--- file models/bad.ff.sql
select 5 as id
---
$ fft run
? bad.ff success sql_changed root
? below.ff,bottom.ff success upstream_changed cascade
? good.ff,better.ff skipped all_inputs_equal
$ fft explain bad
#: | `previous_build_failed` | the last attempt failed; the comparison is with the last one that succeeded |
~ previous_build_failed
~ -select 1 as id
~ +select 5 as id
! select id from analytics.bottom
> 5

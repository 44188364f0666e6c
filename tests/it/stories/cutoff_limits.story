# What early cutoff never skips, and what it needs to know.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
--- file project.yml
name: story
version: '1.0'
run: {cutoff: true}
---
# Nothing is recorded of what the mart was built from; from now on it is.
--- file models/stg.ff.sql
select 2 - 1 as id
---
$ fft run
? stg.ff success sql_changed root
#: So is one that was last built while early cutoff was off, or over a relation of which nothing is recorded: what
#: isn't known counts as other rows.
? mart.ff success upstream_changed cascade
$ fft explain mart
~ it isn't recorded what stg.ff gave to run
--- file models/stg.ff.sql
select 3 - 2 as id
---
$ fft run
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
# Its own reasons.
--- file models/stg.ff.sql
select 4 - 3 as id
---
#: A node with a reason of its own is built whatever is upstream.
$ fft run --rebuild mart.ff
? stg.ff success sql_changed root
? mart.ff success forced root
--- file models/stg.ff.sql
select 5 - 4 as id
---
--- file models/mart.ff.sql
select id + 1 as id from {{ ref('stg') }}
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success sql_changed root
--- file models/stg.ff.sql
select 6 - 5 as id
---
! drop table analytics.mart
$ fft run
? stg.ff success sql_changed root
? mart.ff success relation_missing root
--- file models/stg.ff.sql
select 7 - 6 as id
---
! update analytics._ff_meta set fingerprint = repeat('ab', 32) where node_name = 'mart.ff'
$ fft run
? stg.ff success sql_changed root
? mart.ff success relation_foreign root
# Nothing is known of what a failed node gives; mended, it gives what it gave.
--- file models/stg.ff.sql
select nothing
---
$ fft run
exit 1
? stg.ff error sql_changed
? mart.ff blocked upstream_failed
--- file models/stg.ff.sql
select 8 - 7 as id
---
$ fft run
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
# `ro` skips and records nothing: the next run finds everything as it was before, and so does the one after.
--- file models/stg.ff.sql
select 9 - 8 as id
---
$ fft run --cache ro
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
$ fft run
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
$ fft run
? * skipped all_inputs_equal
# `off` builds all.
--- file models/stg.ff.sql
select 10 - 9 as id
---
$ fft run --no-cache
? stg.ff success sql_changed root
? mart.ff success cache_off mixed
$ fft run
? * success any
# A model that makes no promise is asked for its rows, not for its word.
--- file models/stg.ff.sql
{{ config(volatile=true) }}
select 1 as id
---
$ fft run
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
$ fft run --rebuild stg.ff
? stg.ff success forced root
? mart.ff skipped upstream_output_identical
$ fft run
? * skipped all_inputs_equal
# Built elsewhere: what it gives isn't what was recorded.
$ fft run --select stg --no-cache
? stg.ff success cache_off
? mart.ff not_selected not_selected
$ fft run --select mart --no-upstream
? stg.ff not_selected not_selected
#: So is one that was last built while early cutoff was off, or over a relation of which nothing is recorded: what
#: isn't known counts as other rows.
? mart.ff success upstream_rebuilt
! select id from analytics.mart
> 2

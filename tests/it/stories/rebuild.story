# --rebuild builds what it names and leaves the rest to the rules; the order is always the graph's. A hermetic node
# that was only forced makes nothing below it out of date.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
$ fft run --rebuild mart.ff --rebuild stg.ff
#: | `forced` | `--rebuild` names it |
> L01 ✓ BUILD stg.ff 1 row N ms forced by --rebuild
> L02 ✓ BUILD mart.ff 1 row N ms forced by --rebuild
? stg.ff,mart.ff success forced root
? alone.ff skipped all_inputs_equal
#: `fft run --rebuild PATTERN` builds what it may have changed.
$ fft run --rebuild stg*
? stg.ff success forced root
? mart.ff,alone.ff skipped all_inputs_equal
$ fft run --full-refresh
? * success forced root
# A name that isn't there is an error with the nearest one, and nothing is built.
$ fft run --rebuild mert.ff
exit 2
~ mert.ff
~ did you mean `mart.ff`?

# What stands in a line of a run, one of each word, and below it.
--- file seeds/people.csv
id,name
1,Ada
---
--- file models/a.ff.sql
select id from {{ ref('people') }}
---
--- file models/b.ff.sql
select id from {{ ref('a') }}
---
--- file models/far.ff.sql
select p.id from {{ ref('people') }} p join {{ ref('b') }} using (id)
---
--- file models/bad.ff.sql
select id, name from {{ ref('people') }}
---
--- file models/below.ff.sql
select name from {{ ref('bad') }}
---
--- file models/bottom.ff.sql
select name from {{ ref('below') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
--- append seeds/people.csv
2,Grace
---
--- file models/bad.ff.sql
select id,
  nmae as name
from {{ ref('people') }}
---
$ fft run --keep-going --jobs 1
exit 1
#: Level, sign, decision, node, rows, time, reason.
#: | `BUILD` | built, for a reason of its own | `success` |
> L01 ✓ BUILD people 2 rows N ms seed changed: seeds/people.csv (+1 row)
#: | `CASCADE` | built because of what is upstream only | `success` |
> L02 ✓ CASCADE a.ff 2 rows N ms ← people
#: | `ERROR` | the build failed | `error` |
> L02 ✗ ERROR bad.ff – N ms
#: | `BLOCKED` | not tried, something upstream failed | `blocked` |
> L03 – BLOCKED below.ff – – upstream bad.ff failed
> L04 – BLOCKED bottom.ff – – upstream bad.ff failed
> L03 ✓ CASCADE b.ff 2 rows N ms ← people → a.ff
#: The level is the length of the longest path to the node.
#: For each cascade the shortest path from its root is shown.
> L04 ✓ CASCADE far.ff 2 rows N ms ← people
#: | `SKIP` | not built, it is current; told with `-v`, otherwise a number in the line of totals | `skipped` |
> 4 built: 1 changed, 3 followed · 1 skipped: all inputs equal · 1 failed · 2 blocked · N ms
#: Below the line of an `ERROR` stands the whole of it: message, place, excerpt, hint.
> ✗ bad.ff: Binder Error: Referenced column "nmae" not found in FROM clause!
> --> models/bad.ff.sql:2:3
> | nmae as name
~ hint: Candidate bindings: "name"
#: | `upstream_failed` | a node that it reads failed, or was blocked itself |
? below.ff,bottom.ff blocked upstream_failed
? people success seed_changed root
? a.ff,b.ff,far.ff success upstream_changed cascade
? bad.ff error sql_changed mixed
? alone.ff skipped all_inputs_equal
$ fft run --keep-going -v
exit 1
> L01 ○ SKIP alone.ff – – 4/4 inputs equal to run RUN · relation exists

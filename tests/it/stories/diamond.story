# Two changes above a diamond: each is a root, and the node below both is counted for each, once.
--- file models/top.ff.sql
select 1 as id
---
--- file models/left.ff.sql
select id from {{ ref('top') }}
---
--- file models/right.ff.sql
select id from {{ ref('top') }}
---
--- file models/bottom.ff.sql
select l.id from {{ ref('left') }} l join {{ ref('right') }} r using (id)
---
$ fft run
? * success first_build root
--- file models/top.ff.sql
select 2 as id
---
$ fft run
> L03 ✓ CASCADE bottom.ff 1 row N ms ← top.ff → left.ff
> top.ff SQL changed: models/top.ff.sql → 4 rebuilt
? top.ff success sql_changed root
? left.ff,right.ff,bottom.ff success upstream_changed cascade
--- file models/left.ff.sql
select id + 0 as id from {{ ref('top') }}
---
--- file models/right.ff.sql
select id * 1 as id from {{ ref('top') }}
---
#: For each root, `impact` counts the nodes that are rebuilt because of it, and `sole_impact` those that are rebuilt
#: only because of it.
$ fft plan --json
~ "impact": 2,
~ "sole_impact": 1
$ fft run
> left.ff SQL changed: models/left.ff.sql → 2 rebuilt; 1 would have been skipped without it
> right.ff SQL changed: models/right.ff.sql → 2 rebuilt; 1 would have been skipped without it
? top.ff skipped all_inputs_equal
? left.ff,right.ff success sql_changed root
? bottom.ff success upstream_changed cascade
# Its own change beside one from above.
--- file models/top.ff.sql
select 3 as id
---
--- file models/left.ff.sql
select id from {{ ref('top') }}
---
$ fft run
#: A **root** is built for causes of its own only.
? top.ff success sql_changed root
#: **Mixed** is both.
? left.ff success sql_changed mixed
#: A **cascade** is built only because an upstream node has another fingerprint or was rebuilt.
#: | `upstream_changed` | a node that it reads has another fingerprint |
? right.ff,bottom.ff success upstream_changed cascade

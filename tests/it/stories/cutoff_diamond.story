# Below a diamond a node is built for those of its upstream nodes that give other rows, and for no other.
--- file project.yml
name: story
version: '1.0'
run: {cutoff: true}
---
--- file models/top.ff.sql
select 1 as id, 'a' as name
---
--- file models/left.ff.sql
select id from {{ ref('top') }}
---
--- file models/right.ff.sql
select name from {{ ref('top') }}
---
--- file models/bottom.ff.sql
select l.id, r.name from {{ ref('left') }} l cross join {{ ref('right') }} r
---
$ fft run
? * success first_build root
--- file models/top.ff.sql
select 1 as id, 'b' as name
---
$ fft run
#: Where one upstream node gives the same and another doesn't, the node is built for the other alone: roots, path and
#: impact say so.
> L03 ✓ CASCADE bottom.ff 1 row N ms ← top.ff → right.ff
> 4 built: 1 changed, 3 followed · N ms
? top.ff success sql_changed root
? left.ff,right.ff,bottom.ff success upstream_changed cascade
! select name from analytics.bottom
> b
$ fft explain bottom
~ upstream changed: left.ff (its rows are the same)
~ left.ff gives what it gave to run
~ right.ff gives
# Two roots, of which one changes nothing: what is below is built for the other alone.
--- file models/left.ff.sql
select id + 0 as id from {{ ref('top') }}
---
--- file models/right.ff.sql
select upper(name) as name from {{ ref('top') }}
---
$ fft run
#: Where one upstream node gives the same and another doesn't, the node is built for the other alone: roots, path and
#: impact say so.
> right.ff SQL changed: models/right.ff.sql → 2 rebuilt
> left.ff SQL changed: models/left.ff.sql → 1 rebuilt
? top.ff skipped all_inputs_equal
? left.ff,right.ff success sql_changed root
? bottom.ff success upstream_changed cascade
$ fft verify
~ all of it agrees

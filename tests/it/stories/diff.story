# Any two recorded states are compared node by node: runs, however far apart, and manifests.
--- file macros/words.sql
{% macro shout(column) %}upper({{ column }}){% endmacro %}
---
--- file seeds/people.csv
id,name
1,Ada
---
--- file models/base.ff.sql
select id, name from {{ ref('people') }}
---
--- file models/stg.ff.sql
select id, {{ shout('name') }} as name from {{ ref('base') }}
---
--- file models/mart.ff.sql
select name from {{ ref('stg') }}
---
--- file models/old.ff.sql
select 1 as one
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft diff latest
exit 2
~ no run is recorded yet
$ fft run
$ fft diff latest latest
> run RUN → run RUN
> Roots of run RUN
> first build → 6 rebuilt
> 6 unchanged
# Two edits, each with a run of its own; a run that has nothing to do after them.
--- file macros/words.sql
{% macro shout(column) %}reverse({{ column }}){% endmacro %}
---
--- append seeds/people.csv
2,Grace
---
$ fft run
$ fft diff latest~1
#: `fft diff A B`: two recorded states compared, with the same causes: see [diff](diff.md).
> Roots of run RUN
> people seed changed: seeds/people.csv (+1 row) → 4 rebuilt; 2 would have been skipped without it
> CHANGED people seed changed: seeds/people.csv (+1 row)
> CHANGED stg.ff SQL changed: models/stg.ff.sql (by macro shout in macros/words.sql); upstream changed: base.ff
> sql_changed SQL changed: models/stg.ff.sql (by macro shout in macros/words.sql)
> because macro shout was modified macros/words.sql:1
> -{% macro shout(column) %}upper({{ column }}){% endmacro %}
> +{% macro shout(column) %}reverse({{ column }}){% endmacro %}
> CHANGED base.ff upstream changed: people
> CHANGED mart.ff upstream changed: stg.ff
> 4 changed · 2 unchanged
--- delete models/old.ff.sql
--- file models/new.ff.sql
select 1 as one
---
--- file models/base.ff.sql
select id + 0 as id, name from {{ ref('people') }}
---
$ fft run
$ fft run
? * skipped all_inputs_equal
# What the last run skipped is known from the runs that built it.
$ fft diff latest~3
> ADDED new.ff
> REMOVED old.ff
> CHANGED base.ff SQL changed: models/base.ff.sql; upstream changed: people
> because template models/base.ff.sql was modified
> -select id, name from {{ ref('people') }}
> +select id + 0 as id, name from {{ ref('people') }}
> CHANGED people seed changed: seeds/people.csv (+1 row)
> CHANGED stg.ff SQL changed: models/stg.ff.sql (by macro shout in macros/words.sql); upstream changed: base.ff
> CHANGED mart.ff upstream changed: stg.ff
> 1 added · 1 removed · 4 changed · 1 unchanged
$ fft diff latest~1 latest
> run RUN → run RUN
> 6 unchanged
$ fft diff latest~2 .fastflowtransform/target/manifest.json
> run RUN → manifest of run RUN
> ADDED new.ff
> REMOVED old.ff
> CHANGED base.ff SQL changed: models/base.ff.sql
> 1 added · 1 removed · 3 changed · 2 unchanged
# One node, for a reader or a script.
$ fft diff latest~3 latest --node mart
> CHANGED mart.ff upstream changed: stg.ff
> 1 changed · 0 unchanged
$ fft diff latest~3 latest --node alone --fail-on change
> 1 unchanged
$ fft diff latest~3 latest --fail-on change
exit 3
> ADDED new.ff
$ fft diff latest~3 latest --json
~ "change": "added"
~ "code": "seed_changed"
~ "same": 1
$ fft diff latest~3 latest --node mart.fff
exit 2
~ no node `mart.fff` in either state
~ did you mean `mart.ff`?
# The decision of the last run is one thing, the way from an older run another.
$ fft explain base --against latest~3
> base.ff was skipped in run RUN: 5/5 inputs equal to run RUN · relation exists
> Against run RUN
> CHANGED base.ff SQL changed: models/base.ff.sql; upstream changed: people
> upstream_changed upstream changed: people
$ fft diff nothing
exit 2
~ `nothing` is no recorded run, no manifest.json and no git commit
~ `fft history` lists the runs
$ fft diff latest .
exit 2
~ `fft diff A latest FOLDER`
$ fft diff latest~9
exit 2
~ there is no run 9 before the latest: 4 are kept
$ fft diff 2
exit 2
~ `2` could be 4 runs
$ fft diff project.json
exit 4
~ the manifest project.json
# A project that can't be read now can still be asked for what it was.
--- file project.yml
name: [
---
$ fft diff latest~3
> 1 added · 1 removed · 4 changed · 1 unchanged

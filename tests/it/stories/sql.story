# What changes a model's rendered text makes it `sql_changed`, and the output names what did: the template, or a macro.
--- file macros/words.sql
{% macro shout(column) %}upper({{ column }}){% endmacro %}
---
--- file models/base.ff.sql
select 'ada' as name
---
--- file models/stg.ff.sql
select {{ shout('name') }} as name from {{ ref('base') }}
---
--- file models/mart.ff.sql
select name from {{ ref('stg') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
# The template.
--- file models/base.ff.sql
select 'grace' as name
---
$ fft run
> L01 ✓ BUILD base.ff 1 row N ms SQL changed: models/base.ff.sql
> L02 ✓ CASCADE stg.ff 1 row N ms ← base.ff
> L03 ✓ CASCADE mart.ff 1 row N ms ← base.ff → stg.ff
> base.ff SQL changed: models/base.ff.sql → 3 rebuilt
? base.ff success sql_changed root
#: Because `upstream` is among them, a change travels downstream by itself and only there.
? stg.ff,mart.ff success upstream_changed cascade
? alone.ff skipped all_inputs_equal
! select name from analytics.mart
> GRACE
$ fft explain base
~ -select 'ada' as name
~ +select 'grace' as name
# A macro: the model's own file is the same, and the macro is named.
--- file macros/words.sql
{% macro shout(column) %}reverse({{ column }}){% endmacro %}
---
$ fft run
~ SQL changed: models/stg.ff.sql (by macro shout in macros/words.sql)
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
? base.ff,alone.ff skipped all_inputs_equal
! select name from analytics.mart
> ecarg
# A macro that nobody uses is nobody's input.
--- append macros/words.sql
{% macro unused() %}1{% endmacro %}
---
$ fft run
? * skipped all_inputs_equal

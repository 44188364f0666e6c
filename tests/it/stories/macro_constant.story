# A value that a macro file gives a name to is an input like a macro: a change of it is told as its own.
--- file macros/prices.sql
{% set rate = 2 %}
{% set other = 1 %}
{% macro price() %}{{ inner() }}{% endmacro %}
---
--- file macros/inner.sql
{% macro inner() %}{{ rate }} + {{ var('extra', 15) }}{% endmacro %}
---
--- file models/m.ff.sql
select {{ price() }} as x
---
$ fft run
? * success first_build root
--- file macros/prices.sql
{% set rate = 3 %}
{% set other = 1 %}
{% macro price() %}{{ inner() }}{% endmacro %}
---
$ fft run
~ SQL changed: models/m.ff.sql (by constant rate in macros/prices.sql)
? * success sql_changed root
! select * from analytics.m
> 18
$ fft explain m
~ constant rate was modified
~ macros/prices.sql:1
$ fft verify
# A value that nothing uses is nobody's input.
--- file macros/prices.sql
{% set rate = 3 %}
{% set other = 2 %}
{% macro price() %}{{ inner() }}{% endmacro %}
---
$ fft run
? * skipped all_inputs_equal
# A macro that another macro calls, and a var with its values.
$ fft run --vars extra=20
~ SQL changed: models/m.ff.sql (by var extra: 15 → 20, in macros/inner.sql)
? * success sql_changed root
--- file macros/inner.sql
{% macro inner() %}{{ rate }} - {{ var('extra', 16) }}{% endmacro %}
---
$ fft run
~ SQL changed: models/m.ff.sql (by macro inner in macros/inner.sql and var extra: 20 → 16, in macros/inner.sql)
? * success sql_changed root

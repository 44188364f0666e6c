# What made a rendered text another: the template, a macro, a value of a macro file, a var, a variable.
--- file project.yml
name: story
version: '1.0'
vars:
  threshold: 15
fingerprint:
  env:
    expose: [FF_SHOWN]
---
--- file macros/delays.sql
{% set rate = 2 %}
{% macro late(column) %}{{ column }} * {{ rate }} > {{ var('threshold') }}{% endmacro %}
---
--- file models/m.ff.sql
select {{ late('10') }} as late, '{{ env("FF_SHOWN", "") }}' as shown, '{{ env("FF_HIDDEN", "") }}' as hidden,
  '{{ env("FF_API_TOKEN", "") }}' as secret
---
--- file .env
FF_SHOWN=one
FF_HIDDEN=value-one
FF_API_TOKEN=secret-one
---
$ fft run
? * success first_build root
#: `sql_changed` names what made the rendered text another: the template, a macro, a value that a macro file sets, a var
#: with its values, an environment variable.
#: | `sql_changed` | the rendered SQL is different; it says whether the template, a macro, a var or a variable did it |
$ fft run --vars threshold=20
~ SQL changed: models/m.ff.sql (by var threshold: 15 → 20, in macros/delays.sql)
? * success sql_changed root
--- file macros/delays.sql
{% set rate = 3 %}
{% macro late(column) %}{{ column }} * {{ rate }} > {{ var('threshold') }}{% endmacro %}
---
$ fft run --vars threshold=20
~ SQL changed: models/m.ff.sql (by constant rate in macros/delays.sql)
? * success sql_changed root
--- file macros/delays.sql
{% set rate = 3 %}
{% macro late(column) %}{{ column }} * {{ rate }} >= {{ var('threshold') }}{% endmacro %}
---
--- file models/m.ff.sql
select {{ late('11') }} as late, '{{ env("FF_SHOWN", "") }}' as shown, '{{ env("FF_HIDDEN", "") }}' as hidden,
  '{{ env("FF_API_TOKEN", "") }}' as secret
---
$ fft run --vars threshold=20
~ SQL changed: models/m.ff.sql (by the template and macro late in macros/delays.sql)
? * success sql_changed root
#: Values of environment variables are told where `fingerprint.env.expose` names them; values of secrets never.
#: A path that the sentence has already isn't said again.
--- file .env
FF_SHOWN=two
FF_HIDDEN=value-one
FF_API_TOKEN=secret-one
---
$ fft run --vars threshold=20
~ SQL changed: models/m.ff.sql (by env FF_SHOWN: one → two)
? * success sql_changed root
--- file .env
FF_SHOWN=two
FF_HIDDEN=value-two
FF_API_TOKEN=secret-one
---
$ fft run --vars threshold=20
~ SQL changed: models/m.ff.sql (by env FF_HIDDEN: value withheld)
? * success sql_changed root
--- file models/m.ff.sql
select {{ late('12') }} as late, '{{ env("FF_SHOWN", "") }}' as shown, '{{ env("FF_HIDDEN", "") }}' as hidden,
  '{{ env("FF_API_TOKEN", "") }}' as secret
---
$ fft run --vars threshold=20
> m.ff SQL changed: models/m.ff.sql → 1 rebuilt
? * success sql_changed root
$ fft explain m
~ because template models/m.ff.sql was modified
# Secrets are no input, and their values are in no explanation.
--- file models/m.ff.sql
select {{ late('12') }} as late, '{{ env("FF_SHOWN", "") }}' as shown, '{{ env("FF_HIDDEN", "") }}' as hidden,
  '{{ env("FF_API_TOKEN", "") }}{{ env("FF_API_TOKEN", "") }}' as secret
---
$ fft run --vars threshold=20
$ fft render m --vars threshold=20
~ '‹env:FF_API_TOKEN›‹env:FF_API_TOKEN›' as secret

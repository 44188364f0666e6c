# An engine's error is told where its text is said: in the ephemeral model whose text stands in the query, whatever stands
# between, or in the macro that wrote the line.
--- file macros/lines.sql
{% macro broken(column) %}
  coalesce(nothing_here,
    no_such_column_of_macro) as z
{% endmacro %}
---
--- file models/inner.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id,
  nope as z
from (select 1 as q)
---
--- file models/outer.ff.sql
{{ config(materialized='ephemeral') }}
select * from {{ ref('inner') }}
---
--- file models/mart.ff.sql
with own as (select 1 as one)
select id
from {{ ref('outer') }}, own
---
$ fft run
exit 1
~ models/inner.ff.sql:3:3
~ | nope as z
--- file models/inner.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id
---
--- file models/mart.ff.sql
{{ config(tags=['x']) }}
{% set width = 3 %}

select id, {{ width }} as w, nope
from {{ ref('outer') }}
---
$ fft run
exit 1
~ models/mart.ff.sql:4:30
--- file models/mart.ff.sql
select id,
  {{ broken('id') }}
from {{ ref('outer') }}
---
$ fft run
exit 1
~ macros/lines.sql:2:12
--- file models/mart.ff.sql
select id, {% for name in ['id', 'nope'] %}{{ name }} as c_{{ name }}{% if not loop.last %},{% endif %}{% endfor %}
from {{ ref('outer') }}
---
$ fft run
exit 1
~ models/mart.ff.sql:1:47
# A Python model that reads an ephemeral one has its error there too.
--- file models/inner.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id,
  nope as z
from (select 1 as q)
---
--- delete models/mart.ff.sql
--- file models/py.ff.py
from fastflowtransform import model

@model(name="py", deps=["outer.ff"])
def build(outer: list) -> list:
    return outer
---
$ fft run
exit 1
~ models/inner.ff.sql:3:3

# How a model is extended is declared in its config, else in project.yml; what is wrong is told with its place.
--- file project.yml
name: story
version: '1.0'
models:
  incremental:
    kept:
      unique_key: [id]
      updated_at_column: came
    other:
      unique_key: id
---
--- file seeds/events.csv
id,came
1,2026-11-01
---
--- file models/kept.ff.sql
{{ config(materialized='incremental') }}
select id, came from {{ ref('events') }}
---
--- file models/other.ff.sql
select id from {{ ref('events') }}
---
$ fft run
exit 2
~ `other.ff` says how it is extended, and is materialized as `table`
~ --> project.yml:8:5
--- file models/other.ff.sql
{{ config(materialized='incremental', primary_key='id', on_code_change='incremental') }}
select id from {{ ref('events') }}
---
$ fft run
exit 0
? * success first_build root
--- append seeds/events.csv
2,2026-11-02
---
$ fft run
~ rows with came >= 2026-11-01 (1 new)
# With `on_code_change: incremental`, rows that stand are left as the code before made them.
--- file models/other.ff.sql
{{ config(materialized='incremental', primary_key='id', on_code_change='incremental') }}
select id from {{ ref('events') }} where id > 1
---
$ fft run
~ extended: SQL changed: models/other.ff.sql · rows: none new
! select id from analytics.other order by id
> 1
> 2
--- file models/other.ff.sql
{{ config(materialized='incremental', incremental={'strategy': 'upsert'}) }}
select id from {{ ref('events') }}
---
$ fft run
exit 2
~ `strategy` is "upsert"; it can be append, insert, merge, delete_insert, delete+insert or full_refresh
~ --> models/other.ff.sql:1:
--- file models/other.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'delta_python': 'f'}) }}
select id from {{ ref('events') }}
---
$ fft run
exit 2
~ unknown key `delta_python` in `incremental`
~ hint: a model in Python gives what is new itself
--- file models/other.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'enabled': false}) }}
select id from {{ ref('events') }}
---
$ fft run
exit 2
~ `other.ff` is materialized as `incremental`, and `enabled` says that it isn't extended
--- file models/other.ff.sql
{{ config(materialized='table') }}
select id from {{ ref('events') }}
---
--- delete models/kept.ff.sql
--- file models/kept.ff.py
from fastflowtransform import model


@model(name="kept", deps=["events"], materialized="incremental", unique_key="id", delta_sql="select 1 as id")
def build(rows: list) -> list:
    return rows
---
$ fft run
exit 2
~ `kept` is a Python model and has a query for new rows

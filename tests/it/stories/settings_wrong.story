# What can't be set is told with its place.
--- file project.yml
name: story
version: '1.0'
models:
  grants:
    a: [reporting]
  indexes:
    e: [{columns: [id]}]
    v: [{columns: [id]}]
    nowhere: [{columns: [id]}]
---
--- file models/a.ff.sql
select 1 as id
---
--- file models/b.ff.sql
{{ config(grants={'select': 'reporting'}) }}
select 1 as id
---
--- file models/c.ff.sql
{{ config(indexes=[{'columns': ['id'], 'type': 'hash'}]) }}
select 1 as id
---
--- file models/d.ff.sql
{{ config(persist_docs=true) }}
select 1 as id
---
--- file models/e.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id
---
--- file models/v.ff.sql
{{ config(materialized='view') }}
select 1 as id
---
$ fft plan
exit 2
~ `grants` is ["reporting"]; it must be a mapping of privileges to roles, for `a.ff`
~ --> project.yml:5:5
~ `b.ff` declares `grants`, and duckdb has no roles
~ `c.ff` declares an index of type `hash`, which duckdb doesn't have
~ hint: it has art
~ `persist_docs` is true; it must be a mapping with `relation` and `columns`
~ --> models/d.ff.sql:1:4
~ `e.ff` declares `indexes`, and no relation stands for it
~ --> project.yml:7:5
~ `v.ff` declares `indexes` and is a view, which has no rows to find by them

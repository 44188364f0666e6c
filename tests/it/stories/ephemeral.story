# An ephemeral model has no relation: its text stands in what reads it, and a change of it goes through it.
--- file models/base.ff.sql
select 1 as id
---
--- file models/middle.ff.sql
{{ config(materialized='ephemeral') }}
select id + 1 as id from {{ ref('base') }}
---
--- file models/mart.ff.sql
select id from {{ ref('middle') }}
---
$ fft run
! select id from analytics.mart
> 2
! select table_name from information_schema.tables where table_schema = 'analytics' order by 1
> _ff_meta
> base
> mart
$ fft run
? * skipped all_inputs_equal
--- file models/middle.ff.sql
{{ config(materialized='ephemeral') }}
select id + 10 as id from {{ ref('base') }}
---
$ fft run
? base.ff skipped all_inputs_equal
? middle.ff success sql_changed root
? mart.ff success upstream_changed cascade
! select id from analytics.mart
> 11
# A table that becomes ephemeral leaves no relation behind that would pass for it.
--- file models/base.ff.sql
select 2 as id
---
$ fft run
? base.ff success sql_changed root
? middle.ff,mart.ff success upstream_changed cascade
! select id from analytics.mart
> 12

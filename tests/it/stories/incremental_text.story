# A model says itself what is new, where its text asks `is_incremental()`.
--- file seeds/days.csv
day,n
2026-11-01,1
2026-11-01,2
2026-11-02,3
---
--- file models/daily.ff.sql
{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete_insert') }}
select day, n from {{ ref('days') }}
{% if is_incremental() %}where day >= (select max(day) from {{ this }}){% endif %}
---
$ fft run
? * success first_build root
$ fft render daily
! select count(*) from analytics.daily
> 3
# A day is replaced as a whole; an older one isn't read.
--- file seeds/days.csv
day,n
2026-11-01,9
2026-11-02,4
2026-11-02,5
2026-11-03,6
---
$ fft run
~ extended: upstream changed: days · rows: 1 new, 2 updated
? days success seed_changed root
? daily.ff success upstream_changed cascade
! select cast(day as varchar), n from analytics.daily order by 1, 2
> 2026-11-01|1
> 2026-11-01|2
> 2026-11-02|4
> 2026-11-02|5
> 2026-11-03|6
# The text for what is new is a part of the fingerprint.
--- file models/daily.ff.sql
{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete_insert') }}
select day, n from {{ ref('days') }}
{% if is_incremental() %}where day > (select max(day) from {{ this }}){% endif %}
---
$ fft run
#: An incremental model whose template asks `is_incremental()`, or that has a `delta_sql`, has a second `sql`,
#: `<path> (incremental)`: its text for what is new.
~ rebuilt in full: SQL changed: models/daily.ff.sql (incremental)
? daily.ff success sql_changed root
? days skipped all_inputs_equal
! select count(*) from analytics.daily
> 4
# An error of that text has its place in the model's file.
--- file models/daily.ff.sql
{{ config(materialized='incremental', unique_key='day', incremental_strategy='delete_insert') }}
select day, n from {{ ref('days') }}
{% if is_incremental() %}where dey > (select max(day) from {{ this }}){% endif %}
---
$ fft run
? daily.ff success sql_changed root
? days skipped all_inputs_equal
--- append seeds/days.csv
2026-11-04,7
---
$ fft run
exit 1
~ --> models/daily.ff.sql:3:
! select count(*) from analytics.daily
> 4
# A model of another kind is never extended: there `is_incremental()` is false.
--- file models/daily.ff.sql
{{ config(materialized='table') }}
select day, n from {{ ref('days') }}
{% if is_incremental() %}where dey > (select max(day) from {{ this }}){% endif %}
---
$ fft run
! select count(*) from analytics.daily
> 5

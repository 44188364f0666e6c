# Rows that no version can be made of are named before anything changes, and settings that say nothing are told with their place.
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key=['id', 'part'], strategy='timestamp', updated_at='day') }}
select * from (values {{ var('rows') }}) as t (id, part, day)
---
$ fft snapshot run --vars rows=(1,'a',timestamp'2026-01-01'),(1,'b',timestamp'2026-01-01')
~ 2 new versions, 0 closed, 0 unchanged
$ fft snapshot run --vars rows=(1,'a',timestamp'2026-01-02'),(1,'a',timestamp'2026-01-03'),(2,'b',timestamp'2026-01-03')
exit 1
~ snap.ff: a key is there twice in the rows of its query: 1, a
~ hint: nothing was changed
$ fft snapshot run --vars rows=(1,'a',timestamp'2026-01-02'),(null,'b',timestamp'2026-01-03')
exit 1
~ a key is null in the rows of its query: null, b
$ fft snapshot run --vars rows=(1,'a',timestamp'2026-01-02'),(7,'b',null)
exit 1
~ `updated_at` is null in rows of its query: 7, b
! select id, part, cast(_ff_valid_from as varchar), cast(_ff_valid_to as varchar), cast(_ff_updated_at as varchar) from analytics.snap order by 2
> 1|a|2026-01-01 00:00:00|null|2026-01-01 00:00:00
> 1|b|2026-01-01 00:00:00|null|2026-01-01 00:00:00
# A version begins when its row was updated; an older or equal time is no new version.
$ fft snapshot run --vars rows=(1,'a',timestamp'2026-01-02'),(1,'b',timestamp'2025-01-01')
~ 1 new version, 1 closed, 1 unchanged
! select part, cast(_ff_valid_from as varchar), cast(_ff_valid_to as varchar), _ff_is_current from analytics.snap order by 1, 2
> a|2026-01-01 00:00:00|2026-01-02 00:00:00|false
> a|2026-01-02 00:00:00|null|true
> b|2026-01-01 00:00:00|null|true
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols=['town']) }}
select 1 as id, 'a' as city
---
$ fft snapshot run
exit 1
~ its query has no column `town`, its `check_cols`; it has id, city
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols='all') }}
select 1 as id, 'a' as _ff_valid_to
---
$ fft snapshot run
exit 1
~ its query has a column `_ff_valid_to`, which is a snapshot's own
--- file models/snap.ff.sql
{{ config(materialized='snapshot', strategy='chek', hard_deletes='drop') }}
select 1 as id
---
$ fft plan
exit 2
~ error[bad-snapshot]: snapshot `snap.ff`: it has no `unique_key`
~ error[bad-snapshot]: snapshot `snap.ff`: `strategy` is "chek"; it can be timestamp or check
~ hint: did you mean `check`?
~ error[bad-snapshot]: snapshot `snap.ff`: `hard_deletes` is "drop"; it can be ignore, close or new_record
~ --> models/snap.ff.sql:1:
--- file models/snap.ff.sql
{{ config(check_cols='all') }}
select 1 as id
---
$ fft plan
exit 2
~ `snap.ff`: `check_cols` says how a snapshot keeps versions, and this is a table
# project.yml may say it as well.
--- file project.yml
name: story
version: '1.0'
models:
  snapshot:
    snap:
      strategy: check
      check_cols: all
      unique_key: id
---
--- file models/snap.ff.sql
select 1 as id
---
$ fft plan
exit 2
~ --> project.yml:5:5
--- file models/snap.ff.sql
{{ config(materialized='snapshot') }}
select 1 as id, 'a' as part
---
$ fft ls --select kind:snapshot
> snap.ff

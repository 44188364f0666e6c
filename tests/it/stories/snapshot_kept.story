# Nothing drops or replaces the table of a snapshot unless that is said twice.
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols='all', volatile=true) }}
select 1 as id, {{ var('city', "'London'") }} as city
---
$ fft snapshot run
$ fft snapshot run --vars city='Paris'
! select city, _ff_is_current from analytics.snap order by _ff_valid_from
> London|false
> Paris|true
# Neither a run in any form, nor what is asked of the cache.
$ fft run --full-refresh --no-cache
$ fft run --rebuild snap
$ fft snapshot run --rebuild snap --vars city='Paris'
! select count(*) from analytics.snap
> 2
# Nor a new beginning that nobody confirmed.
$ fft snapshot run --full-refresh
exit 2
~ `--full-refresh` gives up the history of snap, which nothing can compute again
~ hint: `--yes` says that it is meant
! select count(*) from analytics.snap
> 2
# Nor another materialization; with the records of this checkout and without.
--- file models/snap.ff.sql
select 1 as id, 'London' as city
---
$ fft run
exit 1
~ snap holds the history of a snapshot, which nothing can compute again: it is left as it is
~ hint: `--full-refresh --yes` gives the history up
! select count(*) from analytics.snap
> 2
$ fft run --full-refresh
exit 2
~ `--full-refresh` gives up the history of snap
--- delete .fastflowtransform
! delete from analytics._ff_meta
$ fft run --adopt
exit 1
~ holds the history of a snapshot, which nothing can compute again: it is left as it is
! select count(*) from analytics.snap
> 2
# Nor what is gone from the project.
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols='all', volatile=true) }}
select 1 as id, 'Rome' as city
---
$ fft snapshot run
exit 1
~ snap exists, and no record says that fft built it: it is left as it is
# A history that nobody made here is gone on with, where that is asked for.
$ fft snapshot run --adopt
~ 1 new version, 1 closed, 0 unchanged
--- delete models/snap.ff.sql
--- file models/other.ff.sql
select 1 as id
---
$ fft run
~ no longer in the project: snap.ff
$ fft clean --orphans
~ left snap as it is: it holds the history of snap.ff, which nothing can compute again
$ fft clean
! select city, _ff_is_current from analytics.snap order by _ff_valid_from
> London|false
> Paris|false
> Rome|true
# Said twice, it goes.
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols='all') }}
select 1 as id, 'Oslo' as city
---
$ fft snapshot run --full-refresh --yes --adopt
~ 1 new version, 0 closed, 0 unchanged
! select city from analytics.snap
> Oslo
--- file models/snap.ff.sql
select 1 as id
---
$ fft run --full-refresh --yes
! select id from analytics.snap
> 1

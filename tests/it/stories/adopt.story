# A relation that no build made is nobody's to replace, unless that is asked for.
--- file seeds/people.csv
id,name
1,seed
---
--- file models/stg.ff.sql
select id, name from {{ ref('people') }}
---
--- file models/shown.ff.sql
{{ config(materialized='view') }}select 1 as id
---
! create schema analytics
! create table analytics.people as select 7 as id, 'theirs' as name
! create view analytics.shown as select 'theirs' as id
$ fft plan
#: | `first_build` | no build of it is recorded in this checkout or in the database; a file that was renamed says what it was (`was mart.ff, same code`). Where its relation is there already and no record says that fft built it, the reason says so: see `--adopt` |
~ first build (people exists, and no record says that fft built it)
~ stg.ff first build
$ fft run --keep-going
exit 1
~ people exists, and no record says that fft built it: it is left as it is
~ hint: `--adopt` replaces it
? people error first_build root
? shown.ff error first_build root
? stg.ff blocked any
! select name from analytics.people
> theirs
! select id from analytics.shown
> theirs
$ fft seed
exit 1
~ `--adopt` replaces it
! select name from analytics.people
> theirs
$ fft plan --adopt
~ first build (adopts people)
$ fft seed --adopt
~ first build (adopts people)
! select name from analytics.people
> seed
# Built since, so it is fft's.
$ fft run --adopt
~ first build (adopts shown)
? people skipped all_inputs_equal
? shown.ff,stg.ff success first_build root
! select id from analytics.shown
> 1
# A fresh checkout finds rows of its own project and asks for nothing.
--- delete .fastflowtransform/cache
$ fft run
? * skipped all_inputs_equal
# What was built once and replaced by hand is built again: the node was fft's.
! drop table analytics.stg
! create table analytics.stg as select 9 as id
! delete from analytics._ff_meta where node_name = 'stg.ff'
$ fft run
? stg.ff success relation_foreign root
? people,shown.ff skipped all_inputs_equal
# A lost _ff_meta loses no node that the cache knows.
! drop table analytics._ff_meta
$ fft run
? * success relation_foreign root

# A relation that another hand made anew under its name isn't the one that was built, though nothing else says so.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/seen.ff.sql
{{ config(materialized='view') }}
select id from {{ ref('stg') }}
---
--- file models/mart.ff.sql
select id from {{ ref('seen') }}
---
$ fft run
? * success first_build root
$ fft run
? * skipped all_inputs_equal
! create or replace table analytics.stg as select 9 as id
$ fft verify
exit 1
~ stg isn't the one that run RUN built
$ fft run
~ relation holds another build: stg (something else made it, or changed its rows, since)
? stg.ff success relation_foreign root
? seen.ff,mart.ff skipped all_inputs_equal
! select id from analytics.stg
> 1
$ fft verify
~ all of it agrees
! create or replace view analytics.seen as select 8 as id
$ fft run
? seen.ff success relation_foreign root
? stg.ff,mart.ff skipped all_inputs_equal
! insert into analytics.mart values (3)
$ fft run
? mart.ff success relation_foreign root
? stg.ff,seen.ff skipped all_inputs_equal
$ fft run
? * skipped all_inputs_equal

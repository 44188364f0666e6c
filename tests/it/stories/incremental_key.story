# A key that new rows hold twice, or that is null, is an error that names it, and nothing is changed.
--- file seeds/events.csv
id,v
1,a
---
--- file models/kept.ff.sql
{{ config(materialized='incremental', unique_key='id') }}
select id, v from {{ ref('events') }}
---
$ fft run
? * success first_build root
--- file seeds/events.csv
id,v
1,b
7,x
7,y
8,z
8,z
---
$ fft run
exit 1
~ new rows hold a key twice, of `id`: 7; 8
~ hint: the model must give one row a key
! select id, v from analytics.kept
> 1|a
--- file seeds/events.csv
id,v
1,b
,x
---
$ fft run
exit 1
~ new rows have no key, `id` being null: this many: 1
! select id, v from analytics.kept
> 1|a
--- file seeds/events.csv
id,v
1,b
2,c
---
$ fft run
~ rows: 1 new, 1 updated
! select id, v from analytics.kept order by id
> 1|b
> 2|c

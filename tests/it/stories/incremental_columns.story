# New rows may have other columns than the table: what is done then is told by `on_schema_change`.
--- file seeds/events.csv
id,v
1,a
---
--- file models/ignoring.ff.sql
{{ config(materialized='incremental', unique_key='id') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
--- file models/adding.ff.sql
{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
--- file models/following.ff.sql
{{ config(materialized='incremental', unique_key='id', on_schema_change='sync_all_columns') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
--- file models/failing.ff.sql
{{ config(materialized='incremental', unique_key='id', on_schema_change='fail') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
$ fft run
? * success first_build root
--- file seeds/events.csv
id,v,note
1,a,old
2,b,new
---
$ fft run -k
exit 1
~ other columns than the model gives now: `note` new
~ rows: 1 new · columns left out: note VARCHAR
~ rows: 1 new, 1 updated · columns added: note VARCHAR
! select id, v from analytics.ignoring order by id
> 1|a
> 2|b
! select id, v, note from analytics.adding order by id
> 1|a|old
> 2|b|new
! select * from analytics.following order by id
> 1|a|old
> 2|b|new
! select id, v from analytics.failing
> 1|a
# A column goes, another one changes its type.
--- file seeds/events.csv
id,note
1,10
3,30
---
$ fft run -k
exit 1
~ analytics.ignoring has `v`, which the model no longer gives
~ columns removed: v VARCHAR · columns retyped: note BIGINT
! select * from analytics.following order by id
> 1|10
> 2|null
> 3|30
! select id, v, note from analytics.adding order by id
> 1|a|10
> 2|b|new
> 3|null|30

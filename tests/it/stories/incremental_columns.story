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
1,a,10
2,b,20
---
#: They are known once the new rows are, so that `fft plan` doesn't tell them.
$ fft plan
~ EXTEND following.ff
$ fft run -k
exit 1
~ other columns than the model gives now: `note` new
~ rows: 1 new · columns left out: note BIGINT
#: Columns that the table got, lost, or has in another type since are told as reasons of their own, behind those for which it was built.
~ extended: upstream changed: events; columns added: note BIGINT · rows: 1 new, 1 updated
#: The line of totals counts what was extended: `3 built (2 extended): 1 changed, 2 followed`.
~ built (3 extended): 
#: | `columns_added` | a table that was extended got columns, which are null in rows from before |
! select id, v from analytics.ignoring order by id
> 1|a
> 2|b
! select id, v, note from analytics.adding order by id
> 1|a|10
> 2|b|20
! select * from analytics.following order by id
> 1|a|10
> 2|b|20
! select id, v from analytics.failing
> 1|a
# A column goes, another one changes its type.
--- file seeds/events.csv
id,note
1,ten
3,thirty
---
$ fft run -k
exit 1
~ analytics.ignoring has `v`, which the model no longer gives
#: | `columns_removed` | a table that was extended lost columns |
#: | `columns_retyped` | columns of a table that was extended have other types since |
~ extended: upstream changed: events; columns removed: v VARCHAR; columns retyped: note VARCHAR · rows:
~ ✗ adding.ff:
! select * from analytics.following order by id
> 1|ten
> 2|20
> 3|thirty
! select id, v, note from analytics.adding order by id
> 1|a|10
> 2|b|20

# A table that is extended keeps what is set at it, whatever is done with its rows and columns.
--- file seeds/events.csv
id,v
1,10
2,20
---
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    merged: [{columns: [id], unique: true}, {columns: [v]}]
    replaced: [{columns: [id], unique: true}]
    followed: [{columns: [id], unique: true}]
  persist_docs:
    '*': {relation: true, columns: true}
---
--- file models/all.yml
version: 2
models:
  - name: merged
    description: Merged.
    columns: [{name: id, description: Number.}, {name: note, description: Note.}]
---
--- file models/merged.ff.sql
{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
--- file models/replaced.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete_insert') }}
select id, v from {{ ref('events') }}
---
--- file models/followed.ff.sql
{{ config(materialized='incremental', unique_key='id', on_schema_change='sync_all_columns') }}
select * exclude (_ff_seed_id, _ff_seed_file, _ff_loaded_at) from {{ ref('events') }}
---
$ fft run
? * success first_build root
! select table_name, count(*) from duckdb_indexes() group by all order by 1
> followed|1
> merged|2
> replaced|1
# Rows of keys that stand, and a new one.
--- file seeds/events.csv
id,v
1,20
2,20
3,30
---
$ fft run
~ 1 new, 1 updated
! select id, v from analytics.replaced order by id
> 1|20
> 2|20
> 3|30
# A column more, and one whose type is another.
--- file seeds/events.csv
id,v,note
1,10,x
4,40.5,y
---
$ fft run
~ columns added: note VARCHAR
~ columns retyped: v DECIMAL(18,1)
! select id, note from analytics.followed order by id
> 1|x
> 2|null
> 3|null
> 4|y
! select table_name, count(*) from duckdb_indexes() group by all order by 1
> followed|1
> merged|2
> replaced|1
! select column_name, comment from duckdb_columns() where table_name = 'merged' order by 1
> id|Number.
> note|Note.
> v|null
! select comment like 'Merged.%Built by fft: merged.ff in run %' from duckdb_tables() where table_name = 'merged'
> true
$ fft run
? * skipped all_inputs_equal
# An index alone.
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    merged: [{columns: [id], unique: true}]
    replaced: [{columns: [id], unique: true}]
    followed: [{columns: [id], unique: true}]
  persist_docs:
    '*': {relation: true, columns: true}
---
$ fft run
? merged.ff skipped settings_applied
? * skipped all_inputs_equal
# What breaks a unique index leaves the table as it was.
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    merged: [{columns: [note], unique: true}]
    replaced: [{columns: [id], unique: true}]
    followed: [{columns: [id], unique: true}]
---
--- file seeds/events.csv
id,v,note
5,10,x
---
$ fft run -k
exit 1
~ rows of analytics.merged break its unique index on (note)
! select id, note from analytics.merged order by id
> 1|x
> 2|null
> 3|null
> 4|y

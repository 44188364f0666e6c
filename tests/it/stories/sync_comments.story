# Descriptions are written to the database's comments where those say something else.
--- file models/users.ff.sql
select 1 as id, 'ada' as name
---
--- file models/adults.ff.sql
{{ config(materialized='view') }}
select id from {{ ref('users') }}
---
--- file models/passed.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id
---
--- file models/all.yml
version: 2
models:
  - name: users
    description: People, one row each.
    columns: [{name: ID, description: Number.}, {name: nowhere, description: Not there.}]
  - name: adults
    description: It's those of age.
  - name: passed
    description: Stands nowhere.
---
$ fft run
? * success first_build root
$ fft sync-db-comments --dry-run
> users.ff relation · columns id
> adults.ff relation
~ the comments of 2 relations differ; nothing was written
! select count(*) from duckdb_columns() where comment = 'Number.'
> 0
$ fft sync-db-comments --select users
> users.ff relation · columns id
~ wrote comments of 1 relation
! select column_name from duckdb_columns() where comment = 'Number.'
> id
! select comment like 'People, one row each.%Built by fft: users.ff in run %' from duckdb_tables() where table_name = 'users'
> true
$ fft sync-db-comments
> adults.ff relation
~ wrote comments of 1 relation
! select comment like 'It''s those of age.%Built by fft: adults.ff in run %' from duckdb_views() where view_name = 'adults'
> true
$ fft sync-db-comments
~ the database says what the project says
# fft still knows the relations again, and what somebody else says of a column stays.
! comment on column analytics.users.name is 'Of them.'
$ fft run
? * skipped all_inputs_equal
$ fft verify
# One description, edited.
--- file models/all.yml
version: 2
models: [{name: users, description: People.}]
---
$ fft sync-db-comments
> users.ff relation
! select column_name, comment from duckdb_columns() where table_name = 'users' order by 1
> id|Number.
> name|Of them.
# Relations that this project didn't build are left as they are.
! create or replace table analytics.users as select 2 as id
$ fft sync-db-comments
! select count(*) from duckdb_columns() where comment is not null
> 0

# What is set at a relation beside its rows is set where it stands: nothing is built, and nothing that reads it.
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    users: [{columns: [id], unique: true}]
  grants:
    '*': {select: [reporting]}
---
--- file models/users.ff.sql
select 1 as id, 'ada' as name
---
--- file models/users.yml
version: 2
models:
  - name: users
    description: People, one row each.
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - {name: ID, description: Number.}
---
--- file models/mart.ff.sql
select id from {{ ref('users') }}
---
$ fft run
? * success first_build root
! select is_unique, expressions like '%id%' from duckdb_indexes()
> true|true
! select comment like 'People, one row each.%Built by fft: users.ff in run %' from duckdb_tables() where table_name = 'users'
> true
! select column_name, comment from duckdb_columns() where table_name = 'users' order by 1
> id|Number.
> name|null
$ fft run
? * skipped all_inputs_equal
# A description that is written to the engine.
--- file models/users.yml
version: 2
models:
  - name: users
    description: People.
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - {name: name, description: Name.}
---
$ fft plan
~ SKIP users.ff settings applied: comments (comments on the relation and 2 columns)
$ fft run
~ SKIP users.ff
~ settings applied: comments (comments on the relation and 2 columns)
#: A description that `persist_docs` has written to the engine is a `setting`, whose change builds nothing.
#: | `settings_applied` | nothing is different but what is [set at its relation](project-files.md#what-is-set-at-a-relation) beside its rows: indexes, rights, comments; that was set where the relation stands |
? users.ff skipped settings_applied
#: | `upstream_output_identical` | an upstream node was rebuilt and its rows came out the same: see [early cutoff](#early-cutoff); or it was skipped as `cosmetic_only` or `settings_applied` |
? mart.ff skipped upstream_output_identical
! select comment like 'People.%Built by fft: users.ff in run %' from duckdb_tables() where table_name = 'users'
> true
! select column_name, comment from duckdb_columns() where table_name = 'users' order by 1
> id|null
> name|Name.
$ fft run
? * skipped all_inputs_equal
$ fft verify
# Indexes come and go.
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    users: [{columns: [name], type: art}]
---
$ fft run --select users
~ settings applied: indexes (index on (name) by art added and unique index on (id) dropped)
? users.ff skipped settings_applied
? mart.ff not_selected not_selected
! select is_unique, expressions like '%name%' from duckdb_indexes()
> false|true
# What reads it has the rows that stand there, though the node was run alone.
$ fft run
? users.ff skipped all_inputs_equal
? mart.ff skipped upstream_output_identical
# A build sets it all again.
--- file models/users.ff.sql
select 2 as id, 'grace' as name
---
$ fft run
? users.ff success sql_changed root
? mart.ff success upstream_changed cascade
! select is_unique, expressions like '%name%' from duckdb_indexes()
> false|true
! select column_name, comment from duckdb_columns() where table_name = 'users' order by 1
> id|null
> name|Name.
# Rows that break a unique index leave what stood.
--- file project.yml
name: story
version: '1.0'
models:
  indexes:
    users: [{columns: [id], unique: true}]
---
--- file models/users.ff.sql
select 3 as id, 'grace' as name union all select 3, 'alan'
---
$ fft run
exit 1
~ rows of analytics.users break its unique index on (id)
? users.ff error sql_changed root
? mart.ff blocked upstream_failed
! select id, name from analytics.users
> 2|grace
! select is_unique, expressions like '%name%' from duckdb_indexes()
> false|true

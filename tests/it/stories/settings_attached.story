# A relation in a database that is attached says what the project says of it, and nothing else.
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: base.duckdb
    catalog: other
    db_schema: analytics
    attach:
      - {path: .local/story.duckdb, alias: other}
---
--- file models/m.ff.sql
{{ config(persist_docs={'relation': true, 'columns': true}) }}
select 1 as id
---
--- file models/m.yml
version: 2
models: [{name: m, description: One., columns: [{name: id, description: Number.}]}]
---
! select 1
> 1
$ fft run
? * success first_build root
! select comment from duckdb_tables() where table_name = 'm'
> One.
! select comment from duckdb_columns() where table_name = 'm'
> Number.
--- file models/m.yml
version: 2
models: [{name: m, description: Two.}]
---
$ fft run
? * skipped settings_applied
! select comment from duckdb_tables() where table_name = 'm'
> Two.
! select comment from duckdb_columns() where table_name = 'm'
> null
--- file models/m.yml
version: 2
models: [{name: m}]
---
$ fft run
? * skipped settings_applied
! select coalesce(comment, '') = '' from duckdb_tables() where table_name = 'm'
> true
$ fft run
? * skipped all_inputs_equal

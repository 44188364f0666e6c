# A database that the profile opens beside its own is an input of what reads it: by its path, and by its rows.
--- file mk/project.yml
name: mk
---
--- file mk/profiles.yml
a: {engine: duckdb, duckdb: {path: ../a.duckdb}}
b: {engine: duckdb, duckdb: {path: ../b.duckdb}}
---
--- file mk/models/t.ff.sql
select {{ var('v') }} as id
---
$ fft run mk --env a --vars v=1
$ fft run mk --env b --vars v=2
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    db_schema: analytics
    attach:
      - {path: a.duckdb, alias: raw, read_only: true}
---
--- file sources.yml
version: 2
sources:
  - name: r
    catalog: raw
    schema: main
    tables: [{name: t}]
---
--- file models/m.ff.sql
select id from {{ source('r', 't') }}
---
--- file models/alone.ff.sql
select 1 as one
---
--- file models/direct.ff.sql
select id from raw.main.t
---
$ fft run
? * success first_build root
$ fft run
? * skipped all_inputs_equal
# Another way to write the same path is no change.
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    db_schema: analytics
    attach:
      - {path: ./mk/../a.duckdb, alias: raw, read_only: true}
---
$ fft run
? * skipped all_inputs_equal
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    db_schema: analytics
    attach:
      - {path: b.duckdb, alias: raw, read_only: true}
---
$ fft run
? m.ff,direct.ff success source_data_changed
? alone.ff skipped all_inputs_equal
! select (select id from analytics.m), (select id from analytics.direct)
> 2|2
$ fft explain m
#: | `engine_changed`, `profile_changed` | it was built with another engine or profile, or with another file attached under the alias that it reads |
#: | `engine`, `profile` | its name; `attach.<alias>` for a database that the profile opens beside its own | another engine or profile is used; an attached database is another file | all; those that read it |
~ profile changed: attach.raw (a.duckdb → b.duckdb)
# Rows that another program put there.
$ fft run mk --env b --vars v=3
$ fft run
~ source data changed: r.t (1 row, not the same)
? m.ff,direct.ff success source_data_changed root
? alone.ff skipped all_inputs_equal

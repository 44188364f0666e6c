# What a source's files are must be plain before anything is built, and an override takes them away.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
--- file raw/lake/a.csv
id
1
---
--- file sources.yml
version: 2
sources:
  - name: raw
    tables:
      - {name: lake, location: raw/lake/}
      - {name: odd, location: raw/lake/a.csv, format: excel}
      - {name: unread, location: raw/nothing/}
---
--- file models/a.ff.sql
select id from {{ source('raw', 'lake') }}
---
--- file models/b.ff.sql
select id from {{ source('raw', 'odd') }}
---
$ fft run
exit 2
~ error[source-files]: nothing tells what the files of source `raw.lake` are
~ --> sources.yml:5:9
~ hint: give `format`: one of csv, parquet, json
~ error[source-files]: `format` of source `raw.odd` is `excel`
~ --> sources.yml:6:9
--- file sources.yml
version: 2
sources:
  - name: raw
    tables:
      - {name: lake, location: raw/lake/, format: csv}
      - name: odd
        location: raw/lake/a.csv
        format: excel
        overrides: {duckdb: {location: null, schema: other, identifier: t}}
---
! create schema other
! create table other.t as select 7 as id
$ fft run
? a.ff,b.ff success first_build root
? alone.ff skipped all_inputs_equal
! select (select id from analytics.a), (select id from analytics.b)
> 1|7
--- file raw/lake/deep/b.csv
id
2
---
$ fft run
~ source data changed: raw.lake (+ raw/lake/deep/b.csv)
? a.ff success source_data_changed root
? b.ff,alone.ff skipped all_inputs_equal

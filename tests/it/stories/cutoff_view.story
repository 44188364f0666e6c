# A view holds no rows. It is made again, which reads nothing, and gives the same when its definition and what it reads
# are the same; an ephemeral model likewise.
--- file project.yml
name: story
version: '1.0'
run: {cutoff: true}
---
--- file models/stg.ff.sql
select 1 as id
---
--- file models/seen.ff.sql
{{ config(materialized='view') }}
select id from {{ ref('stg') }}
---
--- file models/inlined.ff.sql
{{ config(materialized='ephemeral') }}
select id from {{ ref('seen') }}
---
--- file models/mart.ff.sql
select id from {{ ref('inlined') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
select 2 - 1 as id
---
$ fft run
? stg.ff success sql_changed root
#: A view and an ephemeral model hold no rows: they give the same where their own inputs are the same and so is what
#: they read.
#: A view is made again as planned, which reads nothing; what stands below it is skipped.
? seen.ff success upstream_changed cascade
? inlined.ff,mart.ff skipped upstream_output_identical
$ fft run
? * skipped all_inputs_equal
# Another definition may give anything.
--- file models/seen.ff.sql
{{ config(materialized='view') }}
select id + 0 as id from {{ ref('stg') }}
---
$ fft run
? stg.ff skipped all_inputs_equal
? seen.ff success sql_changed root
? inlined.ff,mart.ff success upstream_changed cascade
--- file models/inlined.ff.sql
{{ config(materialized='ephemeral') }}
select id + 1 as id from {{ ref('seen') }}
---
$ fft run
? stg.ff,seen.ff skipped all_inputs_equal
? inlined.ff success sql_changed root
? mart.ff success upstream_changed cascade
! select id from analytics.mart
> 2
# A view over a table that fft doesn't build gives the same while that table's rows are the same.
! create table analytics.landing as select 7 as id
--- file sources.yml
version: 2
sources:
  - name: crm
    schema: analytics
    tables:
      - name: landing
---
--- file models/seen.ff.sql
{{ config(materialized='view') }}
select s.id from {{ ref('stg') }} s cross join (select 1 from {{ source('crm', 'landing') }} limit 1)
---
$ fft run
? stg.ff skipped all_inputs_equal
? seen.ff success sql_changed root
? inlined.ff,mart.ff success upstream_changed cascade
--- file models/stg.ff.sql
select 3 - 2 as id
---
$ fft run
? stg.ff success sql_changed root
? seen.ff success upstream_changed cascade
? inlined.ff,mart.ff skipped upstream_output_identical
# One that reads what nothing watches may give other rows whenever it is asked.
--- file sources.yml
version: 2
sources:
  - name: crm
    schema: information_schema
    tables:
      - {name: landing, identifier: schemata}
---
$ fft run
? stg.ff skipped all_inputs_equal
? seen.ff success source_changed root
? inlined.ff success upstream_changed cascade
? mart.ff success source_unwatched mixed
--- file models/stg.ff.sql
select 4 - 3 as id
---
$ fft run
? stg.ff success sql_changed root
#: A view that reads data that isn't watched is taken to give other rows each time.
? seen.ff,inlined.ff success upstream_changed cascade
? mart.ff success source_unwatched mixed
$ fft verify
~ all of it agrees

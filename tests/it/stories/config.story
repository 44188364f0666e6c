# A table becomes a view and a table again: the old kind goes in the same transaction, and what reads it follows.
--- file models/stg.ff.sql
{{ config(materialized='table') }}
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
{{ config(materialized='view') }}
select 1 as id
---
$ fft run
#: | `config_changed` | a setting that changes what is built is different; of a seed also its declared types, its delimiter, `meta_columns` |
~ config changed: materialized ("table" → "view")
? stg.ff success config_changed root
? mart.ff success upstream_changed cascade
! select table_name, table_type from information_schema.tables where table_name in ('stg', 'mart') order by 1
> mart|BASE TABLE
> stg|VIEW
--- file models/stg.ff.sql
{{ config(materialized='table') }}
select 1 as id
---
$ fft run
~ config changed: materialized ("view" → "table")
? stg.ff success config_changed root
? mart.ff success upstream_changed cascade
! select table_name, table_type from information_schema.tables where table_name in ('stg', 'mart') order by 1
> mart|BASE TABLE
> stg|BASE TABLE
# Tags are documentation.
--- file models/stg.ff.sql
{{ config(materialized='table', tags=['daily']) }}
select 1 as id
---
$ fft run --select tag:daily
? stg.ff skipped all_inputs_equal
? mart.ff not_selected not_selected

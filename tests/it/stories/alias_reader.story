# Where a node is built is its own matter: what reads it is rebuilt because of it, and is no root itself.
--- file models/stg.ff.sql
{{ config(alias='customers') }}
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
{{ config(alias='clients') }}
select 1 as id
---
$ fft run
? stg.ff success config_changed root
? mart.ff success upstream_changed cascade

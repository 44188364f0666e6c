# What `fft render` shows can be pasted into a console: relations with their schemas, ephemeral models inside.
--- file seeds/people.csv
id
1
---
--- file models/stg.ff.sql
select id from {{ ref('people') }}
---
--- file models/passed.ff.sql
{{ config(materialized='ephemeral') }}
select id from {{ ref('stg') }};
---
--- file models/mart.ff.sql
{{ config(schema='other') }}
select id from {{ ref('passed') }} where id > 0
---
--- file models/last.ff.sql
select id from {{ ref('mart') }}
---
$ fft render stg
> select id from analytics.people
$ fft render mart
> with __ff_passed as (
> select id from analytics.stg
> )
~ select id from __ff_passed where id > 0
$ fft render last
> select id from other.mart

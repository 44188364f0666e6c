# `alias` and `schema` say where a model is built. Another place is `relation_renamed`, and readers follow.
--- file models/stg.ff.sql
{{ config(alias='customers') }}
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
! select id from analytics.customers
> 1
$ fft run
? * skipped all_inputs_equal
--- file models/stg.ff.sql
{{ config(alias='clients', schema='staging') }}
select 1 as id
---
$ fft run
#: A node has all causes that apply; one of them is the primary one.
#: | `relation_renamed` | it is built under another name than before |
? stg.ff success config_changed root
? mart.ff success any
$ fft explain stg
#: | `relation_renamed` | it is built under another name than before |
~ relation renamed: customers → staging.clients
! select id from staging.clients
> 1
$ fft run
? * skipped all_inputs_equal
# Two models for one relation are an error that names both.
--- file models/other.ff.sql
{{ config(alias='clients', schema='staging') }}
select 2 as id
---
$ fft run
exit 2
~ `other.ff` and `stg.ff` build the same relation

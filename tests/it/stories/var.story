# A var is an input of the models that read it. Command line over profile over project.
--- file project.yml
name: story
version: '1.0'
vars:
  currency: EUR
---
--- file models/prices.ff.sql
select '{{ var("currency") }}' as currency, {{ var("factor", 2) }} as factor
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! select * from analytics.prices
> EUR|2
$ fft run --vars currency=USD factor=3
~ SQL changed: models/prices.ff.sql (by var currency: "EUR" → "USD" and var factor: 2 → 3)
? prices.ff success sql_changed root
? alone.ff skipped all_inputs_equal
! select * from analytics.prices
> USD|3
# Taking it back is a change too: the relation holds the other text.
$ fft run
? prices.ff success sql_changed root
? alone.ff skipped all_inputs_equal
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    db_schema: analytics
  vars:
    currency: NOK
---
$ fft run
? prices.ff success sql_changed root
? alone.ff skipped all_inputs_equal
! select currency from analytics.prices
> NOK
# A var that no model reads changes nothing.
$ fft run --vars nobody=reads
? * skipped all_inputs_equal

# Data of which nothing tells whether it changed is never called equal: what holds its rows is built each run, and it is
# named wherever a decision is told.
--- file sources.yml
version: 2
sources:
  - name: r
    schema: information_schema
    tables: [{name: schemata}]
---
--- file models/stg.ff.sql
{{ config(materialized='view') }}
select count(*) as n from {{ source('r', 'schemata') }}
---
--- file models/mart.ff.sql
select n from {{ ref('stg') }}
---
--- file models/below.ff.sql
select n from {{ ref('mart') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
~ not watched: r.schemata (it tells what is in the database, which each build changes)
~ `loaded_at_field` or `loaded_at_query` in sources.yml tells when data changed
? * success first_build root
! create schema another
$ fft plan
~ source not watched: r.schemata (through stg.ff: it tells what is in the database
$ fft run -v
#: Two equal fingerprints mean that building a node again would give what its relation already holds, on any machine,
#: in any folder, at any time, as far as the node's inputs are seen: data that nothing watches is named as such and
#: never counted as equal.
~ watched inputs equal to run RUN · relation exists · r.schemata not watched
~ not watched: r.schemata
? stg.ff,alone.ff skipped all_inputs_equal
#: | `source_unwatched` | it holds rows of data of which nothing tells whether it changed: see [sources](sources.md#what-isnt-watched) |
? mart.ff success source_unwatched root
? below.ff success upstream_rebuilt cascade
! select (select n from analytics.mart) = (select n from analytics.below)
> true
$ fft explain stg
~ source r.schemata not watched
$ fft explain mart
~ source_unwatched
# Whoever wants it otherwise says so.
--- file project.yml
name: story
version: '1.0'
run: {unseen_sources: skip}
---
$ fft run -v
~ watched inputs equal to run RUN · relation exists · r.schemata not watched
~ not watched: r.schemata
? * skipped all_inputs_equal
$ fft run
~ skipped: 2 all inputs equal, 2 all watched inputs equal
~ not watched: r.schemata
--- file project.yml
name: story
run: {unseen_sources: never}
---
$ fft run
exit 2
~ `unseen_sources` is `build` or `skip`, not `never`

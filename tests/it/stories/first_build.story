# The first run builds everything, in the order of the graph, and says why. The second builds nothing and says why not.
--- file seeds/people.csv
id,name
1,Ada
2,Grace
---
--- file sources.yml
version: 2
sources:
  - name: raw
    tables:
      - name: people
        identifier: people
---
--- file models/stg.ff.sql
select id, upper(name) as name from {{ source('raw', 'people') }}
---
--- file models/mart.ff.sql
{{ config(materialized='view') }}
select count(*) as people from {{ ref('stg') }}
---
$ fft plan --fail-on build
exit 3
> L01 ✓ BUILD people first build
> L02 ✓ BUILD stg.ff first build
> L03 ✓ BUILD mart.ff first build
> 3 to build: 3 new · 0 to skip
$ fft run
> L01 ✓ BUILD people 2 rows N ms first build
> L02 ✓ BUILD stg.ff 2 rows N ms first build
> L03 ✓ BUILD mart.ff – N ms first build
> 3 built: 3 new · N ms
? people,stg.ff,mart.ff success first_build root
! select people from analytics.mart
> 2
! select node_name, catalog_name, schema_name, relation_name, state from analytics._ff_meta order by 1
> mart.ff|story|analytics|mart|built
> people|story|analytics|people|built
> stg.ff|story|analytics|stg|built
$ fft run
> 0 built · 3 skipped: all inputs equal · N ms
#: | `all_inputs_equal` | nothing is different, and the relation holds it |
? * skipped all_inputs_equal -
# Asked for more, each node is told with its proof.
$ fft run -v
> L02 ○ SKIP stg.ff – – 6/6 inputs equal to run RUN · relation exists
> 0 built · 3 skipped: all inputs equal · N ms
? * skipped all_inputs_equal -
$ fft run --expect-no-rebuild
$ fft plan --fail-on build
> 0 to build · 3 to skip: all inputs equal
$ fft explain stg
~ stg.ff was skipped in run
~ Checks: a node is skipped when all hold

# With `run.cutoff` a node isn't built when what is upstream was built and gives the same rows again.
--- file project.yml
name: story
version: '1.0'
run: {cutoff: true}
---
--- file seeds/people.csv
id,name
1,Ada
2,Grace
---
--- file models/stg.ff.sql
select id, name from {{ ref('people') }}
---
--- file models/mart.ff.sql
select count(*) as n from {{ ref('stg') }}
---
--- file models/top.ff.sql
select n + 1 as n from {{ ref('mart') }}
---
$ fft run
? * success first_build root
# The same rows in another order.
--- file seeds/people.csv
id,name
2,Grace
1,Ada
---
#: It is decided while the run goes on. `fft plan`, `--expect-no-rebuild` and `--fail-on build` go by the plan, which
#: can't know what a build will give.
$ fft plan
~ 4 to build: 1 changed, 3 following · 0 to skip
$ fft plan --fail-on build
exit 3
$ fft run --expect-no-rebuild
exit 3
$ fft run -v
#: With `run: {cutoff: true}` in project.yml, a node that would be built only because of what is upstream is skipped
#: where each such upstream node gives the very rows that the node was built from. So a seed whose rows stand in
#: another order, or a model that was rewritten and still gives the same, builds itself and nothing else (`fft run
#: -v`):
#: When a seed was loaded (`_ff_loaded_at`) is left out.
> L01 ✓ BUILD people 2 rows N ms seed changed: seeds/people.csv (same rows)
> L02 ○ SKIP stg.ff – N ms upstream output identical: people
> L03 ○ SKIP mart.ff – N ms upstream output identical: stg.ff
> L04 ○ SKIP top.ff – N ms upstream output identical: mart.ff
> 1 built: 1 changed · 3 skipped: upstream output identical · N ms
> people seed changed: seeds/people.csv (same rows) → 1 rebuilt
? people success seed_changed root
#: | `upstream_output_identical` | an upstream node was rebuilt and its rows came out the same: see [early cutoff](#early-cutoff); or it was skipped as `cosmetic_only` or `settings_applied` |
? stg.ff,mart.ff,top.ff skipped upstream_output_identical -
$ fft explain stg
~ stg.ff was skipped in run
~ upstream changed: people (its rows are the same)
~ people gives what it gave to run
$ fft verify
~ all of it agrees
$ fft run
? * skipped all_inputs_equal
# In the middle of the chain: other text, equal rows; then other rows that give the mart equal rows.
--- file models/stg.ff.sql
select id, name from {{ ref('people') }} where id > 0
---
$ fft run
? people skipped all_inputs_equal
? stg.ff success sql_changed root
#: So a seed whose rows stand in another order, or a model that was rewritten and still gives the same, builds itself
#: and nothing else (`fft run -v`):
? mart.ff,top.ff skipped upstream_output_identical
--- file models/stg.ff.sql
select id, upper(name) as name from {{ ref('people') }}
---
$ fft run
? people skipped all_inputs_equal
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
? top.ff skipped upstream_output_identical
# A row that is there twice is not a row that is there once; a column of another type is another column.
--- append seeds/people.csv
1,Ada
---
$ fft run
? people success seed_changed root
? * success upstream_changed cascade
! select n from analytics.top
> 4
--- file models/mart.ff.sql
select count(*)::integer as n from {{ ref('stg') }}
---
$ fft run
? people,stg.ff skipped all_inputs_equal
? mart.ff success sql_changed root
? top.ff success upstream_changed cascade
# A run of some nodes alone: the rest is told from what it recorded.
--- file models/stg.ff.sql
select id, upper(name) as name from {{ ref('people') }} where id > 0
---
$ fft run --select stg
? people skipped all_inputs_equal
? stg.ff success sql_changed root
? mart.ff,top.ff not_selected not_selected
$ fft run
? people,stg.ff skipped all_inputs_equal
? mart.ff,top.ff skipped upstream_output_identical
$ fft run
? * skipped all_inputs_equal
$ fft verify
~ all of it agrees

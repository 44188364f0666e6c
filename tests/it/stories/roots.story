# What was built is counted by where its reasons lie; one edit that several nodes read is told once.
--- file macros/words.sql
{% macro clean(column) %}trim({{ column }}){% endmacro %}
---
--- file seeds/people.csv
id,name
1,Ada
---
--- file models/a.ff.sql
select id, {{ clean('name') }} as name from {{ ref('people') }}
---
--- file models/b.ff.sql
select id, {{ clean("'b'") }} as name from {{ ref('people') }}
---
--- file models/both.ff.sql
select a.id, {{ clean('b.name') }} as name from {{ ref('a') }} a join {{ ref('b') }} b using (id)
---
--- file models/mart.ff.sql
select name from {{ ref('both') }}
---
$ fft run
~ 5 built: 5 new
--- file macros/words.sql
{% macro clean(column) %}trim(lower({{ column }})){% endmacro %}
---
$ fft plan
#: The totals count what was built by these: `21 built: 6 changed, 15 followed`; a node that no build was recorded of is
#: `new`.
~ 4 to build: 3 changed, 1 following · 1 to skip
#: One edit that several nodes read, such as a macro, a module or a source, makes a root of each of them and is told
#: once:
> macro clean in macros/words.sql:1 changed → 3 roots, 4 to rebuild
#: `-v` lists the roots as well; `groups` in run_results.json and `fft plan --json` hold what was edited.
$ fft plan -v
> macro clean in macros/words.sql:1 changed → 3 roots, 4 to rebuild
> a.ff SQL changed: models/a.ff.sql (by macro clean in macros/words.sql) → 3 to rebuild; 1 would be skipped without it
$ fft plan --json
~ "edited": "macro clean in macros/words.sql:1 changed"
~ "groups": [
$ fft run
~ 4 built: 3 changed, 1 followed
> macro clean in macros/words.sql:1 changed → 3 roots, 4 rebuilt
? people skipped all_inputs_equal
? a.ff,b.ff success sql_changed root
? both.ff success sql_changed mixed
? mart.ff success upstream_changed cascade
$ fft history show latest --json
~ "sentence": "macro clean in macros/words.sql:1 changed"
# A cascade's explanation tells what its roots say, and what is different there.
#: Each cascade is followed to its roots.
#: `fft explain NODE`: all of one node: decision, causes with diffs, path, checks, and its roots with what is different
#: there (`root_causes` with `--json`).
$ fft explain mart
> Roots
~ a.ff SQL changed: models/a.ff.sql (by macro clean in macros/words.sql
~ +{% macro clean(column) %}trim(lower({{ column }})){% endmacro %}
$ fft explain mart --json
~ "root_causes": [
~ "root_sentences": [
# A seed changes, and the run ends before all is done; the next one goes on, and names the seed.
--- append seeds/people.csv
2,Grace
---
$ fft run --select people a b
~ 3 built: 1 changed, 2 followed
? people success seed_changed root
? a.ff,b.ff success upstream_changed cascade
? both.ff,mart.ff not_selected not_selected
$ fft run
#: Where a run goes on from an earlier one (which was about other nodes, or ended early), its roots are those of that
#: run: `seed_users seed changed: seeds/seed_users.csv (+1 row), built by run 20261122T101500Z-3fa9`.
> people seed changed: seeds/people.csv (+1 row), built by run RUN → 2 rebuilt
? people,a.ff,b.ff skipped all_inputs_equal
? both.ff,mart.ff success upstream_changed cascade
# A run that ended early, at a node that failed.
--- append seeds/people.csv
9,Mary
---
--- file models/mart.ff.sql
select nmae from {{ ref('both') }}
---
$ fft run
exit 1
--- file models/mart.ff.sql
select name from {{ ref('both') }}
---
$ fft run
> people seed changed: seeds/people.csv (+1 row), built by run RUN → 1 rebuilt
? people,a.ff,b.ff,both.ff skipped all_inputs_equal
? mart.ff success upstream_changed cascade
# A check says what the reasons say.
--- append seeds/people.csv
3,Radia
---
$ fft run
$ fft explain a
~ ✗ upstream upstream changed: people

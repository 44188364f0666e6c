# What people put into a project and nothing reads is named with its place and what to do, never passed over in silence.
--- file models/foo.sql
select 1 as one
---
$ fft run
~ warning: the project has no models and no seeds, so there is nothing to do
~ models are files in models/ that are named *.ff.sql or *.ff.py
~ warning: models/foo.sql is left out: models are named *.ff.sql or *.ff.py
~ --> models/foo.sql
~ rename it to models/foo.ff.sql
--- delete models/foo.sql
--- file models/m.ff.sql
select 1 as id
---
--- file models/helper.py
x = 1
---
--- file models/s.yml
version: 2
models:
  - name: mm.ff
    description: Nobody.
  - name: m.ff
    tests: [row_count_between]
    columns:
      - {name: id, tests: [unique, not_null]}
      - {name: idd}
---
--- file docs/models/n.md
Nobody.
---
--- file models/notes.md
Words

{% docs m %}A block.{% enddocs %}
---
--- file metrics.yml
metrics: []
---
--- file sources.yaml
version: 2
---
--- file tests/one.sql
select 1
---
--- file seeds/people.xlsx
nothing
---
$ fft run
~ warning: sources.yaml is left out: the file is called sources.yml
~ rename it to sources.yml
~ warning: metrics.yml is left out
~ a metric is a model that computes it
~ warning: tests/one.sql is left out
~ tests are named *.ff.sql: rename it to tests/one.ff.sql
~ warning: seeds/people.xlsx is left out: no seed has this ending
~ warning: the block `{% docs %}` in models/notes.md is left out
~ --> models/notes.md:3:1
~ warning: `mm.ff` is described, and there is no such model
~ --> models/s.yml:3:5
~ did you mean `m.ff`?
~ --> docs/models/n.md
~ warning: models/helper.py is left out: no model imports it
~ warning: column `idd` of `m.ff` is described, and its relation has no such column
~ --> models/s.yml:9:9
~ did you mean `id`?
? * success first_build root
# Each run says so again, also one that has nothing to do; so does the plan.
$ fft run
~ warning: column `idd` of `m.ff` is described
? * skipped all_inputs_equal
$ fft plan
~ warning: `mm.ff` is described, and there is no such model
# A var that nothing reads.
--- file models/v.ff.sql
select {{ var('limit', 3) }} as n
---
$ fft run --vars limt=30
~ warning: `--vars limt=…` has no effect: no model reads the var `limt` (did you mean `limit`?)

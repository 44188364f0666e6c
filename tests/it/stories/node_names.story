# A node is named with or without `.ff` wherever one is named: in templates, in Python, in YAML, in budgets, in docs/, on
# the command line. It is printed by its own name.
--- file seeds/people.csv
id
1
---
--- file models/stg.ff.sql
select id from {{ ref('people.ff') }}
---
--- file models/scores.ff.py
from fastflowtransform import model


@model(name="scores", deps=[])
def build() -> list:
    return [{"score": 1}]
---
--- file models/mart.ff.sql
select s.id, c.score from {{ ref('stg') }} as s, {{ ref('scores.ff') }} as c
---
--- file models/schema.yml
version: 2
models:
  - name: scores.ff
    columns:
      - name: score
        description: What it is worth
  - name: mart
    columns:
      - name: id
        lineage: {direct: stg.id}
---
--- file docs/models/stg.md
Staged.
---
--- file docs/models/scores.ff.md
Scored.
---
--- file budgets.yml
models:
  stg: {rows: {error: 10}}
  scores.ff: {rows: {error: 10}}
---
$ fft run
? * success first_build root
$ fft ls --select scores.ff
> scores
$ fft ls --select people.ff
> people
$ fft run --select stg --rebuild stg.ff
? stg.ff success forced root
? people skipped all_inputs_equal
? scores,mart.ff not_selected not_selected
$ fft explain scores.ff
~ scores was
$ fft explain people.ff
~ people was
$ fft explain mart
~ mart.ff was
$ fft diff latest~1 --node scores.ff
~ unchanged

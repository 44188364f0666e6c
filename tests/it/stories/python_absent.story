# Without a Python, only what must be built by one fails.
--- file models/a.ff.sql
select 1 as id
---
--- file models/m.ff.py
from fastflowtransform import model


@model(name="m", deps=[])
def build() -> list:
    return [{"id": 1}]
---
--- file models/c.ff.sql
select id from {{ ref('m') }}
---
$ fft run
? * success first_build root
$ PATH=/nowhere fft run
~ no Python was found; the last build of a Python model was by Python
? * skipped all_inputs_equal
$ PATH=/nowhere fft plan
~ no Python was found
$ PATH=/nowhere fft ls
~ m
--- file models/a.ff.sql
select 2 as id
---
$ PATH=/nowhere fft run --select a
? a.ff success sql_changed root
? m,c.ff not_selected not_selected
--- file models/m.ff.py
from fastflowtransform import model


@model(name="m", deps=[])
def build() -> list:
    return [{"id": 2}]
---
--- file models/a.ff.sql
select 3 as id
---
$ PATH=/nowhere fft run --keep-going
exit 1
~ there is no `python3` on the path, and Python models need one
? a.ff success sql_changed root
? m error python_changed root
? c.ff blocked upstream_failed

# One edit that several nodes read, told once: a module, and the entry of a source.
--- file shared.py
RATE = 1
---
--- file models/p.ff.py
import shared
from fastflowtransform import model


@model(name="p", deps=[])
def build() -> list:
    return [{"n": shared.RATE}]
---
--- file models/q.ff.py
import shared
from fastflowtransform import model


@model(name="q", deps=[])
def build() -> list:
    return [{"n": -shared.RATE}]
---
--- file models/pq.ff.sql
select p.n from {{ ref('p') }} p, {{ ref('q') }} q
---
--- file seeds/landing.csv
id
1
---
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - {name: users, identifier: landing}
---
--- file models/s.ff.sql
select id from {{ source('crm', 'users') }}
---
--- file models/t.ff.sql
select -id as id from {{ source('crm', 'users') }}
---
$ fft run
? * success first_build root
#: One edit that several nodes read, such as a macro, a module or a source, makes a root of each of them and is told
#: once:
--- file shared.py
RATE = 2
---
$ fft run
> 3 built: 2 changed, 1 followed · 3 skipped: all inputs equal · N ms
> Python module changed: shared.py (constant RATE in shared.py:1) → 2 roots, 3 rebuilt
? p,q success python_module_changed root
? pq.ff success upstream_changed cascade
? landing,s.ff,t.ff skipped all_inputs_equal
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - {name: users, identifier: landing, loaded_at_field: _ff_loaded_at}
---
$ fft run
> source changed: crm.users → 2 roots, 2 rebuilt
? s.ff,t.ff success source_changed root
? p,q,pq.ff,landing skipped all_inputs_equal

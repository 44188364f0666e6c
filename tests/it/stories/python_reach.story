# A part of a file stands for a model only where nothing of the project runs before the model does. Where a module alters
# another, a decorator fills a registry, or names are made at run time, the whole file counts, with all that it imports.
--- file shared/__init__.py
---
--- file shared/cfg.py
RATE = 0
---
--- file shared/setup.py
from shared import cfg
cfg.RATE = 1
---
--- file shared/registry.py
KNOWN = {}

def register(function):
    KNOWN[function.__name__] = function
    return function
---
--- file shared/handlers.py
from shared.registry import register

@register
def handler():
    return 0 + 1
---
--- file models/altered.ff.py
from fastflowtransform import model
from shared import cfg
import shared.setup


@model(name="altered")
def build():
    return {"x": [cfg.RATE]}
---
--- file models/registered.ff.py
from fastflowtransform import model
from shared.registry import KNOWN
import shared.handlers


@model(name="registered")
def build():
    return {"x": [KNOWN["handler"]()]}
---
--- file models/own.ff.py
from fastflowtransform import model
from shared.registry import KNOWN, register


@register
def own():
    return 0 + 1


@model(name="own")
def build():
    return {"x": [KNOWN["own"]()]}
---
--- file models/named.ff.py
from fastflowtransform import model
globals()["X"] = 1


@model(name="named")
def build():
    return {"x": [X]}
---
--- file models/region.ff.py
from fastflowtransform import env, model

told = env


@model(name="region")
def build():
    return {"x": [env("REGION", "eu")]}
---
--- file models/lists.ff.sql
select 'altered' as m, x::varchar as x from {{ ref('altered') }} union all
select 'registered', x::varchar from {{ ref('registered') }} union all
select 'own', x::varchar from {{ ref('own') }} union all
select 'named', x::varchar from {{ ref('named') }} union all
select 'region', x::varchar from {{ ref('region') }}
---
$ fft run
? * success first_build root
! select x from analytics.lists order by m
> 1
> 1
> 1
> eu
> 1
$ fft run
? * skipped all_inputs_equal
#: `fft explain` says why, with the place:
$ fft explain altered
~ the whole file counts, because of an assignment to an attribute at module level in shared/setup.py:2
$ fft explain own
~ the whole file counts, because of the decorator `@register` at module level in models/own.ff.py:5
--- file shared/setup.py
from shared import cfg
cfg.RATE = 7
---
--- file shared/handlers.py
from shared.registry import register

@register
def handler():
    return 0 + 7
---
--- file models/own.ff.py
from fastflowtransform import model
from shared.registry import KNOWN, register


@register
def own():
    return 0 + 7


@model(name="own")
def build():
    return {"x": [KNOWN["own"]()]}
---
--- file models/named.ff.py
from fastflowtransform import model
globals()["X"] = 7


@model(name="named")
def build():
    return {"x": [X]}
---
$ REGION=ap fft run
? altered,registered success python_module_changed root
? own,named success python_changed root
#: | `env_changed` | an `FF_*` variable, or one that a Python model names, was set, unset or changed |
#: A Python model has those as well whose names are written out in its code, whatever they begin with: `env("REGION")`,
#: `os.environ["REGION"]`.
? region success env_changed root
? lists.ff success upstream_changed cascade
! select x from analytics.lists order by m
> 7
> 7
> 7
> ap
> 7

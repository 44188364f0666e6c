# A Python model's inputs are its function, what that reaches in its file, the project's modules that it imports, and
# vars. What it doesn't reach is no input. No package is needed for plain rows.
--- file project.yml
name: story
version: '1.0'
vars:
  factor: 2
---
--- file shared/rates.py
RATE = 3
---
--- file shared/__init__.py
---
--- file models/base.ff.sql
select 7 as amount
---
--- file models/targets.ff.py
from fastflowtransform import model, var

TARGET = 25
UNREACHED = 1


@model(name="targets", deps=[])
def build() -> list:
    return [{"target": TARGET * var("factor", 1)}]
---
--- file models/rated.ff.py
from fastflowtransform import model
from shared.rates import RATE


@model(name="rated", deps=["base.ff"])
def build(base: list) -> list:
    return [{"amount": row["amount"] * RATE} for row in base]
---
--- file models/report.ff.sql
select amount, target from {{ ref('rated') }}, {{ ref('targets') }}
---
$ fft run
? * success first_build root
! select * from analytics.report
> 21|50
$ fft run
? * skipped all_inputs_equal
# A constant that the function reads.
--- file models/targets.ff.py
from fastflowtransform import model, var

TARGET = 30
UNREACHED = 1


@model(name="targets", deps=[])
def build() -> list:
    return [{"target": TARGET * var("factor", 1)}]
---
$ fft run
~ Python changed: build (constant TARGET in models/targets.ff.py:3)
? targets success python_changed root
? report.ff success upstream_changed cascade
? base.ff,rated skipped all_inputs_equal
# One that it doesn't.
--- file models/targets.ff.py
from fastflowtransform import model, var

TARGET = 30
UNREACHED = 2


@model(name="targets", deps=[])
def build() -> list:
    return [{"target": TARGET * var("factor", 1)}]
---
$ fft run
? * skipped all_inputs_equal
# A module of the project.
--- file shared/rates.py
RATE = 5
---
$ fft run
~ Python module changed: shared/rates.py (constant RATE in shared/rates.py:1)
? rated success python_module_changed root
? report.ff success upstream_changed cascade
? base.ff,targets skipped all_inputs_equal
# A helper comes, and the function calls it; both are named, with the lines of the file.
--- file models/targets.ff.py
from fastflowtransform import model, var

TARGET = 30
UNREACHED = 2


def scaled(number):
    return number * var("factor", 1)


@model(name="targets", deps=[])
def build() -> list:
    return [{"target": scaled(TARGET)}]
---
$ fft run
~ Python changed: build (function build in models/targets.ff.py:12 and new function scaled in models/targets.ff.py:7)
? targets success python_changed root
? report.ff success upstream_changed cascade
? base.ff,rated skipped all_inputs_equal
$ fft explain targets
~ because function scaled was added models/targets.ff.py:7
# Comments alone build, and say that they are.
--- file shared/rates.py
RATE = 5  # of the year
---
$ fft run
#: SQL and Python have a second digest without comments and white space. It decides nothing by default, and lets an
#: explanation say that a change was only cosmetic.
~ Python module changed: shared/rates.py (comments and white space only)
? rated success python_module_changed root
? report.ff success upstream_changed cascade
? base.ff,targets skipped all_inputs_equal
# Two models whose functions have one name: each root is told by what changed in its own.
--- file models/targets.ff.py
from fastflowtransform import model, var

TARGET = 40
UNREACHED = 2


def scaled(number):
    return number * var("factor", 1)


@model(name="targets", deps=[])
def build() -> list:
    return [{"target": scaled(TARGET)}]
---
--- file models/rated.ff.py
from fastflowtransform import model
from shared.rates import RATE


@model(name="rated", deps=["base.ff"])
def build(base: list) -> list:
    return [{"amount": RATE * row["amount"]} for row in base]
---
$ fft run
~ rated Python changed: build (function build in models/rated.ff.py:6) →
~ targets Python changed: build (constant TARGET in models/targets.ff.py:3) →
? rated,targets success python_changed root
? report.ff success upstream_changed cascade
? base.ff skipped all_inputs_equal
# A var that it reads.
$ fft run --vars factor=4
#: | `var_changed` | a var of a Python model has another value |
~ var changed: factor (2 → 4)
? targets success var_changed root
? report.ff success upstream_changed cascade
? base.ff,rated skipped all_inputs_equal
! select * from analytics.report
> 35|160
# An exception is the node's failure, with the line that raised it.
--- file models/targets.ff.py
from fastflowtransform import model


@model(name="targets", deps=[])
def build() -> list:
    raise ValueError("no targets today")
---
$ fft run
exit 1
~ no targets today
~ models/targets.ff.py
? targets error python_changed root
? report.ff blocked upstream_failed
? base.ff,rated skipped all_inputs_equal

# How a function takes what its model depends on, and that a file of the project never stands in for a module of Python.
--- file queue.py
X = 1
---
--- file models/a.ff.sql
select 1 as id
---
--- file models/b.ff.sql
select 2 as id
---
--- file models/m.ff.py
from fastflowtransform import model


@model(name="m", deps=["a.ff", "b.ff"])
def build(a: list, b: list, limit=10):
    return [{"id": a[0]["id"] * limit + b[0]["id"]}]
---
--- file models/n.ff.py
from fastflowtransform import model


@model(name="n", deps=["a.ff", "b.ff"])
def build(*frames: list):
    first, second = frames
    return [{"id": first[0]["id"] * 10 + second[0]["id"]}]
---
--- file models/o.ff.py
import queue

from fastflowtransform import model


@model(name="o", deps=["a.ff", "b.ff"])
def build(*, b: list, a: list):
    return [{"id": a[0]["id"] * 10 + b[0]["id"], "standard": hasattr(queue, "Queue")}]
---
$ fft run
? * success first_build root
! select m.id, n.id, o.id, standard from analytics.m, analytics.n, analytics.o
> 12|12|12|true

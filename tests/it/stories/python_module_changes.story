# A module that changes while a run works: what runs is what was read when the run began, and the next run sees the rest.
--- file shared.py
RATE = 1
---
--- file models/first.ff.py
from pathlib import Path

from fastflowtransform import model


@model(name="first", deps=[])
def build() -> list:
    Path("shared.py").write_text("RATE = 2\n")
    return [{"id": 1}]
---
--- file models/second.ff.py
import shared
from fastflowtransform import model


@model(name="second", deps=["first"])
def build(first: list) -> list:
    return [{"rate": shared.RATE}]
---
$ fft run
? * success first_build root
! select rate from analytics.second
> 1
$ fft run
? second success python_module_changed root
? first skipped all_inputs_equal
! select rate from analytics.second
> 2

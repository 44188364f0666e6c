# Files that code opens aren't watched: the run and the explanation say so, and the model is built, unless that isn't wanted.
--- file models/rates.csv
v
1
---
--- file models/m.ff.py
from pathlib import Path

from fastflowtransform import model


@model(name="m", deps=[])
def build() -> list:
    text = (Path(__file__).parent / "rates.csv").read_text()
    return [{"v": int(text.split()[1])}]
---
$ fft run
~ not watched: files that models/m.ff.py opens (as models/m.ff.py:8 shows)
? * success first_build root
--- file models/rates.csv
v
2
---
$ fft run
? m success source_unwatched root
! select v from analytics.m
> 2
$ fft explain m
~ not watched: files that the code opens (models/m.ff.py:8)
--- file project.yml
name: story
version: '1.0'
run: {unseen_sources: skip}
---
$ fft run -v
~ watched inputs equal
? m skipped all_inputs_equal

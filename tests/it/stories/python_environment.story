# The requirements file is an input of Python models, and of no other.
--- file project.yml
name: story
version: '1.0'
python:
  requirements: requirements.txt
---
--- file requirements.txt
# nothing beyond Python
---
--- file models/plain.ff.sql
select 1 as one
---
--- file models/rows.ff.py
from fastflowtransform import model


@model(name="rows", deps=[])
def build() -> list:
    return [{"n": 1}]
---
$ fft plan
~ first build
--- delete requirements.txt
$ fft plan
exit 2
~ requirements.txt

# The requirements file is an input of Python models and of no other. fft makes the environment that it asks for, once.
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
import sys

from fastflowtransform import model


@model(name="rows", deps=[])
def build() -> list:
    return [{"managed": sys.prefix != sys.base_prefix}]
---
$ XDG_CACHE_HOME=PROJECT/.local/cache fft run
? * success first_build root
! select managed from analytics.rows
> true
--- append requirements.txt
# and nothing more
---
$ XDG_CACHE_HOME=PROJECT/.local/cache fft run
#: | `python_env_changed` | the requirements or the Python version are different |
~ Python environment changed
? plain.ff skipped all_inputs_equal
? rows success python_env_changed root
# A file that isn't there is told before anything is run.
--- delete requirements.txt
$ XDG_CACHE_HOME=PROJECT/.local/cache fft run
exit 2
~ requirements.txt

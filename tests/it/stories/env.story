# An FF_* variable is an input of every node: set, changed, taken away. Its value is shown only where the project says
# that it may be. FFT_* steers the tool and is no input.
--- file project.yml
name: story
version: '1.0'
fingerprint:
  env:
    ignore: ["FF_HTTP_*"]
    expose: ["FF_REGION"]
---
--- file models/one.ff.sql
select 1 as one
---
--- file models/two.ff.sql
select '{{ env("FF_REGION", "none") }}' as region from {{ ref('one') }}
---
--- file models/three.ff.sql
select 3 as three
---
$ fft run
? * success first_build root
$ FF_REGION=north fft run
#: | `env_changed` | an `FF_*` variable, or one that a Python model names, was set, unset or changed |
#: Any `FF_*` variable is an input of every node, whether it comes from the process or from a `.env` file, since a
#: template or a driver may read it.
~ env changed: FF_REGION (unset → north)
? one.ff,three.ff success env_changed root
? two.ff success sql_changed mixed
! select region from analytics.two
> north
$ FF_REGION=north FFT_ANYTHING=1 FF_HTTP_OFFLINE=1 fft run
#: Leave out those that can't matter:
? * skipped all_inputs_equal
# Not exposed: named, and its value nowhere.
$ FF_REGION=north FF_MODE=quietly fft run
> L01 ✓ BUILD one.ff 1 row N ms env changed: FF_MODE (now set)
#: What hits every node at once (another profile, an `FF_*` variable) is one global root and not one a node.
~ env changed: FF_MODE (now set) → 3 rebuilt
? one.ff,three.ff success env_changed root
? two.ff success env_changed mixed
# .env files are layers under the process environment.
--- file .env
FF_REGION=south
FF_MODE=quietly
---
$ FF_REGION=north fft run
? * skipped all_inputs_equal
$ fft run
#: Those in `fingerprint.env.expose` are shown with the old and the new value.
~ env changed: FF_REGION (north → south)
? one.ff,three.ff success env_changed root
? two.ff success sql_changed mixed
# Taken away.
--- file .env
FF_REGION=south
---
$ fft run
#: | `env_changed` | an `FF_*` variable, or one that a Python model names, was set, unset or changed |
~ env changed: FF_MODE (no longer set) → 3 rebuilt
? one.ff,three.ff success env_changed root
? two.ff success env_changed mixed
#: An unset variable and an empty one are different.
$ FF_EMPTY= fft run
~ env changed: FF_EMPTY (now set) → 3 rebuilt
? one.ff,three.ff success env_changed root
? two.ff success env_changed mixed
#: The values of other `FF_*` variables are hashed but withheld: an explanation says *that* one changed.
$ FF_EMPTY=full fft run
~ env changed: FF_EMPTY (value withheld) → 3 rebuilt
? one.ff,three.ff success env_changed root
? two.ff success env_changed mixed
#: In SQL the value is part of the text.
--- file models/three.ff.sql
select '{{ env("REGION", "eu") }}' as region
---
$ FF_EMPTY=full fft run
? three.ff success sql_changed root
? one.ff,two.ff skipped all_inputs_equal
$ FF_EMPTY=full REGION=ap fft run
~ SQL changed: models/three.ff.sql (by env REGION: value withheld)
? three.ff success sql_changed root
? one.ff,two.ff skipped all_inputs_equal

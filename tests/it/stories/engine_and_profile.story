# Another profile is one reason that hits every node, told once.
--- file models/one.ff.sql
select 1 as one
---
--- file models/two.ff.sql
select one from {{ ref('one') }}
---
$ fft run
? * success first_build root
--- file profiles.yml
prod:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    db_schema: analytics
---
$ fft run
#: What hits every node at once (another profile, an `FF_*` variable) is one global root and not one a node.
#: | `engine_changed`, `profile_changed` | it was built with another engine or profile, or with another file attached under the alias that it reads |
~ profile changed: profile (dev → prod) → 2 rebuilt
? one.ff success profile_changed root
? two.ff success profile_changed mixed
# An engine that isn't there is named, with those that are.
--- file profiles.yml
prod:
  engine: oracle
---
$ fft run
exit 2
~ oracle
~ duckdb
# So is a profile that isn't.
--- file profiles.yml
prod:
  engine: duckdb
---
$ fft run --env prodd
exit 2
~ did you mean `prod`?

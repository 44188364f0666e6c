# With `fingerprint.cosmetic: skip` a comment in a model builds nothing: not the model, and nothing that reads it.
--- file project.yml
name: story
version: '1.0'
fingerprint:
  cosmetic: skip
---
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
-- one row
select 1 as id
---
$ fft run -v
~ upstream output identical: stg.ff
? stg.ff skipped cosmetic_only
#: | `upstream_output_identical` | an upstream node was rebuilt and its rows came out the same: see [early cutoff](#early-cutoff); or it was skipped as `cosmetic_only` or `settings_applied` |
? mart.ff skipped upstream_output_identical
$ fft run
? * skipped all_inputs_equal

# Comments and white space are a change like another, and told apart. `fingerprint.cosmetic: skip` builds nothing then.
--- file models/stg.ff.sql
select 1 as id
---
$ fft run
? stg.ff success first_build root
--- file models/stg.ff.sql
-- one row
select 1 as id
---
$ fft run
#: SQL and Python have a second digest without comments and white space. It decides nothing by default, and lets an
#: explanation say that a change was only cosmetic.
~ (comments and white space only)
? stg.ff success sql_changed root
--- file project.yml
name: story
version: '1.0'
fingerprint:
  cosmetic: skip
---
--- file models/stg.ff.sql
-- one row, always
select 1   as id
---
$ fft run
~ comments and white space only
#: | `cosmetic_only` | only comments and white space changed, and `fingerprint.cosmetic` is `skip` |
#: With `fingerprint.cosmetic: skip` such a change is skipped.
? stg.ff skipped cosmetic_only
# The new text is what the next run compares with.
$ fft run
? stg.ff skipped all_inputs_equal
--- file models/stg.ff.sql
select 2 as id
---
$ fft run
? stg.ff success sql_changed root

# The entry in sources.yml of a table is an input of the models that read it; its description isn't.
--- file seeds/landing.csv
id
1
---
--- file seeds/landing_v2.csv
id
1
2
---
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - name: users
        identifier: landing
      - name: unread
        identifier: nothing
---
--- file models/stg.ff.sql
select id from {{ source('crm', 'users') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - name: users
        identifier: landing
        description: Everybody.
      - name: unread
        identifier: nothing_else
---
$ fft run
? * skipped all_inputs_equal
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - name: users
        identifier: landing_v2
---
$ fft run
? stg.ff success source_changed root
? landing,landing_v2,alone.ff skipped all_inputs_equal
! select count(*) from analytics.stg
> 2
$ fft explain stg
~ source_changed
~ dependency_added
~ dependency_removed
# What says how fresh its data is makes no other text, and is an input all the same.
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - name: users
        identifier: landing_v2
        loaded_at_field: updated_at
---
$ fft run
#: | `source_changed` | the entry in sources.yml of a table that it reads is different |
~ source changed: crm.users
? stg.ff success source_changed root
? landing,landing_v2,alone.ff skipped all_inputs_equal

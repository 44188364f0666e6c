# The field that tells how new data is may be a word of SQL's own, a name that must be quoted, or an expression.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! create schema raw
! create table raw.t as select 1 as id, timestamp '2024-01-01' as "at", date '2024-02-01' as "Loaded At"
--- file sources.yml
version: 2
sources:
  - name: r
    schema: raw
    tables:
      - {name: word, identifier: t, loaded_at_field: at}
      - {name: blank, identifier: t, loaded_at_field: Loaded At}
      - {name: quoted, identifier: t, loaded_at_field: '"Loaded At"'}
      - {name: term, identifier: t, loaded_at_field: 'cast("at" as date)'}
---
--- file models/m.ff.sql
select a.id from {{ source('r', 'word') }} a, {{ source('r', 'blank') }} b, {{ source('r', 'quoted') }} c, {{ source('r', 'term') }} d
---
$ fft run
? m.ff success first_build root
? alone.ff skipped all_inputs_equal
! update raw.t set "Loaded At" = date '2024-02-02'
$ fft run
~ source data changed: r.blank (2024-02-01 → 2024-02-02)
? m.ff success source_data_changed root
? alone.ff skipped all_inputs_equal
! update raw.t set "at" = timestamp '2024-01-02'
$ fft run
~ source data changed: r.term (2024-01-01 → 2024-01-02)
? m.ff success source_data_changed root
? alone.ff skipped all_inputs_equal

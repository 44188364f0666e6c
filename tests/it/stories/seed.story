# A seed is a node: its bytes and its declared types are its inputs, never its time. What changed in it is counted.
--- file seeds/people.csv
id,name,born
1,Ada,1815-12-10
2,Grace,1906-12-09
---
--- file models/stg.ff.sql
select id, name, born from {{ ref('people') }}
---
$ fft run
> L01 ✓ BUILD people 2 rows N ms first build
? * success first_build root
! select column_name, data_type from duckdb_columns() where table_name = 'stg' order by column_index
> id|BIGINT
> name|VARCHAR
> born|DATE
! select distinct _ff_seed_id, _ff_seed_file from analytics.people
> people|seeds/people.csv
--- append seeds/people.csv
3,Katherine,1918-08-26
---
$ fft run
#: | `seed_changed` | the seed's file is different; rows added, removed and changed are counted |
> L01 ✓ BUILD people 3 rows N ms seed changed: seeds/people.csv (+1 row)
> L02 ✓ CASCADE stg.ff 3 rows N ms ← people
? people success seed_changed root
? stg.ff success upstream_changed cascade
# The same rows in another order are other bytes.
--- file seeds/people.csv
id,name,born
3,Katherine,1918-08-26
1,Ada,1815-12-10
2,Grace,1906-12-09
---
$ fft run
~ seed changed: seeds/people.csv (same rows)
? people success seed_changed root
? stg.ff success upstream_changed cascade
# The declared types of its columns.
--- file seeds/schema.yml
version: 1
seeds:
  - name: people
    columns:
      - {name: id, type: varchar}
---
$ fft run
#: | `config_changed` | a setting that changes what is built is different; of a seed also its declared types, its delimiter, `meta_columns` |
~ config changed: columns
? people success config_changed root
? stg.ff success upstream_changed cascade
! select column_name, data_type from duckdb_columns() where table_name = 'stg' order by column_index
> id|VARCHAR
> name|VARCHAR
> born|DATE
# Rows and columns at once.
--- file seeds/people.csv
id,name,born,field
1,Ada,1815-12-10,mathematics
2,Grace,1906-12-09,computing
---
$ fft run
~ seed changed: seeds/people.csv (−1 row, column +field)
? people success seed_changed root
? stg.ff success upstream_changed cascade
# Rows are matched by `id`, which no key declares, and by what schema.yml declares.
--- file seeds/people.csv
id,name,born,field
1,Ada,1815-12-10,analysis
5,Grace,1906-12-09,computing
---
$ fft run
~ seed changed: seeds/people.csv (+1 −1 rows, 1 changed by id)
? * success any
--- file seeds/schema.yml
version: 1
seeds:
  - name: people
    key: name
    columns:
      - {name: id, type: varchar}
---
$ fft run
? * skipped all_inputs_equal
--- file seeds/people.csv
id,name,born,field
7,Ada,1815-12-10,analysis
8,Grace,1906-12-09,computing
---
$ fft run
~ seed changed: seeds/people.csv (2 rows changed by name)
? * success any
# `fft seed` loads seeds and nothing else.
--- append seeds/people.csv
4,Radia,1951-12-18,networks
---
$ fft seed
? people success seed_changed root
? stg.ff not_selected not_selected
$ fft run
~ seed changed: seeds/people.csv (+1 row), built by run RUN
? people skipped all_inputs_equal
? stg.ff success upstream_changed cascade
! select count(*) from analytics.stg
> 3

# `fft build`: tests between the nodes. What failed blocks what is below, and nothing else.
--- file seeds/people.csv
id,name
1,a
1,b
---
--- file models/staged.ff.sql
select id, name from {{ ref('people') }}
---
--- file models/mart.ff.sql
select count(*) as n from {{ ref('staged') }}
---
--- file models/other.ff.sql
select 1 as x
---
--- file models/schema.yml
models:
  - name: staged
    columns:
      - {name: id, tests: [unique, not_null]}
  - name: mart
    columns:
      - {name: n, tests: [not_null]}
---
$ fft build --store-failures
exit 1
~ ✗ FAIL
~ unique_staged_id
~ the failing rows are in _ff_failures.unique_staged_id
~ test unique_staged_id failed
~ tests: 1 failed, 1 blocked, 1 passed
#: | `test_failed` | a [test](data-tests.md) of what is upstream failed |
? mart.ff blocked test_failed
? people,staged.ff,other.ff success first_build root
! select id, n_rows from _ff_failures.unique_staged_id
> 1|2
# Mended, what was blocked is built; the table of failures goes.
--- file seeds/people.csv
id,name
1,a
2,b
---
$ fft build --store-failures
~ tests: 3 passed
? people success seed_changed root
? staged.ff success upstream_changed cascade
? mart.ff success first_build root
? other.ff skipped all_inputs_equal
! select count(*) from information_schema.tables where table_schema = '_ff_failures'
> 0
$ fft build
~ tests: 3 skipped
? * skipped all_inputs_equal
# A test that only warns blocks nothing.
--- file models/schema.yml
models:
  - name: staged
    columns:
      - name: id
        tests:
          - unique
          - accepted_values: {values: [1], severity: warn}
---
$ fft build --junit report.xml --sarif report.sarif
~ ! WARN
~ tests: 1 warned, 1 skipped
? * skipped all_inputs_equal

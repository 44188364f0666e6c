# Data tests: declared in YAML and as queries, run over what stands, skipped where they passed on the same rows.
--- file project.yml
name: sandbox
tests:
  - {type: not_null, table: orders, column: id, tags: [keys]}
  - {type: unique, table: orders, columns: [id, day]}
  - {type: greater_equal, table: orders, column: amount}
  - {type: row_count_between, table: orders, min_rows: 1, max_rows: 10}
  - {type: relationships, table: orders, column: customer, to: "ref('customers')", to_field: id}
  - {type: non_negative_sum, table: orders, column: amount}
  - {type: expression_is_true, table: orders, expression: amount < 100}
  - {type: freshness, table: orders, column: day, max_delay_minutes: 100000000}
  - {type: reconcile_equal, name: totals, left: {table: orders, expr: sum(amount)}, right: {table: by_day, expr: sum(total)}}
  - type: reconcile_ratio_within
    left: {table: orders, expr: count(*)}
    right: {table: by_day, expr: sum(n)}
    min_ratio: 0.99
    max_ratio: 1.01
  - {type: reconcile_diff_within, left: {table: orders, expr: count(*)}, right: {table: customers, expr: count(*)}, max_abs_diff: 5}
  - {type: reconcile_coverage, source: {table: customers, key: id}, target: {table: orders, key: customer}}
  - {type: at_most, table: orders, column: amount, params: {most: 50, where: id > 0}}
---
--- file seeds/customers.csv
id,status
1,active
2,invited
---
--- file seeds/orders_raw.csv
id,customer,amount,day
1,1,10,2024-01-01
2,2,20,2024-01-02
---
--- file models/orders.ff.sql
select id, customer, amount, day from {{ ref('orders_raw') }}
---
--- file models/by_day.ff.sql
select day, sum(amount) as total, count(*) as n from {{ ref('orders') }} group by day
---
--- file models/schema.yml
version: 2
models:
  - name: by_day
    tests: [{unique: {column: day}}]
    columns:
      - {name: day, tests: [not_null]}
---
--- file seeds/schema.yml
seeds:
  - name: customers
    columns:
      - name: status
        tests:
          - accepted_values: {values: [active, invited], severity: warn}
---
--- file tests/no_empty_day.ff.sql
select day from {{ ref('by_day') }} where n = 0
---
--- file tests/kinds/at_most.ff.sql
{{ config(type='at_most', params=['most', 'where']) }}
select count(*) as failures from {{ table }} where {{ column }} > {{ most }}{% if where %} and ({{ where }}){% endif %}
---
# Nothing stands yet: that is told of each, and nothing is built.
$ fft test
exit 1
~ – BLOCKED
~ isn't in the database: `fft run --select orders.ff` builds it
~ Of 17 tests 17 blocked.
! select count(*) from information_schema.tables where table_schema = 'analytics'
> 0
$ fft run
#: | `first_test` | no result of a [test](data-tests.md) is recorded |
$ fft test --jobs 1
~ ✓ PASS
~ totals
~ first test
~ tests: 17 passed ·
~ Of 17 tests 17 passed.
? * not_selected not_selected
# What passed on the same rows is skipped, with the proof; what asks for the time runs again.
#: | `reads_clock` | a test asks for the time, or for chance: over the same rows it may come out otherwise |
$ fft test -v
~ ○ SKIP
~ not_null_orders_id
~ passed in run RUN · 5/5 inputs equal to run RUN
~ asks for the time: max_delay_minutes
~ Of 17 tests 1 passed, 16 skipped.
# A test's own text.
--- append tests/no_empty_day.ff.sql
  or n is null
---
$ fft test --select no_empty_day
~ SQL changed: no_empty_day
~ Of 1 test 1 passed.
# Other rows, and one of them wrong.
--- file seeds/orders_raw.csv
id,customer,amount,day
1,1,10,2024-01-01
2,2,20,2024-01-02
3,3,-5,2024-01-02
---
$ fft run
$ fft test --keep-going
exit 2
$ fft test
exit 1
~ ✗ FAIL
~ relationships_orders_customer
~ 1 failure
~ --> project.yml:7:5
~ id  customer  amount  day
~ upstream changed: orders.ff
~ Of 17 tests 2 failed, 14 passed, 1 skipped: greater_equal_orders_amount, relationships_orders_customer.
#: | `previous_test_failed` | a test didn't pass the last time |
$ fft test --select greater_equal_orders_amount
exit 1
~ it did not pass before (run RUN)
# A run that goes on with what passed before: an edit upstream that changes no row.
--- file seeds/orders_raw.csv
id,customer,amount,day
1,1,10,2024-01-01
2,2,20,2024-01-02
---
$ fft run
$ fft test
~ Of 17 tests 16 passed, 1 skipped.
# Selected by tag, by node and by kind; a slip is told.
$ fft test --select tag:keys --no-cache
~ Of 1 test 1 passed.
$ fft test --select by_day
~ Of 5 tests 5 skipped.
$ fft test --select unique
~ Of 2 tests 2 skipped.
$ fft test --select uniqe
exit 2
~ no test, and no node is called `uniqe`

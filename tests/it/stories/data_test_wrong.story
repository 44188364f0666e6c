# What is wrong with tests is told with its place and a hint, by every command, before anything is done.
--- file project.yml
name: sandbox
tests:
  - {type: not_nul, table: m, column: id}
  - {type: not_null, table: mm, column: id}
  - {type: not_null, table: m}
  - {type: unique, name: twice, table: m, column: id}
  - {type: not_null, name: twice, table: m, column: id}
---
--- file models/m.ff.sql
select 1 as id
---
--- file models/e.ff.sql
{{ config(materialized='ephemeral') }}
select 1 as id
---
$ fft run
exit 2
~ error[missing-key]: test `not_null` has no `column`
~ --> project.yml:5:5
~ hint: write `column: name`
--- file project.yml
name: sandbox
tests:
  - {type: not_nul, table: m, column: id}
  - {type: not_null, table: mm, column: id}
  - {type: unique, name: twice, table: m, column: id}
  - {type: not_null, name: twice, table: m, column: id}
  - {type: not_null, table: e, column: id}
---
--- file tests/two.ff.sql
select 1; select 2
---
--- file tests/unknown.ff.sql
select * from {{ ref('nowhere') }}
---
--- file tests/slip.ff.sql
{{ config(severty='warn') }}
select 1
---
$ fft check
exit 2
~ error[unknown-test]: there is no kind of test `not_nul`
~ --> project.yml:3:5
~ did you mean `not_null`?
~ error[unknown-ref]: a test is of `mm`, which the project doesn't have
~ --> project.yml:4:29
~ error[duplicate-name]: two tests are called `twice`; the other is at project.yml:5:5
~ error[bad-test]: `e` is put into its readers, there is no relation to test
~ error[bad-test]: tests/two.ff.sql holds more than one statement
~ --> tests/two.ff.sql:1:11
~ error[unknown-ref]: a test is of `nowhere`
~ unknown key `severty` in `config()` of a test
~ did you mean `severity`?

# A hook that fails, at each of the four times: what runs on, what is told, and what is recorded.
--- file project.yml
name: sandbox
hooks:
  on_run_start:
    - name: first
      kind: sql
      sql: |
        create table if not exists log (what text);
        insert into log values ('started');
        insert into log select what from
          nowhere
    - {name: second, kind: sql, sql: "insert into log values ('second')"}
  on_run_end:
    - {name: last, kind: sql, sql: "create table if not exists ends (what text); insert into ends values ({{ run.error | sql_literal }})"}
---
--- file models/a.ff.sql
select 1 as id
---
--- file models/b.ff.sql
select id from {{ ref('a') }}
---
--- file models/c.ff.sql
select 3 as id
---
$ fft run
exit 1
~ ✗ hook first (on_run_start):
~ --> project.yml:9:9
~ | insert into log select what from
~ not started: the hook `first` failed
~ Nothing was built. The hook first (on_run_start) failed:
#: | `hook_failed` | it wasn't begun, because a [hook](hooks.md) failed |
? * blocked hook_failed
# All of a hook's statements or none; the hooks at the end are told why.
! select count(*) from information_schema.tables where table_name = 'log'
> 0
! select count(*) from analytics.ends where what like 'hook first:%'
> 1
# In front of a model: that model fails, others don't.
--- file project.yml
name: sandbox
hooks:
  before_model:
    - {name: guard, kind: sql, select: a, sql: "select * from missing_table"}
    - {name: never, kind: sql, select: a, sql: "create table never_made (x int)"}
  after_model:
    - {name: told, kind: sql, sql: "create table if not exists told (what text); insert into told values ({{ model.name | sql_literal }} || ' ' || {{ model.status | sql_literal }})"}
---
$ fft run --keep-going --jobs 1
exit 1
~ ✗ a.ff: the hook `guard` failed:
~ --> project.yml:4:48
~ 1 node failed and 1 waits for it: a
? a.ff error first_build root
? b.ff blocked upstream_failed
? c.ff success first_build root
! select what from analytics.told order by what
> a.ff error
> c.ff success
! select count(*) from information_schema.tables where table_name = 'never_made'
> 0
# Behind a model: it is built and recorded, and the run fails.
--- file project.yml
name: sandbox
hooks:
  after_model:
    - {name: audit, kind: sql, select: a, sql: "insert into nowhere values (1)"}
---
$ fft run --keep-going
exit 1
~ ✗ hook audit (after_model of a.ff):
~ The hook audit (after_model of a.ff) failed:
~ 1 hook failed
? a.ff,b.ff success first_build root
? c.ff skipped all_inputs_equal
$ fft run
? * skipped all_inputs_equal
# At the end: all of them run, and the run fails.
--- file project.yml
name: sandbox
hooks:
  on_run_end:
    - {name: one, kind: sql, sql: "select {{ run.nothing.of }} from x"}
    - {name: two, kind: sql, sql: "create table at_the_end (x int)"}
---
$ fft run
exit 1
~ ✗ hook one (on_run_end):
~ --> project.yml:4:35
~ Nothing changed: all 3 nodes are up to date. The hook one (on_run_end) failed:
! select count(*) from analytics.at_the_end
> 0

# What is wrong with hooks is told with its place before anything runs.
--- file project.yml
name: sandbox
hooks:
  on_run_start:
    - {name: no_file, kind: sql}
    - {name: no_function, kind: python}
    - {name: x, kind: sqll, sql: select 1}
  on_run_stop: []
---
--- file hooks/no_fil.sql
select 1
---
--- file models/a.ff.sql
select 1 as id
---
$ fft run
exit 2
~ the hook `no_file` has no `sql`, and there is no file hooks/**/no_file.sql
~ --> project.yml:4:7
~ did you mean `no_fil`?
~ no function of hooks/ is the hook `no_function`
~ `kind` is `sql` or `python`, not `sqll`
~ unknown key `on_run_stop` in `hooks`
~ did you mean `on_run_start`?
--- file project.yml
name: sandbox
hooks:
  on_run_start:
    - name: refers
      kind: sql
      sql: |
        select 1;
        select * from {{ ref('aa') }}
---
$ fft run
exit 2
~ a hook refers to unknown node `aa`
~ --> project.yml:8:26
--- file project.yml
name: sandbox
hooks:
  on_run_start:
    - {name: template, kind: sql, sql: "select {{ 1"}
    - {name: sourced, kind: sql, sql: "select * from {{ source('no', 'such') }}"}
---
$ fft run
exit 2
~ --> project.yml:4:40
~ unknown source `no.such`
--- file project.yml
name: sandbox
hooks:
  before_model:
    - {name: picks, kind: sql, select: "tag:", sql: select 1}
---
$ fft run
exit 2
~ --> project.yml:4:40
--- file project.yml
name: sandbox
hooks:
  before_model:
    - {name: picks, kind: sql, select: "nobody", sql: select 1}
---
$ fft run
~ hooks/no_fil.sql is left out: no hook of project.yml is called `no_fil`
~ the hook `picks` runs for no model
~ --> project.yml:4:40
? * success first_build root

# Hooks of models that can't be: each told with its place, before anything runs.
--- file project.yml
name: sandbox
models:
  pre_hook:
    nobody: select 1
    d: {sql: select 1}
---
--- file models/a.ff.sql
{{ config(materialized='ephemeral', pre_hook='select 1') }}select 1 as id
---
--- file models/b.ff.sql
{{ config(post_hook=7) }}select 1 as id
---
--- file models/c.ff.sql
select 1 as id
---
$ fft run
exit 2
~ `pre_hook` of `d` must be text or a list of texts, found a mapping
~ --> project.yml:5:8
--- file project.yml
name: sandbox
models:
  pre_hook:
    nobody: select 1
    c: "select '{{ this }}"
---
$ fft run
exit 2
~ `a.ff` has hooks and is never built: its text stands in those of others
~ --> models/a.ff.sql:1:4
~ `post_hook` is 7; it must be a text or a list of texts
~ a hook of `c.ff` opens a quote or a comment that nothing closes
~ --> project.yml:5:8
--- file project.yml
name: sandbox
models:
  pre_hook:
    nobody: select 1
    c: select * from {{ ref('a') }}
---
--- file models/a.ff.sql
{{ config(materialized='ephemeral') }}select 1 as id
---
--- file models/b.ff.sql
{{ config(post_hook="select {{ reff('c') }}") }}select 1 as id
---
$ fft run
exit 2
~ did you mean `ref`?
--- file models/b.ff.sql
select 1 as id
---
$ fft run
exit 2
~ a hook of `c.ff` reads `a.ff`, which has no relation
--- file project.yml
name: sandbox
models:
  pre_hook:
    nobody: select 1
---
$ fft run
~ `nobody` has hooks in project.yml, and there is no such model
~ --> project.yml:4:13
? * success first_build root

# Statements around a model's own: in its transaction, several to a text, and a part of what the model is.
--- file project.yml
name: sandbox
models:
  post_hook:
    b: ["insert into {{ this }} select max(id) + 100 from {{ ref('a') }}"]
---
--- file models/a.ff.sql
{{ config(pre_hook="create table if not exists {{ this }}_log (what text); insert into {{ this }}_log values ('a;b') -- ;",
          post_hook=["insert into {{ this }} values (2)", "insert into {{ this }}_log select 'rows ' || count(*) from {{ this }}"]) }}
select 1 as id
---
--- file models/b.ff.sql
select 5 as id
---
--- file models/plain.ff.sql
select 7 as id
---
$ fft run
? * success first_build root
! select id from analytics.a order by id
> 1
> 2
! select what from analytics.a_log order by rowid
> a;b
> rows 2
# What a hook reads is upstream of its model.
! select id from analytics.b order by id
> 5
> 102
# A table that is altered by its own hook is what the build left.
$ fft run
? * skipped all_inputs_equal
! select count(*) from analytics.a_log
> 2
# Another statement is another model, explained like another text; models without it are what they were.
--- file models/a.ff.sql
{{ config(pre_hook="create table if not exists {{ this }}_log (what text); insert into {{ this }}_log values ('again')",
          post_hook=["insert into {{ this }} values (2)", "insert into {{ this }}_log select 'rows ' || count(*) from {{ this }}"]) }}
select 1 as id
---
$ fft run
#: | `hook_changed` | its `pre_hook` or its `post_hook` is different, is new or is gone; see [hooks](hooks.md) |
~ hook changed: pre_hook
~ the pre_hook of a was edited
? a.ff success hook_changed root
? b.ff success upstream_changed cascade
? plain.ff skipped all_inputs_equal
$ fft explain a
~ -create table if not exists ‹this›_log (what text); insert into ‹this›_log values ('a;b') -- ;
~ +create table if not exists ‹this›_log (what text); insert into ‹this›_log values ('again')
$ fft verify
# A statement that fails takes everything back that the build did, and what is in front of it too.
--- file models/a.ff.sql
{{ config(pre_hook="insert into {{ this }}_log values ('lost')", post_hook="insert into nowhere values (1)") }}
select 3 as id
---
$ fft run
exit 1
~ ✗ a.ff: its post_hook failed:
~ --> models/a.ff.sql:1:4
~ | insert into nowhere values (1)
? a.ff error sql_changed root
? b.ff blocked upstream_failed
? plain.ff skipped all_inputs_equal
! select id from analytics.a order by id
> 1
> 2
! select count(*) from analytics.a_log where what = 'lost'
> 0
# Taken away it is a change as well.
--- file models/a.ff.sql
{{ config(tags=['plain']) }}
select 1 as id
---
$ fft run
~ hook changed: post_hook (removed)
? a.ff success hook_changed root
? b.ff success upstream_changed cascade
? plain.ff skipped all_inputs_equal
! select id from analytics.a
> 1

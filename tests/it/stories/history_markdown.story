# What a run did as Markdown, for a pull request or a chat: its sentence, what failed with its message, a graph, a table, folded
# diffs. Foreign text stays text.
--- file models/base.ff.sql
select 1 as "a|b"
---
--- file models/mart.ff.sql
select * from {{ ref('base') }}
---
--- file models/bad.ff.sql
select 1 as one
---
--- file models/under.ff.sql
select * from {{ ref('bad') }}
---
$ fft run
$ fft history show latest --markdown
~ **First build: 4 nodes in
> run RUN, profile dev: 4 built: 4 new
> | BUILT | base.ff | | `first_build` | first build |
$ fft run
$ fft history show latest --markdown
> **Nothing changed: all 4 nodes are up to date.**
> run RUN, profile dev: 0 built · 4 skipped
--- file models/base.ff.sql
select 2 as "a|b"
---
--- file models/bad.ff.sql
select nothing_of_this_name as one
---
$ fft run --keep-going
exit 1
$ fft history show latest --markdown
~ bad.ff (models/bad.ff.sql:1:8) failed:
~ ```text
> ```mermaid
> flowchart LR
> n0["bad.ff<br/>SQL changed"]:::failed
> n1["base.ff<br/>SQL changed"]:::changed
> n2["under.ff"]:::blocked
> n3["mart.ff"]:::followed
> n0 --> n2
> n1 --> n3
> ```
> | FAILED | bad.ff | 1 | `sql_changed` | SQL changed: models/bad.ff.sql · its build failed |
> | BUILT | base.ff | 1 | `sql_changed` | SQL changed: models/base.ff.sql |
> 1 node followed: mart.ff
> 1 node not reached: under.ff
> <details>
> <summary>base.ff: SQL changed: models/base.ff.sql</summary>
$ fft history show latest --markdown --json
exit 2
~ cannot be used with
--- file project.yml
name: story
version: '1.0'
docs:
  url: https://example.com/dag
---
$ fft history show latest --markdown
~ [look at it](https://example.com/dag/runs/

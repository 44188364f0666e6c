# The same comparison as Markdown for a pull request: a sentence, a graph, a table, folded diffs. Foreign text stays text.
--- file models/base.ff.sql
select '`' as tick, 'a' as "a|b"
-- ````
---
--- file models/mart.ff.sql
select tick from {{ ref('base') }}
---
--- file models/bad.ff.sql
select 1 as one
---
$ fft run
$ fft diff latest latest --markdown
> **All nodes are the same.**
> fft diff run RUN → run RUN: 3 unchanged
--- file models/base.ff.sql
select '</details>' as tick, 'a' as "a|b"
-- ````
---
--- file models/bad.ff.sql
select nothing_of_this_name as one
---
$ fft run --keep-going
exit 1
$ fft diff latest~1 --markdown
> **3 of 3 nodes differ**: bad.ff: SQL changed: models/bad.ff.sql · its build failed; base.ff: SQL changed: models/base.ff.sql.
> fft diff run RUN → run RUN: 3 changed · 0 unchanged
> ```mermaid
> flowchart LR
> n0["base.ff<br/>SQL changed"]:::changed
> n1["bad.ff<br/>SQL changed"]:::failed
> n2["mart.ff"]:::followed
> n0 --> n2
> ```
> | | node | followed by | code | why |
> |---|---|---|---|---|
> | CHANGED | bad.ff | | `sql_changed` | SQL changed: models/bad.ff.sql · its build failed |
> | CHANGED | base.ff | 1 | `sql_changed` | SQL changed: models/base.ff.sql |
> 1 node followed: mart.ff
> <details>
> <summary>base.ff: SQL changed: models/base.ff.sql</summary>
> template models/base.ff.sql was modified
> `````diff
> -select '`' as tick, 'a' as "a|b"
> +select '</details>' as tick, 'a' as "a|b"
> -- ````
> `````
> </details>
$ fft diff latest~1 --markdown --json
exit 2
~ cannot be used with
--- file project.yml
name: story
version: '1.0'
docs:
  url: https://example.com/dag
---
$ fft diff latest~1 --markdown
~ [look at it](https://example.com/dag/runs/compare.html#before=

# The same comparison as Markdown for a pull request: a line, a table, folded diffs. Foreign text stays text.
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
> **fft diff** run RUN → run RUN: 3 unchanged
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
> **fft diff** run RUN → run RUN: 3 changed · 0 unchanged
> Roots of run RUN:
> - base.ff SQL changed: models/base.ff.sql → 2 rebuilt
> | | node | code | why |
> |---|---|---|---|
> | CHANGED | bad.ff | `sql_changed` | SQL changed: models/bad.ff.sql · its build failed |
> | CHANGED | base.ff | `sql_changed` | SQL changed: models/base.ff.sql |
> | CHANGED | mart.ff | `upstream_changed` | upstream changed: base.ff |
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

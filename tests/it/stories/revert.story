# Edited and taken back before the next run: there is nothing to do. Built in between: it is built again, and the
# difference stands the other way round.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
select 2 as id
---
--- file models/stg.ff.sql
select 1 as id
---
$ fft run
#: Two equal fingerprints mean that building a node again would give what its relation already holds, on any machine,
#: in any folder, at any time, as far as the node's inputs are seen: data that nothing watches is named as such and
#: never counted as equal.
? * skipped all_inputs_equal
--- file models/stg.ff.sql
select 2 as id
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
$ fft explain stg
> -select 1 as id
> +select 2 as id
--- file models/stg.ff.sql
select 1 as id
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
$ fft explain stg
> -select 2 as id
> +select 1 as id
# What is new and what is modified is told by the run's own computation: a run builds just that.
--- file models/stg.ff.sql
select 3 as id
---
--- file models/fresh.ff.sql
select 9 as id
---
$ fft ls --select state:modified
~ stg.ff
~ mart.ff
$ fft ls --select state:new
~ fresh.ff
$ fft run
? fresh.ff success first_build root
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade

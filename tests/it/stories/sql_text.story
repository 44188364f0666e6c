# A model is one query. What ends it, and what only looks like an end of it, is told apart as the engine does.
--- file models/m.ff.sql
select E'it\'s; ' || ';' as x, $$;$$ as y /* ; /* ; */ */ ; -- done;
;
---
$ fft run
! select * from analytics.m
> it's; ;|;
--- file models/e.ff.sql
{{ config(materialized='ephemeral') }}
select E'a\';' as x; -- an end
---
--- file models/m.ff.sql
select x from {{ ref('e') }};
---
$ fft run
! select * from analytics.m
> a';
--- file models/m.ff.sql
select 1 as x;
drop table nothing
---
$ fft ls
exit 2
~ error[several-statements]: `m.ff` holds more than one statement
~ --> models/m.ff.sql:2:1
~ a model is one query
--- file models/m.ff.sql
-- select 1
---
$ fft plan
exit 2
~ error[empty-model]: `m.ff` renders to no query
~ --> models/m.ff.sql
--- file models/m.ff.sql
select 1 as x
  /* to be continued
---
$ fft plan
exit 2
~ error[unclosed-text]: `m.ff` opens a comment that nothing closes
~ --> models/m.ff.sql:2:3

# A relation belongs to one node at a time. A seed and a model of one name take turns, as branches do: each finds what the
# other left, and builds.
--- file seeds/countries.csv
id,name
1,seed
---
--- file models/reader.ff.sql
select name from {{ ref('countries') }}
---
$ fft run
? * success first_build root
! select name from analytics.reader
> seed
--- delete seeds/countries.csv
--- file models/countries.ff.sql
select 1 as id, 'model' as name
---
$ fft run
? countries.ff success first_build root
? reader.ff success any
! select name from analytics.reader
> model
! select node_name from analytics._ff_meta where relation_name = 'countries'
> countries.ff
$ fft run
? * skipped all_inputs_equal
$ fft verify
# Back on the seed's branch: its record is as it was, what the database holds isn't.
--- delete models/countries.ff.sql
--- file seeds/countries.csv
id,name
1,seed
---
$ fft plan
~ relation holds another build: countries (built as countries.ff by run RUN)
$ fft run
? countries success relation_foreign root
? reader.ff success any
! select name from analytics.reader
> seed
$ fft run
? * skipped all_inputs_equal
$ fft verify
# And forth once more.
--- delete seeds/countries.csv
--- file models/countries.ff.sql
select 1 as id, 'model' as name
---
$ fft run
? countries.ff success relation_foreign root
? reader.ff success any
! select name from analytics.reader
> model
$ fft verify
# Rows of two nodes for one relation, as an earlier version left them: neither is believed, and that is said.
! insert into analytics._ff_meta select * replace ('countries' as node_name) from analytics._ff_meta where node_name = 'countries.ff'
$ fft verify
exit 1
~ which of countries and countries.ff built relation
$ fft plan
~ _ff_meta has a row for it of countries and countries.ff each
$ fft run
? countries.ff success relation_foreign root
? reader.ff skipped all_inputs_equal
$ fft verify
# Two models change their aliases with each other, one of them a view: each is built under its new name.
--- delete models/countries.ff.sql
--- delete models/reader.ff.sql
--- file models/a.ff.sql
{{ config(alias='left_one') }}select 'a' as who
---
--- file models/b.ff.sql
{{ config(alias='right_one', materialized='view') }}select 'b' as who
---
$ fft run
? * success any
--- file models/a.ff.sql
{{ config(alias='right_one') }}select 'a' as who
---
--- file models/b.ff.sql
{{ config(alias='LEFT_ONE', materialized='view') }}select 'b' as who
---
$ fft run
? * success config_changed root
! select l.who, r.who from analytics.left_one l, analytics.right_one r
> b|a
$ fft run
? * skipped all_inputs_equal
$ fft verify

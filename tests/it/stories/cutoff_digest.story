# What counts as the same rows: names and types of columns, and how often each row is there; not their order.
--- file project.yml
name: story
version: '1.0'
run: {cutoff: true}
---
--- file models/stg.ff.sql
select * from (values (1, 'a'), (1, 'a'), (2, 'b')) as t(id, name)
---
--- file models/mart.ff.sql
select count(*) as n from {{ ref('stg') }}
---
$ fft run
? * success first_build root
#: What a table gives is told by a digest that the database computes when the table is built: names and types of its
#: columns, and all rows whatever their order, each as often as it is there.
--- file models/stg.ff.sql
select * from (values (2, 'b'), (1, 'a'), (1, 'a')) as t(id, name)
---
$ fft run
? stg.ff success sql_changed root
? mart.ff skipped upstream_output_identical
--- file models/stg.ff.sql
select * from (values (2, 'b'), (2, 'b'), (1, 'a')) as t(id, name)
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
--- file models/stg.ff.sql
select * from (values (2, 'b'), (2, 'b'), (1, 'a')) as t(id, word)
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade
--- file models/stg.ff.sql
select * from (values (2::bigint, 'b'), (2, 'b'), (1, 'a')) as t(id, word)
---
$ fft run
? stg.ff success sql_changed root
? mart.ff success upstream_changed cascade

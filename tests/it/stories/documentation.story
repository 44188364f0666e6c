# Documentation changes nothing, nor does how lines end; a file that moves is another one, and says so.
--- file models/stg.ff.sql
{{ config(tags=['hourly']) }}
select 1 as id,
  2 as n
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
? * success first_build root
#: Tags, descriptions and `meta` are documentation and change nothing.
--- file models/stg.ff.sql
{{ config(tags=['daily'], meta={'owner': 'ada'}, description='One row.') }}
select 1 as id,
  2 as n
---
--- file models/stg.yml
version: 2
models:
  - name: mart.ff
    description: The mart.
    tags: [weekly]
    meta: {owner: grace}
---
$ fft run --select tag:daily tag:weekly
? * skipped all_inputs_equal
#: | `sql` | the model's path | the file moves, or the rendered SQL changes, nodes and sources standing in it by their own names (`‹ref:stg_users›`): where a relation lives is told by `config`, `source` and `upstream`; line ends and blanks at line ends don't count | SQL |
--- crlf models/stg.ff.sql
{{ config(tags=['daily']) }}
select 1 as id,  
  2 as n	
---
$ fft run
? * skipped all_inputs_equal
--- delete models/mart.ff.sql
--- file models/marts/mart.ff.sql
select id from {{ ref('stg') }}
---
$ fft run
~ SQL changed: models/marts/mart.ff.sql (file renamed)
? stg.ff skipped all_inputs_equal
? mart.ff success sql_changed root
#: A `config(…)` that is added to a template for them is a change of its white space, though.
--- file models/marts/mart.ff.sql
{{ config(tags=['weekly']) }}
select id from {{ ref('stg') }}
---
$ fft run
~ SQL changed: models/marts/mart.ff.sql (comments and white space only)
? stg.ff skipped all_inputs_equal
? mart.ff success sql_changed root
--- file models/stg.ff.sql
{{ config(alias='elsewhere') }}
select 1 as id,
  2 as n
---
$ fft run
? stg.ff success config_changed root
? mart.ff success upstream_changed cascade
$ fft explain mart -vv
~ select id from ‹ref:stg›

# The query for new rows may stand beside the model's own: in `config()`, in a file, or in YAML.
--- file project.yml
name: story
version: '1.0'
models:
  incremental:
    by_yaml:
      unique_key: id
      incremental: {enabled: true, delta_config: deltas/by_yaml.yml}
    by_project:
      unique_key: id
      delta_sql: "select id, came from {{ ref('events') }} where came >= (select max(came) from {{ this }})"
---
--- file deltas/by_file.sql
select id, came
from {{ ref('late') }}
where came >= (select max(came) from {{ this }})
---
--- file deltas/by_yaml.yml
on_schema_change: append_new_columns
sql: |
  select id, came, 'later' as how
  from {{ ref('events') }}
  where came >= (select max(came) from {{ this }})
---
--- file seeds/events.csv
id,came
1,2026-11-01
2,2026-11-02
---
--- file models/late.ff.sql
{{ config(materialized='view') }}
select id, came from {{ ref('events') }}
---
--- file models/inline.ff.sql
{{ config(
  materialized='incremental',
  unique_key='id',
  delta_sql="select id, came from {{ ref('events') }} where came > (select max(came) from {{ this }})",
) }}
select id, came from {{ ref('events') }}
---
--- file models/by_file.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'delta_sql': 'deltas/by_file.sql'}) }}
select id, came from {{ ref('events') }}
---
--- file models/by_yaml.ff.sql
select id, came from {{ ref('events') }}
---
--- file models/by_project.ff.sql
{{ config(materialized='incremental') }}
select id, came from {{ ref('events') }}
---
$ fft run
? * success first_build root
# What the query reads, the model reads.
$ fft ls --select +by_file
~ late.ff
--- file seeds/events.csv
id,came
1,2026-11-03
2,2026-11-02
3,2026-11-03
---
$ fft run
~ EXTEND inline.ff
~ EXTEND by_file.ff
~ EXTEND by_yaml.ff
~ EXTEND by_project.ff
~ columns added: how VARCHAR
! select id, how from analytics.by_yaml order by id
> 1|later
> 2|later
> 3|later
! select id, cast(came as varchar) from analytics.inline order by id
> 1|2026-11-03
> 2|2026-11-02
> 3|2026-11-03
$ fft run
? * skipped all_inputs_equal
# It is a part of the fingerprint.
--- file deltas/by_file.sql
select id, came
from {{ ref('late') }}
where came > (select max(came) from {{ this }})
---
$ fft run
~ rebuilt in full: SQL changed: models/by_file.ff.sql (incremental) (by deltas/by_file.sql)
? by_file.ff success sql_changed root
? * skipped all_inputs_equal
# What is wrong with it has its place.
--- file deltas/by_file.sql
select id, came
from {{ ref('late') }}
where cume > (select max(came) from {{ this }})
---
$ fft run
? by_file.ff success sql_changed root
? * skipped all_inputs_equal
--- append seeds/events.csv
4,2026-11-04
---
$ fft run -k
exit 1
~ --> deltas/by_file.sql:3:
--- file deltas/by_file.sql
select id, came
from {{ ref('lates') }}
---
$ fft plan
exit 2
~ `by_file.ff` refers to unknown node `lates`
~ --> deltas/by_file.sql:2:
--- file models/by_file.ff.sql
{{ config(materialized='incremental', unique_key='id', incremental={'delta_sql': 'deltas/nowhere.sql'}) }}
select id, came from {{ ref('events') }}
---
$ fft plan
exit 2
~ `delta_sql` names deltas/nowhere.sql, and there is no such file in the project that can be read
~ --> models/by_file.ff.sql:1:4

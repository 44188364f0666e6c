# exposures.yml says who uses what the project builds: it selects nodes, is told, and makes nothing out of date.
--- file models/stg.ff.sql
select 1 as id
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
--- file models/other.ff.sql
select 2 as id
---
$ fft run
? * success first_build root
--- file exposures.yml
version: 2
exposures:
  - name: weekly
    type: dashboard
    owner: {name: Ana, email: ana@x.org}
    url: https://x.org/weekly
    depends_on: [ref('mart'), {node: other.ff, columns: [id]}]
  - name: daily
    depends_on: [stg]
---
$ fft run
? * skipped all_inputs_equal
$ fft ls --select exposure:weekly
> other.ff
> mart.ff
$ fft ls --select +exposure:w*
> other.ff
> stg.ff
> mart.ff
$ fft ls -v --select exposure:daily+
~ models/stg.ff.sql  exposure:daily
~ models/mart.ff.sql  exposure:weekly
$ fft run --select +exposure:daily
? stg.ff skipped all_inputs_equal
? mart.ff,other.ff not_selected any
$ fft ls --select exposure:weekli
exit 2
~ `exposure:weekli` selects nothing
~ did you mean `weekly`?
--- file exposures.yml
exposures:
  - name: weekly
    depends_on: [ref('mart_users'), "source('crm', 'users')"]
---
$ fft check
exit 2
~ exposure `weekly` depends on `mart_users`, which isn't a node
~ exposures.yml:3:18
~ exposure `weekly` depends on the source `crm.users`, which isn't one
~ exposures.yml:3:37

# What a run does beside building: in order, with true numbers, for the models that are built and for no other.
--- file project.yml
name: sandbox
vars: {who: ops}
hooks:
  on_run_start:
    - name: make_tables
      kind: sql
      engines: [duckdb, postgres]
      sql: |
        create table if not exists log (at_ bigint, what text, node text, rows_ bigint, note text);
        insert into log values ((select count(*) from log), 'start; ''run''', NULL, NULL, {{ run.env_name | sql_literal }});
    - {name: elsewhere, kind: sql, engines: [postgres], sql: this is no SQL}
    - {name: of_prod, kind: sql, envs: [prod], sql: neither is this}
  on_run_end:
    - name: audit_end
      kind: sql
  before_model:
    - name: before
      kind: sql
      sql: >
        insert into log select count(*), 'before', {{ model.name | sql_literal }}, {{ model.rows_affected | sql_literal }},
        {{ var('who') | sql_literal }} from log
  after_model:
    - name: after
      kind: sql
      select: tag:audited
      params: {level: 3}
      sql: |
        insert into log
          select count(*), 'after', {{ node.name | sql_literal }}, {{ model.rows_affected }}, {{ (model.status ~ params.level) | sql_literal }} from log;
        insert into log select count(*), 'rows', NULL, (select count(*) from {{ this }}), NULL from log
---
--- file hooks/deep/audit_end.sql
-- Told once; of a run: {{ when }}.
insert into log
select count(*), 'end', NULL, {{ run.row_count }},
       {{ (run.status ~ ' ' ~ stats.models_built ~ ' ' ~ stats.models_skipped ~ ' ' ~ stats.models_failed) | sql_literal }}
from log
where {{ run.error | sql_literal }} is null and {{ run.run_id | sql_literal }} like '20%';
---
--- file seeds/s.csv
id
1
2
---
--- file models/a.ff.sql
{{ config(tags=['audited']) }}select id from {{ ref('s') }}
---
--- file models/b.ff.sql
{{ config(materialized='view') }}select id from {{ ref('a') }}
---
$ fft plan
~ hooks: on_run_start make_tables · before_model before (2 models) · after_model after (1 model) · on_run_end audit_end
$ fft run
~ ✓ HOOK make_tables 1 row
~ ✓ HOOK audit_end 1 row
? * success first_build root
! select what, node, rows_, note from analytics.log order by at_
> start; 'run'|null|null|dev
> before|a.ff|null|ops
> after|a.ff|2|success3
> rows|null|2|null
> before|b.ff|null|ops
> end|null|4|success 3 0 0
# Models that are skipped run none; those of the run are the run's, whatever it builds.
$ fft run
~ all 3 nodes are up to date
? * skipped all_inputs_equal
! select what, note from analytics.log where at_ > 5 order by at_
> start; 'run'|dev
> end|success 0 3 0
# They are no input of any node.
--- file hooks/deep/audit_end.sql
insert into log select count(*), 'other', NULL, NULL, NULL from log
---
$ fft run
? * skipped all_inputs_equal
! select what from analytics.log where at_ = 9
> other
# A run of seeds alone has none.
$ fft seed --full-refresh
! select count(*) from analytics.log
> 10

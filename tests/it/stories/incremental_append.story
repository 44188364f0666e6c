# Rows that are only added: none is lost and none comes twice, though several have the time at the boundary.
--- file seeds/log.csv
came,what
2026-11-01,a
2026-11-02,b
2026-11-02,b
---
--- file models/kept.ff.sql
{{ config(materialized='incremental', incremental={'strategy': 'append', 'updated_at_column': 'came'}) }}
select came, what from {{ ref('log') }}
---
$ fft run
? * success first_build root
--- file seeds/log.csv
came,what
2026-11-01,a
2026-11-02,b
2026-11-02,b
2026-11-02,b
2026-11-02,c
2026-11-03,d
---
$ fft run
~ rows with came >= 2026-11-02 (3 new)
! select cast(came as varchar), what, count(*) from analytics.kept group by all order by all
> 2026-11-01|a|1
> 2026-11-02|b|3
> 2026-11-02|c|1
> 2026-11-03|d|1
# Something that changes no row of it is read again and adds nothing.
--- append seeds/log.csv
2026-11-01,too late
---
$ fft run
~ rows with came >= 2026-11-03 (none new)
! select count(*) from analytics.kept
> 6

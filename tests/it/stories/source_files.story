# A source that is read from files is an input by what they hold: rows added, a file that came or went make its readers
# out of date, and nothing has to be declared. Paths count from the project, in views too, wherever those are read from.
--- file raw/flights/2013-01.csv
id,origin
1,EWR
2,JFK
---
--- file raw/planes.csv
tail,seats
N1,100
---
--- file sources.yml
version: 2
sources:
  - name: raw
    tables:
      - {name: flights, location: raw/flights/*.csv}
      - {name: planes, location: [raw/planes.csv], format: csv}
---
--- file models/stg.ff.sql
{{ config(materialized='view') }}
select id from {{ source('raw', 'flights') }}
---
--- file models/fct.ff.sql
select count(*) as n from {{ ref('stg') }}
---
--- file models/planes.ff.sql
select seats from {{ source('raw', 'planes') }}
---
$ fft run
? * success first_build root
! select n from analytics.fct
> 2
! select id from analytics.stg order by id
> 1
> 2
$ fft run
? * skipped all_inputs_equal
--- file raw/flights/2013-02.csv
id,origin
3,LGA
---
$ fft plan
#: | `source_data_changed` | such a table, or its files, hold other data: see [sources](sources.md#when-its-data-changed) |
~ source data changed: raw.flights (+ raw/flights/2013-02.csv)
$ fft run
? stg.ff success source_data_changed root
? fct.ff success upstream_changed cascade
? planes.ff skipped all_inputs_equal
! select n from analytics.fct
> 3
--- append raw/planes.csv
N2,200
---
$ fft run
~ source data changed: raw.planes (raw/planes.csv 18 → 25 bytes)
? planes.ff success source_data_changed root
? stg.ff,fct.ff skipped all_inputs_equal
--- delete raw/flights/2013-01.csv
$ fft run
~ source data changed: raw.flights (− raw/flights/2013-01.csv)
? stg.ff success source_data_changed root
? fct.ff success upstream_changed cascade
? planes.ff skipped all_inputs_equal
! select n from analytics.fct
> 1
$ fft verify
~ all of it agrees
# A file that is gone is an error with its place before anything is built; a run of other nodes goes on.
--- delete raw/planes.csv
$ fft run
exit 2
~ error[source-missing]: no file is at `raw/planes.csv`, where source `raw.planes` is
~ --> sources.yml:6:9
$ fft run --select stg fct
? stg.ff,fct.ff skipped all_inputs_equal
? planes.ff not_selected not_selected

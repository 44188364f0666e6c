# Line ends of another system: the texts are read, and changing them is not a change of SQL that goes unnamed.
--- crlf project.yml
name: story
version: '1.0'
---
--- crlf seeds/people.csv
id,name
1,Ada
2,Grace
---
--- crlf models/stg.ff.sql
{{ config(materialized='table') }}
select id, name
from {{ ref('people') }}
---
--- crlf .env
FF_REGION=north
---
$ fft run
? * success first_build root
! select id, name, length(name) from analytics.stg order by id
> 1|Ada|3
> 2|Grace|5
$ fft run
? * skipped all_inputs_equal
# A value of a .env file has no line end of any kind.
$ FF_REGION=north fft run
? * skipped all_inputs_equal

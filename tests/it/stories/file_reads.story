# Files that a query names itself are inputs like those of sources; where it isn't known which it reads, it says so.
--- file data/x.csv
id
1
---
--- file data/y.csv
id
5
---
--- file models/named.ff.sql
select id from read_csv('data/x.csv', header = true)
---
--- file models/direct.ff.sql
select a.id from 'data/x.csv' as a
---
--- file models/computed.ff.sql
select id from read_csv('data/' || 'y.csv')
---
--- file models/below.ff.sql
select id from {{ ref('named') }}
---
$ fft run
~ not watched: read_csv(…) (which file it reads isn't known before it runs)
? * success first_build root
$ fft run
? named.ff,direct.ff,below.ff skipped all_inputs_equal
? computed.ff success source_unwatched root
--- append data/x.csv
2
---
$ fft run
#: | `file_changed` | a file that its SQL names holds other data |
~ file changed: data/x.csv (data/x.csv 5 → 7 bytes)
? named.ff,direct.ff success file_changed root
? below.ff success upstream_changed cascade
? computed.ff success source_unwatched root
! select (select count(*) from analytics.below), (select count(*) from analytics.direct)
> 2|2
--- delete data/x.csv
$ fft run --keep-going
exit 1
? named.ff,direct.ff error file_changed root
? below.ff blocked upstream_failed cascade
? computed.ff success source_unwatched root

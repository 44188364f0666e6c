# A snapshot keeps every version of each row: versions are added and ended, and none is ever taken away unasked.
--- file seeds/people.csv
id,name,city
1,Ada,London
2,Grace,New York
3,Radia,Boston
---
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key='id', strategy='check', check_cols=['name', 'city'], hard_deletes='close') }}
select id, name, city from {{ ref('people') }}
---
--- file models/mart.ff.sql
select count(*) as versions from {{ ref('snap') }}
---
# A run leaves it to its own verb, and says so.
$ fft run --keep-going
exit 1
#: | `snapshot_left` | it is a snapshot, and `fft run` builds none: `fft snapshot run` does |
~ 1 snapshot left to `fft snapshot run`: snap.ff
~ hint: it reads the snapshot snap.ff, which `fft snapshot run` is yet to make
? snap.ff not_selected snapshot_left
? people success first_build root
? mart.ff error first_build root
$ fft snapshot run --dry-run
> snap.ff: 3 new versions, 0 closed, 0 unchanged · first build
~ this was a dry run: nothing was kept
! select count(*) from information_schema.tables where table_name = 'snap'
> 0
$ fft snapshot run
~ 3 new versions, 0 closed, 0 unchanged · first build
? snap.ff success first_build root
? people,mart.ff not_selected not_selected
! select id, name, city, _ff_valid_to is null, _ff_is_current from analytics.snap order by 1
> 1|Ada|London|true|true
> 2|Grace|New York|true|true
> 3|Radia|Boston|true|true
$ fft run
? people skipped all_inputs_equal
? snap.ff not_selected snapshot_left
? mart.ff success first_build root
! select versions from analytics.mart
> 3
# Over the same rows it is skipped with proof, and run in spite of that it changes nothing.
$ fft snapshot run
? snap.ff skipped all_inputs_equal
? people,mart.ff not_selected not_selected
$ fft snapshot run --rebuild snap
~ 0 new versions, 0 closed, 3 unchanged · forced by --rebuild
? snap.ff success forced root
? people,mart.ff not_selected not_selected
# One row is another, one is new, one is gone.
--- file seeds/people.csv
id,name,city
1,Ada,Paris
2,Grace,New York
4,Barbara,Boston
---
$ fft seed
? people success seed_changed root
? snap.ff,mart.ff not_selected not_selected
$ fft snapshot run --dry-run
> snap.ff: 2 new versions, 2 closed, 1 unchanged · ← people
! select count(*) from analytics.snap
> 3
$ fft snapshot run
#: What it did is told in numbers: versions that were added, versions that ended, and rows of which no version was added.
~ 2 new versions, 2 closed, 1 unchanged
? snap.ff success upstream_changed cascade
? people,mart.ff not_selected not_selected
! select id, city, _ff_is_current from analytics.snap order by id, _ff_valid_from
> 1|London|false
> 1|Paris|true
> 2|New York|true
> 3|Boston|false
> 4|Boston|true
# The end of a version is the beginning of the next one.
! select count(*) from analytics.snap a join analytics.snap b on a.id = b.id and a._ff_valid_to = b._ff_valid_from
> 1
# What reads it is built again: its rows depend on what was read before, too.
$ fft run
? people skipped all_inputs_equal
? snap.ff not_selected snapshot_left
? mart.ff success any
! select versions from analytics.mart
> 5
# Back to rows that were there before: the fingerprint is an old one, the rows aren't.
--- file seeds/people.csv
id,name,city
1,Ada,London
2,Grace,New York
3,Radia,Boston
---
$ fft seed
$ fft snapshot run
~ 2 new versions, 2 closed, 1 unchanged
$ fft run
? people skipped all_inputs_equal
? snap.ff not_selected snapshot_left
? mart.ff success any
! select versions from analytics.mart
> 7
# A column that joins is added, and one that goes stays in the table.
--- file models/snap.ff.sql
{{ config(materialized='snapshot', unique_key=['id'], snapshot={'strategy': 'check', 'check_cols': 'all', 'hard_deletes': 'close'}) }}
select id, name, length(name) as letters from {{ ref('people') }}
---
$ fft snapshot run
~ 3 new versions, 3 closed, 0 unchanged
! select id, city, letters from analytics.snap where _ff_is_current order by 1
> 1|null|3
> 2|null|5
> 3|null|5
! select count(*) from analytics.snap where city = 'Paris'
> 1
# Old versions go where that is asked for.
$ fft snapshot run --prune --keep-last 2 --dry-run
~ snap.ff: 0 new versions, 0 closed, 3 unchanged, 3 pruned
$ fft snapshot run --prune --keep-last 2
#: | `prune_asked` | `--prune` asks for a snapshot's old versions to be deleted, and this is one |
~ 0 new versions, 0 closed, 3 unchanged, 3 pruned · versions to be pruned (the last 2 of each row are kept)
? snap.ff success prune_asked root
? people,mart.ff not_selected not_selected
! select id, count(*) from analytics.snap group by 1 order by 1
> 1|2
> 2|2
> 3|2
> 4|1
$ fft snapshot run
? snap.ff skipped all_inputs_equal
? people,mart.ff not_selected not_selected

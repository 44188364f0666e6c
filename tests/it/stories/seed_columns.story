# Every seed's table gets three columns of fft's own, unless the project or the seed is without them.
--- file seeds/s.csv
id,n
1,a
---
--- file models/m.ff.sql
select a.* from {{ ref('s') }} a
union all
select 2, 'b'
---
$ fft run --keep-going
exit 1
~ hint: `*` of the seed `s` includes _ff_seed_id, _ff_seed_file and _ff_loaded_at: name the columns, or set `meta_columns: false`
? s success first_build root
? m.ff error first_build root
--- file project.yml
name: story
version: '1.0'
seeds: {meta_columns: false}
---
$ fft run
#: | `config_changed` | a setting that changes what is built is different; of a seed also its declared types, its delimiter, `meta_columns` |
~ config changed: meta_columns
? s success config_changed root
? m.ff success any
! select * from analytics.m order by id
> 1|a
> 2|b
$ fft run
? * skipped all_inputs_equal
--- file seeds/schema.yml
seeds:
  - name: s
    meta_columns: true
---
--- file models/m.ff.sql
select _ff_seed_id, _ff_seed_file from {{ ref('s') }}
---
$ fft run
? s success config_changed root
? m.ff success any
! select * from analytics.m
> s|seeds/s.csv

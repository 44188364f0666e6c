# Values reach SQL as they are written, or are an error that says to put them in quotes.
--- file project.yml
name: story
vars:
  zip: 01234
  big: 12345678901234567890123
  price: 1.10
  flag: no
  day: 2026-01-02
---
--- file models/m.ff.sql
select '{{ var('zip') }}/{{ var('big') }}/{{ var('price') }}/{{ var('flag') }}/{{ var('day') }}' as x
---
$ fft run
exit 2
~ error[ambiguous-value]: var `zip` is a number that isn't kept as it is written
~ --> project.yml:3:8
~ hint: write it in quotes to keep it as it is
~ --> project.yml:4:8
~ --> project.yml:5:10
~ var `flag` is text to some readers of YAML, and true or false to others
> 4 problems; nothing was run
--- file project.yml
name: story
vars:
  zip: '01234'
  big: "12345678901234567890123"
  price: '1.10'
  flag: 'no'
  day: 2026-01-02
---
$ fft run
! select * from analytics.m
> 01234/12345678901234567890123/1.10/no/2026-01-02
# The command line gives text where a number wouldn't be kept.
$ fft run --vars zip=007 big=98765432109876543210987 price=2.50 flag=1e5
! select * from analytics.m
> 007/98765432109876543210987/2.50/1e5/2026-01-02
$ fft run --vars zip=[1,2.50]
exit 2
~ `2.50` in `--vars zip=…` isn't kept as it is written
~ write it in quotes
# A number in the place of a text is the text that it is written as, for all who read it.
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: .local/story.duckdb
    schema: 2024
---
--- file seeds/people.csv
id
1
---
--- file sources.yml
version: 2
sources:
  - name: raw
    schema: 2024
    tables: [{name: people}]
---
--- file models/n.ff.sql
select * from {{ source('raw', 'people') }}
---
$ fft run
? * success any
! select id from "2024".n
> 1
# .env files are read as shells and other readers do, or a line is an error.
--- file .env
FF_COLOR=#ff0000
---
--- file models/c.ff.sql
select '{{ env('FF_COLOR') }}' as x
---
$ fft run
! select * from "2024".c
> #ff0000
--- file .env
FF_COLOR= #ff0000
FF_HOME=${HOME}/x
---
$ fft run
exit 2
~ what follows `FF_COLOR=` may be a value or a comment
~ --> .env:1
~ `${…}` in the value of `FF_HOME` isn't expanded
~ --> .env:2

# `freshness` of a source says how old its data may get; `fft source freshness` looks, and what it found selects nodes.
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! create schema raw
! create table raw.users as select 1 as id, now()::timestamp - interval 90 minute as updated_at
! create table raw.orders as select 1 as id, now()::timestamp - interval 50 hour as "at"
! create table raw.events as select strftime(now()::timestamp - interval 10 minute, '%Y-%m-%d %H:%M:%S') as day
! create table raw.visits as select now()::timestamp - interval 20 minute as visited
! create table raw.empty (updated_at timestamp)
! create table raw.countries as select 1 as id
--- file sources.yml
version: 2
sources:
  - name: crm
    schema: raw
    freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 1, period: day}}
    tables:
      - {name: users, loaded_at_field: updated_at}
      - {name: orders, loaded_at_field: '"at"', freshness: {warn_after: ~}}
      - {name: events, loaded_at_query: "select max(day) from raw.events"}
      - {name: visits, freshness: {loaded_at_field: visited}}
      - {name: empty, loaded_at_field: updated_at}
      - {name: countries, freshness: null}
  - name: files
    tables:
      - {name: today, location: today.csv, freshness: {warn_after: {count: 1, period: hour}}}
---
--- file today.csv
id
1
---
--- file models/stg.ff.sql
select id from {{ source('crm', 'users') }}
---
--- file models/mart.ff.sql
select id from {{ ref('stg') }}
---
--- file models/old.ff.sql
select id from {{ source('crm', 'orders') }}
---
$ fft run
? stg.ff,mart.ff,old.ff success first_build root
? alone.ff skipped all_inputs_equal
$ fft ls --select source_status:error
~ nothing to do
$ fft source freshness
exit 1
> ✗ ERROR  crm.empty    it has no data  sources.yml:11:9
> ✓ PASS   crm.events   10 min old; warns after 1 h, fails after 1 d
> ✗ ERROR  crm.orders   2 d 2 h old; fails after 1 d  sources.yml:8:9
> ! WARN   crm.users    1 h 30 min old; warns after 1 h, fails after 1 d  sources.yml:7:9
> ✓ PASS   crm.visits   20 min old; warns after 1 h, fails after 1 d
~ ✓ PASS   files.today
> 6 sources looked at: 2 too old or of no known age, 1 to be warned of, 3 fresh
# Nodes are selected by the sources that they read.
$ fft ls --select source_status:error+
> old.ff
$ fft ls --select source_status:warn+
> stg.ff
> mart.ff
# Who asks for a part keeps what is known of the rest.
! update raw.users set updated_at = now()::timestamp
$ fft source freshness --select crm.users source:files
~ ✓ PASS   crm.users
> 2 sources looked at: 2 fresh
$ fft ls --select source_status:pass
> stg.ff
$ fft ls --select source_status:error
> old.ff
# A time of its own makes nothing out of date, and neither does another limit.
--- append sources.yml
# nothing
---
$ fft source freshness --select crm.visits --json
~ "status": "pass"
~ "period": "hour"
# What can't be told is an error of its source alone.
! drop table raw.visits
$ fft source freshness --select crm.visits crm.events
exit 1
~ ✗ ERROR  crm.visits  its age can't be told:
~ ✓ PASS   crm.events
$ fft source freshness --select crm.countries
~ no source that is meant says how old its data may get
$ fft source freshness --select crm.user
exit 2
~ no source is called `crm.user`
~ did you mean `crm.users`?
$ fft ls --select source_status:stale
exit 2
~ `stale` is none of pass, warn, error

# A unit test gives rows for what a model reads, and says which rows the model must give of them. Nothing is built for it.
--- file seeds/countries.csv
code,name
de,Germany
---
--- file sources.yml
version: 2
sources:
  - name: crm
    schema: landing
    tables:
      - name: users
---
--- file models/users.ff.sql
{{ config(materialized='ephemeral') }}
select id, lower(email) as email, born from {{ source('crm', 'users') }}
---
--- file models/orders.ff.sql
{{ config(materialized='incremental', unique_key='id') }}
select id, user_id, amount from raw_orders {% if is_incremental() %}where id > 10{% endif %}
---
--- file models/marts/enriched.ff.sql
{{ config(materialized='incremental', unique_key='id', schema='marts') }}
select u.id, u.email, c.name as country, sum(o.amount) as total, date_trunc('year', u.born) as year
from {{ ref('users') }} u
left join {{ ref('orders') }} o on o.user_id = u.id
left join {{ ref('countries') }} c on c.code = {{ env('FF_COUNTRY', "'de'") }}
{% if is_incremental() %}where u.id > (select max(id) from {{ this }}){% endif %}
group by all
---
--- file tests/unit/enriched.yml
model: enriched
defaults:
  inputs:
    crm.users:
      rows:
        - {id: 1, email: "A@x.org", born: 2001-05-06}
        - {id: 2, email: "", born: 2002-01-01}
    orders:
      columns: {id: integer, user_id: integer, amount: 'decimal(10, 2)'}
      rows: []
    countries: {csv: countries.csv}
  expect:
    relation: enriched
    order_by: [id]
cases:
  - name: nobody has bought
    expect:
      rows:
        - {id: 1, email: a@x.org, country: Germany, total: null, year: 2001-01-01}
        - {id: 2, email: "", country: Germany, total: null, year: 2002-01-01}
  - name: amounts are added up
    inputs:
      orders:
        rows:
          - {id: 1, user_id: 1, amount: 19.9}
          - {id: 2, user_id: 1, amount: 0.10}
    expect:
      approx: {total: 0.001}
      subset: true
      rows:
        - {id: 1, total: 20}
---
--- file tests/unit/countries.csv
code,name
de,Germany
---
$ fft utest
> ✓ PASS  enriched.ff · nobody has bought  N ms
> ✓ PASS  enriched.ff · amounts are added up  N ms
> 2 unit tests: 2 passed
# Nothing was built, and no database was made.
$ fft ls -v --select state:new
~ enriched.ff
# What passed with everything the same is skipped with that proof.
$ fft utest
~ ○ SKIP  enriched.ff · nobody has bought  passed
~ with the same model, rows and expectation
> 2 unit tests: 2 skipped: passed with everything the same
$ fft utest --cache off --case 'x'
exit 2
~ no case is called `'x'`
$ FF_COUNTRY=at fft utest --model enriched --cache ro
exit 1
~ ✗ FAIL  enriched.ff · nobody has bought
~ Parser Error
~ models/marts/enriched.ff.sql:7:1
~ | group by all
# A case that fails says which cells differ.
--- file tests/unit/enriched.yml
model: enriched.ff
cases:
  - name: wrong
    inputs:
      users: {rows: []}
---
$ fft utest
exit 2
~ the input `users` has no row, and nothing tells its columns
~ the case `wrong` expects neither `rows` nor `csv`
--- file tests/unit/enriched.yml
model: enriched.ff
cases:
  - name: wrong
    inputs:
      users: {rows: [{id: 1}]}
      crm.users: {rows: [{id: 1, email: B@x.org, born: 2000-01-01}, {id: 2, email: null, born: null}]}
      orderz: {rows: [{id: 1}]}
    expect: {relation: enrichd, rows: [{id: 1}]}
---
$ fft utest
exit 2
~ `users` is ephemeral: its text is part of `enriched.ff`, and no rows stand for it
~ tests/unit/enriched.yml:5:7
~ `enriched.ff` reads nothing that is called `orderz`
~ tests/unit/enriched.yml:7:7
~ did you mean `orders`?
~ the case `wrong` gives no rows for `countries`, which `enriched.ff` reads
~ `enriched.ff` builds `enriched`, not `enrichd`
~ tests/unit/enriched.yml:8:24
--- file tests/unit/enriched.yml
model: enriched.ff
cases:
  - name: wrong
    inputs:
      crm.users: {rows: [{id: 1, email: B@x.org, born: 2000-01-01}, {id: 2, email: null, born: null}]}
      orders: {rows: [{user_id: 2, amount: 3}]}
      countries: {csv: countries.csv}
    expect:
      order_by: id
      rows:
        - {id: 1, email: b@x.org, total: null, country: Germany}
        - {id: 2, email: null, total: 4, country: Germany}
        - {id: 3, email: x, total: 1, country: Germany}
---
$ fft utest --junit out/utest.xml
exit 1
~ ✗ FAIL  enriched.ff · wrong  1 row with other values, 1 row missing, column that nobody expects: `year`  tests/unit/enriched.yml:3:5
>     id │ email   │ total │ country
>     1  │ b@x.org │ null  │ Germany
>   ~ 2  │ null    │ 4 → 3 │ Germany
>   - 3  │ x       │ 1     │ Germany
> 1 unit test: 1 failed
# An expected column that isn't there has its place.
--- append tests/unit/enriched.yml
  - name: column
    inputs:
      crm.users: {rows: [{id: 1, email: B@x.org, born: 2000-01-01}]}
      orders: {rows: [{user_id: 2, amount: 3}]}
      countries: {csv: countries.csv}
    expect:
      rows: [{id: 1, totl: null}]
---
$ fft utest --case column
exit 1
~ the model gives no column `totl`
~ tests/unit/enriched.yml:20:22
~ did you mean `total`?
# A model that there isn't, and files that the tests don't have.
--- file tests/unit/other.yml
model: enrichd
engine: postgres
cases:
  - name: a
    expect: {rows: []}
---
$ fft utest --path tests/unit/other.yml
~ it is for postgres
--- file tests/unit/other.yml
model: enrichd
cases:
  - name: a
    expect: {rows: []}
---
$ fft utest --path tests/unit/other.yml
exit 2
~ no model is called `enrichd`
~ tests/unit/other.yml:1:8
~ did you mean `enriched`?

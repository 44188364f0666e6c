# A cycle is told as the path, and nothing is built. So is a name that isn't there, with the nearest one.
--- file models/a.ff.sql
select id from {{ ref('c') }}
---
--- file models/b.ff.sql
select id from {{ ref('a') }}
---
--- file models/c.ff.sql
select id from {{ ref('b') }}
---
$ fft run
exit 2
~ error[cycle]
~ a.ff → b.ff → c.ff → a.ff
--- file models/c.ff.sql
select id from {{ ref('bb') }}
---
$ fft run
exit 2
~ error[unknown-ref]
~ models/c.ff.sql:1:19
~ did you mean
# A name that only exists when the template runs would be a missing edge.
--- file models/c.ff.sql
{% set name = 'b' %}
select id from {{ ref(name) }}
---
$ fft run
exit 2
~ models/c.ff.sql:2

# A template that would take the machine's memory or time ends with an error and a place, whatever the command; so does
# one that nests too deep.
--- file models/m.ff.sql
select 1 as a
{{ 'a
b' | indent(9999999999) }}
---
$ fft ls
exit 2
~ error[template-limit]: the template does more than a template may
~ --> models/m.ff.sql:3:6
--- file models/m.ff.sql
select 1 as a
{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}
---
$ fft plan
exit 2
~ error[template-limit]
~ --> models/m.ff.sql:2
--- file models/m.ff.sql
{% set ns = namespace(x='aaaaaaaa') %}
{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}select 1 as a
---
$ fft run
exit 2
~ error[template-limit]
--- file models/m.ff.sql
select 1 as a
---
--- file profiles.yml
dev:
  engine: duckdb
  duckdb:
    path: {% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}
---
$ fft ls
exit 2
~ error[template-limit]
~ --> profiles.yml:4

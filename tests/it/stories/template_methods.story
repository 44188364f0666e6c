# Methods of texts, lists and maps are those that Jinja2's templates call; one that there isn't says what to write.
--- file models/m.ff.sql
{% set d = {'a': 1, 'b': 2} %}select {% for k, v in d.items() %}{{ v }} as {{ k }}{% if not loop.last %}, {% endif %}{% endfor %}, '{{ 'x,y'.split(',')[1].upper() }}' as c
---
$ fft run
! select * from analytics.m
> 1|2|Y
--- file models/m.ff.sql
{% set names = [] %}
{% do names.append('a') %}
select 1 as a
---
$ fft run
exit 2
~ error[template]: a list has no method `append`
~ --> models/m.ff.sql:2
~ {% set ns.xs = ns.xs + [x] %}
--- file models/m.ff.sql
select {{ 'a'.uper() }} as a
---
$ fft run
exit 2
~ did you mean `upper`?

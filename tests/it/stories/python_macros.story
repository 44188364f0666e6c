# Functions of models/macros_py/ are globals and filters of templates. What one gave is remembered: Python is started for
# what nobody asked before, and for nothing else.
--- file models/macros_py/deep/helpers.py
import re

SEPARATOR = "-"


def slugify(value):
    return re.sub(r"[^a-z0-9]+", SEPARATOR, value.strip().lower())


def csv_values(rows, cols):
    return ", ".join("(" + ", ".join(_lit(row.get(col)) for col in cols) + ")" for row in rows)


def _lit(value):
    return "NULL" if value is None else repr(value)


def unused():
    return open("/nowhere/at/all").read()
---
--- file models/macros/m.sql
{% macro slug_of(x) %}{{ slugify(x) }}{% endmacro %}
---
--- file models/labels.ff.sql
select domain, label, '{{ "My  Site!" | slugify }}' as site, '{{ slug_of("A B") }}' as other
from (values {{ csv_values([{"d": "a.com", "l": "in"}, {"d": "b.com", "l": none}], ["d", "l"]) }}) as t(domain, label)
---
--- file models/plain.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
! select domain, site, other from analytics.labels order by 1
> a.com|my-site-|a-b
> b.com|my-site-|a-b
# Without a Python on the path, what was asked before is known.
$ PATH=/nowhere fft run
? * skipped all_inputs_equal
# A function that is edited is a cause with its name.
--- file models/macros_py/deep/helpers.py
import re

SEPARATOR = "_"


def slugify(value):
    return re.sub(r"[^a-z0-9]+", SEPARATOR, value.strip().lower())


def csv_values(rows, cols):
    return ", ".join("(" + ", ".join(_lit(row.get(col)) for col in cols) + ")" for row in rows)


def _lit(value):
    return "NULL" if value is None else repr(value)
---
$ fft run
~ macro slugify in models/macros_py/deep/helpers.py
? labels.ff success sql_changed root
? plain.ff skipped all_inputs_equal
! select site from analytics.labels where domain = 'a.com'
> my_site_
# What fails has its place in the template, and in Python.
--- append models/plain.ff.sql
, {{ slugify(1) }} as two
---
$ fft run
exit 2
~ `slugify` failed: AttributeError
~ models/plain.ff.sql:2
~ models/macros_py/deep/helpers.py

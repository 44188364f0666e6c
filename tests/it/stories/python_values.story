# Values pass through a Python model as they are, or are an error of their column. No package is needed for these.
--- file models/a.ff.sql
select 340282366920938463463374607431768211455::uhugeint as whole, 18446744073709551615::ubigint as large,
       123456789012345678901234567890123456.78::decimal(38,2) as money, 'nan'::double as none, 'inf'::double as much,
       time '12:34:56.789' as hour, date '0001-01-01' as day, timestamptz '2020-01-01 00:00:00.000001+00' as moment,
       'a\x00'::blob as bytes, 'é' as text, null::integer as missing, '0101'::bit as bits
---
--- file models/m.ff.py
from fastflowtransform import model


@model(name="m", deps=["a.ff"])
def build(a: list) -> list:
    return a
---
$ fft run
? * success first_build root
! select count(*) from (select columns(*)::varchar from analytics.a intersect all select columns(*)::varchar from analytics.m)
> 1
--- file models/m.ff.py
from fastflowtransform import model


@model(name="m", deps=["a.ff"])
def build(a: list) -> list:
    return [{"k\0": 1}]
---
$ fft run
exit 1
~ the model gives a column whose name holds a NUL character
? m error python_changed root
? a.ff skipped all_inputs_equal
--- file models/a.ff.sql
select [1::uhugeint] as wholes
---
$ fft run
exit 1
~ column `wholes` of type UHUGEINT[] can't be handed to Python
~ cast it to text
? a.ff success sql_changed root
? m error python_changed mixed

# A Python model gives what is new; it is told how far its table has come.
--- file seeds/events.csv
id,v,came
1,a,2026-11-01
2,b,2026-11-02
---
--- file models/kept.ff.py
from fastflowtransform import is_incremental, model, watermark


@model(name="kept", deps=["events"], materialized="incremental", unique_key="id")
def build(rows: list) -> list:
    since = watermark("came")
    how = "later" if is_incremental() else "first"
    return [{"id": row["id"], "v": row["v"], "came": row["came"], "how": how}
            for row in rows if since is None or str(row["came"]) >= since]


@model(name="whole", deps=["events"], materialized="incremental",
       meta={"incremental": {"strategy": "append", "updated_at_column": "came"}})
def whole(rows: list) -> list:
    return [{"came": row["came"], "v": row["v"]} for row in rows]
---
$ fft run
? * success first_build root
--- file seeds/events.csv
id,v,came
1,z,2026-11-01
2,c,2026-11-02
3,d,2026-11-03
---
$ fft run
~ extended: upstream changed: events · rows with came >= 2026-11-02 (1 new, 1 updated)
~ extended: upstream changed: events · rows with came >= 2026-11-02 (2 new)
? events success seed_changed root
? kept,whole success upstream_changed cascade
! select id, v, how from analytics.kept order by id
> 1|a|first
> 2|c|later
> 3|d|later
! select v from analytics.whole order by v
> a
> b
> c
> d
$ fft run
? * skipped all_inputs_equal
# Its code builds it in full.
--- file models/kept.ff.py
from fastflowtransform import model


@model(name="kept", deps=["events"], materialized="incremental", unique_key="id", incremental={"strategi": "merge"})
def build(rows: list) -> list:
    return rows
---
$ fft run
exit 2
~ unknown key `strategi` in `incremental`
~ --> models/kept.ff.py:5

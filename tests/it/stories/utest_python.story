# Python models are tried as SQL models are: over the rows that are given, and without their relations.
--- file models/scores.ff.py
from fastflowtransform import model, var


@model(name="scores", deps=["users.ff", "points"])
def build(users: list, points: list) -> list:
    print("tried", len(users))
    total = {}
    for point in points:
        total[point["user_id"]] = total.get(point["user_id"], 0) + point["points"]
    return [{"id": user["id"], "score": total.get(user["id"], 0) * var("factor", 1)} for user in users]
---
--- file models/users.ff.sql
select 7 as id
---
--- file seeds/points.csv
user_id,points
7,1
---
--- file tests/unit/deep/scores.yml
model: scores
cases:
  - name: points are added up
    inputs:
      users.ff: {rows: [{id: 1}, {id: 2}]}
      points: {rows: [{user_id: 1, points: 2}, {user_id: 1, points: 3}]}
    expect:
      rows: [{id: 2, score: 0}, {id: 1, score: 5}]
---
$ fft utest
~ ✓ PASS  scores · points are added up
> 1 unit test: 1 passed
$ fft utest
> 1 unit test: 1 skipped: passed with everything the same
$ fft utest --vars factor=2
exit 1
~ ~ 1  │ 5 → 10
# Its code is a part of what a pass hangs on.
--- file models/scores.ff.py
from fastflowtransform import model


@model(name="scores", deps=["users.ff", "points"])
def build(users: list, points: list) -> list:
    return [{"id": user["id"], "score": 1 / 0} for user in users]
---
$ fft utest
exit 1
~ ✗ FAIL  scores · points are added up
~ ZeroDivisionError
~ models/scores.ff.py:6

"""What each day should bring, by the weekday."""

import datetime

import pandas as pd

from fastflowtransform import model

BY_WEEKDAY = [900.0, 900.0, 900.0, 1100.0, 1300.0, 1500.0, 750.0]
FIRST = datetime.date(2026, 9, 28)
DAYS = 42


@model(name="py_targets", deps=[], tags=["python", "finance"])
def build() -> pd.DataFrame:
    days = [FIRST + datetime.timedelta(days=at) for at in range(DAYS)]
    return pd.DataFrame({"day": days, "target_euro": [BY_WEEKDAY[day.weekday()] for day in days]})

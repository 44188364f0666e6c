"""Targets that no table holds."""

import pandas as pd

from fastflowtransform import model

DAILY_TARGET = 25


@model(name="py_constants", deps=[], tags=["python"])
def build() -> pd.DataFrame:
    weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    return pd.DataFrame(
        {
            "weekday": weekdays,
            "order_target": [DAILY_TARGET + 5 * day for day in range(len(weekdays))],
        }
    )

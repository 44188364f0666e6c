"""Customers in three groups by what they have paid."""

import pandas as pd

from fastflowtransform import model

GOLD = 1200
SILVER = 300


def segment(paid: float) -> str:
    if paid >= GOLD:
        return "gold"
    return "silver" if paid >= SILVER else "bronze"


@model(name="py_customer_segments", deps=["int_customer_orders.ff"], tags=["python"])
def build(orders: pd.DataFrame) -> pd.DataFrame:
    paid = orders["paid_amount"].astype(float)
    return pd.DataFrame({"customer_id": orders["customer_id"], "segment": paid.map(segment)})

"""Users of a public test service, fetched over HTTP."""

import pandas as pd

from fastflowtransform import engine_model
from fastflowtransform.api.http import get_df

URL = "https://jsonplaceholder.typicode.com/users"
COLUMNS = {
    "id": "id",
    "name": "name",
    "username": "username",
    "email": "email",
    "address.city": "city",
    "company.name": "company",
}


@engine_model(only=["duckdb", "postgres", "databricks_spark", "bigquery", "snowflake_snowpark"], name="http_users", deps=[], tags=["http"])
def build() -> pd.DataFrame:
    users = get_df(URL)  # nested objects come as columns `outer.inner`
    return users[list(COLUMNS)].rename(columns=COLUMNS)

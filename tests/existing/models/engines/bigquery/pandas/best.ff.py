import pandas as pd

from fastflowtransform import engine_model


@engine_model(
    env_match={"FF_ENGINE": "bigquery", "FF_ENGINE_VARIANT": "pandas"},
    name="best",
    deps=["people.ff"],
)
def build(people: pd.DataFrame) -> pd.DataFrame:
    return people.nlargest(1, "score")[["id"]].assign(built_by="bigquery")

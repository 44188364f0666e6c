import bigframes.pandas as bpd

from fastflowtransform import engine_model


@engine_model(
    env_match={"FF_ENGINE": "bigquery", "FF_ENGINE_VARIANT": "bigframes"},
    name="best",
    deps=["people.ff"],
)
def build(people: bpd.DataFrame) -> bpd.DataFrame:
    return people.nlargest(1, "score")[["id"]].assign(built_by="bigquery")

from fastflowtransform.decorators import engine_model


@engine_model(
    only="duckdb",
    name="best",
    deps=["people.ff"],
    require={"people.ff": ["id", "score"]},
    tags=["engine:duckdb"],
)
def build(people: list) -> list:
    best = max(people, key=lambda row: row["score"])
    return [{"id": best["id"], "built_by": "duckdb"}]

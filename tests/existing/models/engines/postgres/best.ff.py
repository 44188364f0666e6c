from fastflowtransform.core import engine_model, relation_for


@engine_model(only=("postgres",), name="best", deps=["people"], tags=["engine:postgres"])
def build(people: list) -> list:
    best = max(people, key=lambda row: row["score"])
    return [{"id": best["id"], "built_by": relation_for("postgres.ff")}]

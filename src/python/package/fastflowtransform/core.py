"""What existing projects import from here."""
from fastflowtransform import engine_model, model

__all__ = ["engine_model", "model", "relation_for"]


def relation_for(name):
    """What a node's relation is called where nothing says otherwise."""
    return name[:-len(".ff")] if name.endswith(".ff") else name

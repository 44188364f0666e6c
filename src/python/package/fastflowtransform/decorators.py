"""What existing projects import from here."""
from fastflowtransform import engine_model, model

__all__ = ["engine_model", "model"]

"""Hooks: functions that a run calls at its beginning and its end, and around models."""
from fastflowtransform.hooks.registry import fft_hook

__all__ = ["fft_hook"]

"""What a hook is told, for annotations: each is a dict."""
from typing import Any, Dict

__all__ = ["HookContext", "ModelContext", "RunContext", "RunStatsContext"]

HookContext = Dict[str, Any]
RunContext = Dict[str, Any]
ModelContext = Dict[str, Any]
RunStatsContext = Dict[str, Any]

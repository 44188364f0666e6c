# Hooks in Python, in the layout of existing projects: a dict with what there is to know.
--- file project.yml
name: sandbox
hooks:
  on_run_start:
    - {name: banner, kind: python}
  after_model:
    - {name: log_model, kind: python, select: a, params: {channel: "#data"}}
  on_run_end:
    - {name: summary, kind: python}
    - {name: broken, kind: python}
---
--- file hooks/notify.py
from __future__ import annotations

from typing import Any

from fastflowtransform.hooks.registry import fft_hook
from fastflowtransform.hooks.types import HookContext, ModelContext, RunContext


@fft_hook(name="banner")
def on_run_start(context: HookContext) -> None:
    run: RunContext = context.get("run", {})
    env = context.get("env", {}) or {}
    print(f"start {run.get('env_name')} {run.get('engine_name')} {env.get('FF_REGION')} {context['when']}")


@fft_hook(name="log_model", when="after_model")
def on_model_end(context: HookContext) -> None:
    model: ModelContext | None = context.get("model")
    print("model %s %s %s %s" % (model["name"], model["status"], model["rows_affected"], context["channel"]))


@fft_hook(name="summary", when="on_run_end")
def on_run_end(context: dict[str, Any]) -> None:
    stats = context.get("stats") or {}
    print("end %s %s %s" % (context["run"]["status"], stats["models_built"], stats["models_failed"]))


@fft_hook("broken", "on_run_end")
def broken():
    raise ValueError("nobody is there")
---
--- file models/a.ff.sql
select 1 as id union all select 2
---
--- file models/b.ff.sql
select 1 as id
---
$ FF_REGION=eu fft run
exit 1
~ banner │ start dev duckdb eu on_run_start
~ log_model │ model a.ff success 2 #data
~ summary │ end success 2 0
~ ✗ hook broken (on_run_end): ValueError: nobody is there
~ --> hooks/notify.py:30
? * success first_build root

"""What model files import: decorators that declare models, and what a model may ask of its run."""
from fastflowtransform import _state
from fastflowtransform.hooks.registry import fft_hook

__all__ = ["engine", "engine_model", "env", "fft_hook", "is_incremental", "model", "profile", "var", "watermark"]

_MISSING = object()


def model(name=None, deps=None, requires=None, *, require=None, materialized=None, tags=None, meta=None, schema=None,
          alias=None, volatile=False, description=None, frame=None, kind=None, **incremental):
    """Declares the decorated function as a model. fft reads the arguments from the file's text."""
    if callable(name):
        _state.declared.append(name)
        return name

    def declare(function):
        _state.declared.append(function)
        return function

    return declare


def engine_model(only=None, *, env_match=None, **settings):
    """Declares a model for the engines in `only`, and where environment variables have the values in `env_match`; other
    arguments as for `model`."""
    return model(only) if callable(only) else model(**settings)


def var(name, default=_MISSING):
    """The value of a project variable."""
    if name in _state.job["vars"]:
        return _state.job["vars"][name]
    if default is _MISSING:
        raise LookupError(f"the variable `{name}` has no value: set it in project.yml under `vars`, with "
                          f"`--vars {name}=…`, or give `var` a default")
    return default


def env(name, default=_MISSING):
    """The value of an environment variable, `.env` files included."""
    if not name.startswith("FF_") and name not in _state.job["env"]:
        raise LookupError(f"fft can't see by reading the code that it asks for the environment variable `{name}`: write "
                          f"`env(\"{name}\")` with the name itself, or call the variable `FF_{name}`")
    value = _state.environment.get(name)
    if value is not None and any("\udc80" <= character <= "\udcff" for character in value):
        raise ValueError(f"the value of environment variable `{name}` is not UTF-8 text")
    if value is not None:
        return value
    if default is _MISSING:
        raise LookupError(f"the environment variable `{name}` is not set, and `env` was given no default")
    return default


def is_incremental():
    """Whether the table stands and what the model gives is brought into it; else the model gives all of it."""
    return _state.job["incremental"] is not None


def watermark(column):
    """The greatest value that the table has in a column, as the engine writes it; None where it has none, or where all of
    the table is to be built."""
    values = _state.job["incremental"]
    if values is None:
        return None
    if column not in values:
        raise LookupError(f"fft can't see by reading the code that it asks for the watermark of `{column}`: write "
                          f"`watermark(\"{column}\")` with the name itself")
    return values[column]


def engine():
    """The name of the engine that this run builds on."""
    return _state.job["engine"]


def profile():
    """The name of this run's profile."""
    return _state.job["profile"]

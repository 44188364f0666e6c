"""Runs models, one job after the other, for the process that started this one."""
import faulthandler
import importlib.util
import inspect
import linecache
import os
import sys
import types

from fastflowtransform import _failure, _host, _state, _tables


def serve(frames_in, frames_out, log):
    """Answers jobs until the host closes the channel."""
    faulthandler.enable()
    host = _state.host = _host.Host(frames_in, frames_out)
    before = {"path": [entry for entry in sys.path if entry], "environment": dict(os.environ)}
    host.send({"ready": {
        "version": "%d.%d" % sys.version_info[:2],
        "pyarrow": importlib.util.find_spec("pyarrow") is not None,
    }})
    while (frame := host.receive()) is not None:
        host.busy = True
        answer = run(frame["job"], before)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass
        # Tells the host that all the model printed has been read.
        os.write(log, b"\0fft-end " + str(frame["job"]["number"]).encode() + b"\n")
        host.busy = False
        host.send(answer)


def run(job, before):
    """One job's answer: where its rows are, or why there are none."""
    try:
        _prepare(job, before)
        tables = [_tables.Input(given, job["format"]) for given in job["inputs"]]
        _tables.check_columns(job["node"], job["requires"], tables)
        function = _load(job)
        result = function(*_arguments(job, function, tables))
        return {"done": _tables.write(result, job["output"], job["format"])}
    except BaseException as error:  # noqa: B902 - SystemExit of a model must not end the worker
        return {"failed": _failure.describe(error, job)}


def _prepare(job, before):
    """Leaves nothing of the model before: its modules, paths, environment and folder."""
    root = job["project_root"]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and _failure.is_of_project(file, root):
            del sys.modules[name]
    sys.path[:] = [root, *before["path"]]
    os.environ.clear()
    os.environ.update(before["environment"])
    os.chdir(root)
    _state.job = job
    _state.declared.clear()
    importlib.invalidate_caches()


def _load(job):
    """Runs the model file and finds the model's function."""
    path, source = job["path"], job["source"]
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    module = types.ModuleType("fft_model")
    module.__file__ = os.path.join(job["project_root"], path)
    sys.modules[module.__name__] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    same = [entry for entry in _state.declared if entry[1].__name__ == job["function"]]
    if len(same) > 1:
        # Variants of one model may share the function's name; the module only keeps the last.
        for name, function, engines in reversed(same):
            if name == job["node"] and (not engines or job["engine"] in engines):
                return function
    found = module.__dict__.get(job["function"])
    if not callable(found):
        raise _failure.Refused(f"{path} has no function `{job['function']}`")
    return found


def _arguments(job, function, tables):
    """What the function is called with: nothing, one table, a table a parameter, or tables by name."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        signature = inspect.Signature([inspect.Parameter("tables", inspect.Parameter.POSITIONAL_ONLY)])
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [parameter for parameter in signature.parameters.values() if parameter.kind in kinds]
    first = parameters[0].annotation if parameters else None
    if len(tables) < 2 or len(parameters) == len(tables):
        annotations = [parameter.annotation for parameter in parameters] + [None] * len(tables)
        arguments = [table.hand_over(annotation) for table, annotation in zip(tables, annotations)]
    else:
        arguments = [{table.name: table.hand_over(first) for table in tables}]
    try:
        signature.bind(*arguments)
    except TypeError as error:
        names = ", ".join(f"`{table.name}`" for table in tables) or "none"
        raise _failure.Refused(f"the function `{job['function']}` doesn't take the model's dependencies ({names}): "
                               f"{error}") from None
    return arguments

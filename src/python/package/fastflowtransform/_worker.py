"""Runs models, one job after the other, for the process that started this one."""
import faulthandler
import importlib.util
import inspect
import linecache
import os
import sys
import types

from fastflowtransform import _failure, _host, _project, _spark, _state, _tables


def serve(frames_in, frames_out, log):
    """Answers jobs until the host closes the channel."""
    faulthandler.enable()
    host = _state.host = _host.Host(frames_in, frames_out)
    before = {"path": list(sys.path), "environment": dict(os.environ)}
    _state.environment = dict(os.environ)
    modules = _project.Modules()
    sys.meta_path.insert(0, modules)
    sys.meta_path.append(_project.Namespaces(modules))
    host.send({"ready": {
        "version": "%d.%d" % sys.version_info[:2],
        "pyarrow": importlib.util.find_spec("pyarrow") is not None,
    }})
    while (frame := host.receive()) is not None:
        host.busy = True
        answer = run(frame["job"], before, modules)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                pass
        # Tells the host that all the model printed has been read.
        os.write(log, b"\0fft-end " + str(frame["job"]["number"]).encode() + b"\n")
        host.busy = False
        host.send(answer)


def run(job, before, modules):
    """One job's answer: where its rows are, or why there are none."""
    lent = None
    try:
        _prepare(job, before, modules)
        lent = _spark.Lent(job["lent"]) if job["lent"] else None
        tables = [_spark.Input(given, lent) if "query" in given else _tables.Input(given, job["format"], job["frame"])
                  for given in job["inputs"]]
        _tables.check_columns(job["node"], job["requires"], tables)
        function = _load(job)
        if job["hook"] is not None:
            _call_hook(function, job["hook"])
            return {"done": {"format": "nothing", "unwatched": []}}
        positional, named = _arguments(job, function, tables)
        result = function(*positional, **named)
        kept = lent.keep(result) if lent else None
        allowed = _spark.ALLOWED if lent else _tables.ALLOWED
        done = kept or _tables.write(result, job["output"], job["format"], tables, allowed)
        return {"done": {**done, "unwatched": sorted(set(modules.unwatched))}}
    except BaseException as error:  # noqa: B902 - SystemExit of a model must not end the worker
        return {"failed": _failure.describe(error, job)}
    finally:
        if lent:
            lent.close()


def _prepare(job, before, modules):
    """Leaves nothing of the model before: its modules, paths, environment and folder."""
    root, imports = job["project_root"], job["imports"]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and any(_failure.is_of_project(file, folder) for folder in (root, before.get("imports", root))):
            del sys.modules[name]
    before["imports"] = imports
    sys.path[:] = _project.with_root(before["path"], imports)
    modules.serve(imports, job["modules"])
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
    same = [function for function in _state.declared
            if function.__name__ == job["function"] and function.__module__ == module.__name__]
    # Variants of one model may share the function's name; the module only keeps the last.
    if len(same) > job["ordinal"]:
        return same[job["ordinal"]]
    found = module.__dict__.get(job["function"])
    if not callable(found):
        raise _failure.Refused(f"{path} has no function `{job['function']}`")
    return found


def _call_hook(function, context):
    """Calls a hook with what it is told, where it takes something."""
    told = {name: value for name, value in os.environ.items() if name.startswith(("FF_", "FFT_"))}
    if inspect.signature(function).parameters:
        function({**context, "env": told})
    else:
        function()


def _arguments(job, function, tables):
    """What the function is called with: tables by position as long as it takes them, one dict of all where it takes only
    one argument; what it takes by name alone gets the table of that name. What nothing fills is None."""
    kind = inspect.Parameter
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        parameters = [kind("tables", kind.VAR_POSITIONAL)]
    by_name = {parameter.name: parameter for parameter in parameters if parameter.kind == kind.KEYWORD_ONLY}
    named = {table.name: table.hand_over(by_name[table.name].annotation) for table in tables if table.name in by_name}
    rest = [table for table in tables if table.name not in named]
    places = [parameter for parameter in parameters
              if parameter.kind in (kind.POSITIONAL_ONLY, kind.POSITIONAL_OR_KEYWORD)]
    needed = sum(parameter.default is kind.empty for parameter in places)
    others = {parameter.kind: parameter for parameter in parameters}
    more = others.get(kind.VAR_POSITIONAL)
    # `**tables` takes what is left by its name.
    if len(rest) > len(places) and more is None and kind.VAR_KEYWORD in others:
        for table in rest[len(places):]:
            named[table.name] = table.hand_over(others[kind.VAR_KEYWORD].annotation)
        rest = rest[:len(places)]
    if len(rest) > len(places) and more is None and places and needed <= 1:
        positional = [{table.name: table.hand_over(places[0].annotation) for table in rest}]
    else:
        annotations = [parameter.annotation for parameter in places]
        annotations += [more.annotation if more else None] * len(rest)
        positional = [table.hand_over(annotation) for table, annotation in zip(rest, annotations)]
    positional += [None for parameter in places[len(positional):] if parameter.default is kind.empty]
    named.update({name: None for name, parameter in by_name.items()
                  if name not in named and parameter.default is kind.empty})
    try:
        inspect.signature(function).bind(*positional, **named)
    except ValueError:
        pass
    except TypeError as error:
        names = ", ".join(f"`{table.name}`" for table in tables) or "none"
        raise _failure.Refused(f"the function `{job['function']}` doesn't take the model's dependencies ({names}): "
                               f"{error}") from None
    return positional, named

"""What went wrong in a model, told in terms of the project's own files."""
import os
import sys
import traceback


class Refused(Exception):
    """Something fft itself has to say about a model; its message stands alone."""


def is_of_project(filename, root):
    """Whether a file belongs to the project and not to an environment inside it."""
    if not filename or filename.startswith("<"):
        return False
    path = os.path.join(root, filename)
    inside = path.startswith(root.rstrip(os.sep) + os.sep)
    return inside and not path.startswith(sys.prefix + os.sep) and "site-packages" not in path


def describe(error, job):
    """The failure's message, the user's part of the traceback and its last place there."""
    root = job["project_root"]
    told = {"kind": "model", "message": _message(error), "traceback": None, "path": None, "line": None}
    if isinstance(error, Refused):
        return told
    frames = _frames(error, job)
    if isinstance(error, SyntaxError) and error.filename:
        told["path"], told["line"] = _relative(error.filename, root), error.lineno
    elif frames:
        told["path"], told["line"] = frames[-1].filename, frames[-1].lineno
    told["traceback"] = _text(error, job)
    hidden = _hidden_module(error, job["imports"])
    if hidden:
        told["message"] += f"; {hidden} of the project has the name of a module of Python, which comes first: rename it"
    missing = _missing_package(error)
    if missing:
        told.update(kind="missing", package=missing)
    return told


def _message(error):
    if isinstance(error, Refused):
        return " ".join(str(error).split())
    lines = traceback.format_exception_only(type(error), error)
    told = lines[-1]
    if _is_of_spark(error):
        # The plan that the server shows of it is in the traceback.
        told = told.partition("\n")[0]
    return " ".join(told.split())


def _is_of_spark(error):
    return type(error).__module__.partition(".")[0] == "pyspark"


def _said(error):
    """The error's own lines, without the server's stack."""
    text = "".join(traceback.format_exception_only(type(error), error))
    return text.partition("\n\nJVM stacktrace:")[0].rstrip("\n") + "\n" if _is_of_spark(error) else text


def _relative(filename, root):
    return os.path.relpath(filename, root) if os.path.isabs(filename) else filename


def _frames(error, job):
    """The frames of the error that lie in the project or the model's package, their files relative to the project."""
    root = job["project_root"]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if is_of_project(frame.filename, root) or is_of_project(frame.filename, job["imports"])]
    return [traceback.FrameSummary(_relative(frame.filename, root), frame.lineno, frame.name, line=frame.line)
            for frame in frames]


def _text(error, job, depth=0):
    text = ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < 5:
        text = _text(cause, job, depth + 1) + "\n"
    frames = _frames(error, job)
    if frames:
        text += "Traceback (most recent call last):\n" + "".join(traceback.format_list(frames))
    return text + _said(error)


def _hidden_module(error, root):
    """The project's file that a failed import can't have meant."""
    if not isinstance(error, ImportError) or not error.name:
        return None
    top = error.name.partition(".")[0]
    if top not in getattr(sys, "stdlib_module_names", ()):
        return None
    return next((file for file in (f"{top}.py", f"{top}/__init__.py") if os.path.exists(os.path.join(root, file))), None)


def _missing_package(error):
    """The top-level package that an import didn't find."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    top = error.name.partition(".")[0]
    return top if top not in sys.modules and top not in getattr(sys, "stdlib_module_names", ()) else None

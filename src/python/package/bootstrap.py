"""Run by `python -c`: takes the worker's package from the first line of standard input and serves it from memory."""
import sys

sys.dont_write_bytecode = True
# The folder that fft runs in holds no modules of Python.
sys.path[:] = [folder for folder in sys.path if folder]

import importlib.abc
import importlib.util
import json
import os

# The protocol keeps descriptors of its own; what a model prints goes to standard error.
frames_in = os.fdopen(os.dup(0), "rb")
frames_out = os.fdopen(os.dup(1), "wb", buffering=0)
log = os.dup(2)
null = os.open(os.devnull, os.O_RDONLY)
os.dup2(null, 0)
os.close(null)
os.dup2(2, 1)
sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


class Served(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads the modules of one package from their texts."""

    def __init__(self, texts):
        self.texts = texts

    def find_spec(self, name, path=None, target=None):
        for found, is_package in ((name + ".__init__", True), (name, False)):
            if found in self.texts:
                spec = importlib.util.spec_from_loader(name, self, is_package=is_package)
                spec.origin = "<fft>/" + found.replace(".", "/") + ".py"
                return spec
        return None

    def exec_module(self, module):
        spec = module.__spec__
        name = spec.name + ".__init__" if spec.submodule_search_locations is not None else spec.name
        exec(compile(self.texts[name], spec.origin, "exec"), module.__dict__)


line = frames_in.readline()
if line:
    sys.meta_path.insert(0, Served(json.loads(line)["package"]))
    from fastflowtransform import _worker

    _worker.serve(frames_in, frames_out, log)

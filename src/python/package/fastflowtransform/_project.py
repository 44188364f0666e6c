"""The project's own modules, from the texts that fft read: what runs is what the fingerprint was made of.

They come behind Python's own modules, which they never replace, and before installed packages.
"""
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import sys


class Text(importlib.abc.SourceLoader):
    """Loads one module from its text."""

    def __init__(self, path, text):
        self.path = path
        self.text = text

    def get_filename(self, fullname):
        return self.path

    def get_data(self, path):
        if path != self.path:
            raise OSError(f"{path} is no module")
        return self.text.encode()


class Modules(importlib.abc.MetaPathFinder):
    """Finds the modules of one job's project."""

    def __init__(self):
        self.root = ""
        self.texts = {}
        # Files of the project that were loaded though nothing names them, so that nobody watches them.
        self.unwatched = []

    def serve(self, root, texts):
        self.root = root
        self.texts = texts
        self.unwatched = []

    def find_spec(self, name, path=None, target=None):
        if not self.root or is_of_python(name):
            return None
        base = name.replace(".", "/")
        # A package that is installed has none of its modules here.
        if path is None or os.path.join(self.root, os.path.dirname(base)) in path:
            for file in (f"{base}/__init__.py", f"{base}.py"):
                if file in self.texts:
                    return self._spec(name, file, self.texts[file])
        return self._elsewhere(name, path)

    def namespace(self, name):
        """A folder of modules without a file of its own, which any other package of its name comes before."""
        base = name.replace(".", "/") + "/"
        if not self.root or not any(file.startswith(base) for file in self.texts):
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [os.path.join(self.root, base.rstrip("/"))]
        return spec

    def _elsewhere(self, name, path):
        """A module in another folder of the project that an import looks through."""
        inside = self.root.rstrip(os.sep) + os.sep
        folders = [folder for folder in (sys.path if path is None else path)
                   if os.path.join(folder, "").startswith(inside) and is_own_folder(folder)]
        spec = importlib.machinery.PathFinder.find_spec(name, folders) if folders else None
        if spec is None or not spec.origin or not spec.origin.startswith(inside):
            return None
        file = os.path.relpath(spec.origin, self.root).replace(os.sep, "/")
        if file in self.texts:
            return self._spec(name, file, self.texts[file])
        self.unwatched.append(file)
        return spec

    def _spec(self, name, file, text):
        path = os.path.join(self.root, file)
        # Tracebacks show the lines that run.
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
        folder = [os.path.dirname(path)] if file.endswith("/__init__.py") else None
        return importlib.util.spec_from_file_location(name, path, loader=Text(path, text),
                                                      submodule_search_locations=folder)


class Namespaces(importlib.abc.MetaPathFinder):
    """Comes last, when nothing else has found a name."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        return self.modules.namespace(name)


def is_of_python(name):
    """Whether a module belongs to Python itself."""
    top = name.partition(".")[0]
    return top in sys.builtin_module_names or top in getattr(sys, "stdlib_module_names", ())


def is_own_folder(folder):
    return "site-packages" not in folder and not os.path.join(folder, "").startswith(sys.prefix + os.sep)


def with_root(path, root):
    """Where modules are looked for, with the project's folder before what is installed."""
    for place, folder in enumerate(path):
        if "site-packages" in folder or "dist-packages" in folder:
            return [*path[:place], root, *path[place:]]
    return [*path, root]

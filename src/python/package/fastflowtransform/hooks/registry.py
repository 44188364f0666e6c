"""The decorator that declares a hook. fft reads its arguments from the file's text."""

__all__ = ["fft_hook"]


def fft_hook(name=None, when=None):
    """Declares the decorated function as the hook `name`, its own name by default; project.yml says when it runs."""
    if callable(name):
        return name

    def declare(function):
        return function

    return declare

# What is different in a Python text is named with its line: classes and imports too, what has no name by its first line.
--- file shared/__init__.py
---
--- file shared/shapes.py
import math


class Circle:
    size = 1


def area(shape):
    return math.pi * shape.size
---
--- file models/m.ff.py
from fastflowtransform import model
from shared.shapes import Circle, area

A = 1
B = 1
C = 1


@model(name="m", deps=[])
def build() -> list:
    return [{"n": area(Circle()) * A * B * C}]
---
$ fft run
? * success first_build root
--- file shared/shapes.py
import math
import math as numbers


class Circle:
    size = 2


def area(shape):
    return math.pi * shape.size
---
#: `python_changed` and `python_module_changed` name what is different in the text: the function, class, constant or
#: import, with its line. They are found from the syntax, Python isn't started.
#: | `python_module_changed` | a module of the project that it imports is different |
$ PATH=/nowhere fft plan
~ Python module changed: shared/shapes.py (class Circle in shared/shapes.py:5 and new import numbers in shared/shapes.py:2)
$ fft run
? * success python_module_changed root
#: Up to three are named in the sentence; `attributed_to` has all of them, each with its own diff, and says of each whether
#: only comments and white space of it differ.
--- file models/m.ff.py
from fastflowtransform import model
from shared.shapes import Circle, area

A = 2
B = 2
C = 2


@model(name="m", deps=[])
def build() -> list:
    return [{"n": area(Circle()) * A * B * C + 1}]
---
#: | `python_changed` | the function is different, or something in its file that it reaches |
$ PATH=/nowhere fft plan
~ Python changed: build (function build in models/m.ff.py:10 and constant A in models/m.ff.py:4 and constant B in models/m.ff.py:5 and 1 more)
$ fft run
? * success python_changed root
#: A statement without a name goes by its first line.
--- append shared/shapes.py

Circle.size = 3
---
$ fft run
$ fft explain m
~ Python module changed: shared/shapes.py (new statement Circle.size = 3 in shared/shapes.py:12)

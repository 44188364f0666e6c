//! Files that only bind names, and those that do more.

use super::*;

#[test]
fn a_file_that_only_binds_names_is_sliced() {
    let base = "X = 1\n@model\ndef m():\n    return X\n";
    //: The part of a file that a model reaches stands for the model only where nothing of the project has run when the
    //: model begins: where the file, and every module of the project that it imports, directly or not, consists of
    //: - functions and classes, whose decorators, defaults and bases are known to be harmless (`functools.cache`,
    //: `dataclass`, `property`, `Enum`, exceptions, classes of the project …),
    //: - imports,
    //: - names for values that have no effect: literals, other names, calls that only make a value (`re.compile(…)`,
    //: `Path(__file__).parent`, `var(…)`, `env(…)` …),
    //: - `if` and `try` around those, and what stands under `if __name__ == "__main__"`.
    let plain = [
        "import os, re\nfrom pathlib import Path\nHERE = Path(__file__).parent / 'a'\nNAMES = 'a b'.split()",
        "LIMIT: int = 3\nPAIR = A, B = (1, 2)\nOTHER = {**{'a': LIMIT}, 'b': [x * 2 for x in range(3) if x]}",
        "import functools\n@functools.lru_cache(maxsize=None)\ndef slow(n=LAST):\n    registry.append(n)",
        "from functools import cache as kept\n@kept\ndef slow(): pass",
        "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass C:\n    a: int = 1\n    \
         b: list = field(default_factory=list)\n    def f(self): other.b = 1",
        "class A(Exception):\n    code = 1\n    @property\n    def x(self): return 1\n    @x.setter\n    \
         def x(self, v): pass\nclass B(A): pass",
        "from enum import Enum, auto\nclass Colour(Enum):\n    RED = auto()\n    def shown(self): return 1",
        "from typing import TypedDict, Generic, TypeVar\nT = TypeVar('T')\nclass D(TypedDict, total=False):\n    a: int\n\
         class G(Generic[T]): pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas as pd",
        "if __name__ == '__main__':\n    X = run()",
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None",
        "import sys\nif sys.version_info >= (3, 9):\n    def f(): return 1\nelse:\n    f = None",
        "import logging\nlogger = logging.getLogger(__name__)\nZ = (lambda a=1: run(a))",
        "TOTAL = sum(x for x in (1, 2))\nTEXT = f'{TOTAL:>{TOTAL}}'\nMASK = 1 << 20\n'words'\n...\npass",
        "C = var('c')\nG = var\nH = G",
    ];
    for more in plain {
        let found = one(&format!("{more}\n{base}"));
        assert_eq!(found.whole_file, None, "{more}");
        assert!(found.slice.contains("X = 1"), "{more}");
        assert!(more.contains("X = ") || !found.slice.contains(more), "{more}");
    }
}

#[test]
fn what_does_more_makes_the_whole_file_the_component() {
    let base = "X = []\nY = {}\ndef fill(f=None):\n    X.append(1)\n    return f\nclass K: pass\n\
        @model\ndef m():\n    return X\n";
    let cases = [
        ("fill()", "a call of `fill`"),
        ("_ = Y.update(a=1)", "a call of `Y.update`"),
        ("Y['a'] = 1", "an assignment to an item"),
        ("K.a = 1", "an assignment to an attribute"),
        ("X += [2]", "an assignment that alters"),
        ("X, *Z = 1, 2", "an assignment"),
        ("A, B = X", "an assignment that takes a value apart"),
        ("del X", "`del`"),
        ("for i in [1]:\n    pass", "a `for` loop"),
        ("while X: pass", "a `while` loop"),
        ("with open('f'): pass", "a `with` block"),
        ("match 1:\n    case X: pass", "a `match` block"),
        ("assert X", "`assert`"),
        ("raise SystemExit", "`raise`"),
        ("if X:\n    fill()", "a call of `fill`"),
        ("try:\n    fill()\nexcept Exception: pass", "a call of `fill`"),
        ("if __name__ == '__main__':\n    pass\nelse:\n    fill()", "a call of `fill`"),
        ("@fill\ndef late(): pass", "the decorator `@fill`"),
        ("@fill\nclass Late: pass", "the decorator `@fill`"),
        ("def late(a=fill()): pass", "a call of `fill`"),
        ("def late(a: fill()): pass", "a call of `fill`"),
        ("class Late(fill()): pass", "a base class that isn't known to be harmless"),
        ("from x import Base\nclass Late(Base): pass", "a base class that isn't known to be harmless"),
        ("class Late(metaclass=K): pass", "an argument of a class"),
        ("class Late:\n    fill()", "a call of `fill`"),
        ("class Late:\n    def __init_subclass__(cls): pass", "`__init_subclass__`"),
        ("from enum import Enum\nclass E(Enum):\n    A = 1\n    def __init__(self, v): fill()", "a method of an enum"),
        ("from enum import Enum\nclass E(K, Enum):\n    A = 1", "a base class of an enumeration"),
        ("def __getattr__(name): return 1", "the module's own `__getattr__`"),
        ("G = (x for x in X)", "a generator"),
        ("(Q := 1)", "`:=`"),
        ("Q = [(Z := x) for x in X]", "`:=`"),
        ("globals()['V'] = 1", "an assignment to an item"),
        ("_ = globals().update(V=1)", "a call"),
        ("g = globals()", "a call of `globals`"),
        ("g = globals", "`globals`"),
        ("vars()['V'] = 1", "an assignment to an item"),
        ("setattr(K, 'a', 1)", "a call of `setattr`"),
        ("exec('X = 1')", "a call of `exec`"),
        ("from math import *", "`from math import *`"),
        ("import importlib\nM = importlib.import_module('m')", "a call of `importlib.import_module`"),
        ("sum = fill\nS = sum([1])", "a call of `sum`"),
        ("S = sorted(X, key=fill)", "a call of `sorted`"),
        ("S = list(map(fill, X))", "a call of `map`"),
        ("__path__ = []", "an assignment to `__path__`"),
        ("import warnings\nwarnings.simplefilter('ignore')", "a call of `warnings.simplefilter`"),
        ("X >> Y", "`<<` or `>>`"),
        ("Y", "a statement that only computes something"),
        ("D = K.__dict__", "`.__dict__`"),
    ];
    //: Any other statement at module level (a call, an assignment to an attribute or an item, a loop, a registering
    //: decorator, `globals()["X"] = 1`, `from x import *` …) may alter what others hold. The whole file then counts,
    //: with all modules that it imports.
    for (more, told) in cases {
        let text = format!("{base}{more}\n");
        let found = one(&text);
        let reason = found.whole_file.unwrap_or_default();
        assert!(reason.starts_with(told) && reason.contains(" in models/m.ff.py:"), "{more}: {reason}");
        assert_eq!(found.slice, format!("{HEAD}{text}"), "{more}");
    }
    assert_eq!(
        one(&format!("{base}\nfill()\n")).whole_file.as_deref(),
        Some("a call of `fill` at module level in models/m.ff.py:12")
    );
}

#[test]
fn modules_that_do_more_count_with_all_that_they_import() {
    let files = [
        ("shared", "shared/__init__.py", ""),
        ("shared.cfg", "shared/cfg.py", "R = 0\n"),
        ("shared.setup", "shared/setup.py", "from shared import cfg\n\ncfg.R = 1\n"),
        ("shared.calm", "shared/calm.py", "from . import deep\n"),
        ("shared.deep", "shared/deep.py", "import shared.setup\n"),
    ];
    let m = "@model\ndef m():\n    return cfg.R\n";
    let plain = with(&format!("from shared import cfg\n{m}"), &files);
    assert_eq!(plain.whole_file, None);
    assert_eq!(plain.modules.keys().collect::<Vec<_>>(), ["shared/__init__.py", "shared/cfg.py"]);
    //: The whole file then counts, with all modules that it imports.
    let told = "an assignment to an attribute at module level in shared/setup.py:3";
    for import in
        ["import shared.setup", "import shared.setup as s", "from shared import setup as s", "from shared import calm"]
    {
        let found = with(&format!("from shared import cfg\n{import}\n{m}"), &files);
        assert_eq!(found.whole_file.as_deref(), Some(told), "{import}");
        assert!(found.modules.contains_key("shared/setup.py"), "{import}");
    }
    // One that only another function of the file loads hasn't run.
    let lazy = with(&format!("from shared import cfg\ndef other():\n    import shared.setup\n{m}"), &files);
    assert_eq!(lazy.whole_file, None);
    let inside = m.replace("return", "import shared.setup\n    return");
    let lazy = with(&format!("from shared import cfg\n{inside}"), &files);
    assert_eq!(lazy.whole_file.as_deref(), Some(told));
    let tried = with(&format!("try:\n    from shared import cfg\nexcept ImportError:\n    cfg = None\n{m}"), &files);
    assert_eq!(tried.whole_file.as_deref(), Some("an import inside `try` at module level in models/m.ff.py:3"));
}

//! Model files in, declarations and slices out.

use super::*;
use std::collections::BTreeSet;

const HEAD: &str = "from fastflowtransform import model, engine_model, var\n";

fn none(_: &str) -> Option<LocalModule> {
    None
}

fn all(text: &str) -> Vec<PythonModel> {
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &none).expect("no problem")
}

fn one(text: &str) -> PythonModel {
    all(text).remove(0)
}

fn with(text: &str, files: &[(&str, &str, &str)]) -> PythonModel {
    let find = |name: &str| {
        let (_, path, text) = files.iter().find(|(known, _, _)| *known == name)?;
        Some(LocalModule { path: path.to_string(), text: Arc::from(*text) })
    };
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &find).expect("no problem").remove(0)
}

fn problems(text: &str) -> Vec<Diagnostic> {
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &none).expect_err("a problem")
}

fn problem(text: &str) -> String {
    let mut found = problems(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).to_string()
}

/// Whether the slice of the first model changes when `from` becomes `to`.
fn differs(text: &str, from: &str, to: &str) -> bool {
    assert!(text.contains(from));
    one(text).slice != one(&text.replace(from, to)).slice
}

const FILE: &str = r#"
import json
import math
LIMIT = 10
OTHER = 20
TABLE = {"a": 1}
TABLE["b"] = 2

class Rule:
    factor = LIMIT

def deep(x):
    return x * Rule.factor

def helper(x):
    return deep(x) + TABLE["a"]

def unrelated(x):
    return math.floor(OTHER)

@model(name="first", deps=["users.ff"])
def first(df):
    """What it is."""
    return helper(df)  # inside

@model
def second():
    return json.dumps({})
"#;

#[test]
fn the_slice_holds_what_is_reached_and_no_more() {
    let models = all(FILE);
    assert_eq!(
        models[1].slice,
        "from fastflowtransform import model, engine_model, var\nimport json\n@model()\ndef second():\n    return json.dumps({})\n"
    );
    assert!(models[0].slice.contains("\ndef deep(x):\n    return x * Rule.factor\n"), "{}", models[0].slice);
    assert!(differs(FILE, "LIMIT = 10", "LIMIT = 11"));
    assert!(differs(FILE, "x * Rule.factor", "x + Rule.factor"));
    assert!(differs(FILE, "factor = LIMIT", "factor = LIMIT + 1"));
    assert!(differs(FILE, "TABLE[\"b\"] = 2", "TABLE[\"b\"] = 3"));
    assert!(differs(FILE, "# inside", "# within"));
    assert!(!differs(FILE, "math.floor", "math.ceil"));
    assert!(!differs(FILE, "OTHER = 20", "OTHER = 21"));
    assert!(!differs(FILE, "json.dumps({})", "json.dumps([])"));
}

#[test]
fn what_alters_a_reached_name_is_reached() {
    let base = "X = []\nY = {}\ndef fill():\n    X.append(1)\n@model\ndef m():\n    return X\n";
    let slice = |more: &str| one(&base.replace("@model", &format!("{more}\n@model"))).slice;
    let contains = |more: &str| slice(more).contains(more);
    assert!(contains("X.append(2)"));
    assert!(contains("X[0] = 2"));
    assert!(contains("X += [2]"));
    assert!(contains("del X[0]"));
    assert!(contains("for i in range(3):\n    X.insert(0, i)"));
    assert!(contains("if 1 > 2:\n    X = [5]"));
    assert!(contains("try:\n    import numpy as X\nexcept ImportError:\n    X = None"));
    assert!(contains("done = fill()"));
    assert!(contains("last = X.pop()"));
    assert!(contains("with open('f') as X:\n    pass"));
    assert!(contains("(X := [9])"));
    assert!(contains("match 1:\n    case X:\n        pass"));
    assert!(slice("Z = X\nfirst = Z.pop()").contains("first = Z.pop()"));
    assert!(contains("print('seen')"));
    assert!(!contains("last = Y.copy()"));
    assert!(!contains("Y['a'] = 1"));
    assert!(!contains("if __name__ == '__main__':\n    X.append(1)"));
}

#[test]
fn aliases_decorators_and_globals_count_as_altering() {
    let base = "REG = {}\nN = 0\ndef register(f):\n    REG[f.__name__] = f\n    return f\n\
        def bump():\n    global N\n    N = N + 1\n@model\ndef m():\n    return REG, N\n";
    let contains = |more: &str| one(&format!("{base}{more}\n")).slice.contains(more);
    assert!(contains("@register\ndef late():\n    return 1"));
    assert!(contains("Q = bump()"));
    let state = "def count(a=[]):\n    a.append(1)\n    return a\nC = count()\n@model\ndef m():\n    return count()\n";
    assert!(one(state).slice.contains("C = count()"));
    let option = "import pandas as pd\npd.options.mode = 1\n@model\ndef m():\n    import pandas\n    return pandas.DataFrame()\n";
    assert!(one(option).slice.contains("pd.options.mode = 1"));
    let alias = one(&format!("{base}A = REG\nB = A.pop('x', None)\n")).slice;
    assert!(alias.contains("B = A.pop"), "{alias}");
}

#[test]
fn local_modules_come_transitively() {
    let files = [
        ("lib", "lib/__init__.py", ""),
        ("lib.a", "lib/a.py", "from . import b\nfrom .c import f\nimport json\n"),
        ("lib.b", "lib/b.py", "B = 1\n"),
        ("lib.c", "lib/c.py", "def f(): return 1\r\n"),
        ("lib.d", "lib/d.py", "D = 1\n"),
    ];
    let text = "from lib.a import x\nfrom lib import d\n@model\ndef m():\n    return x\n";
    let found = with(text, &files);
    assert_eq!(found.modules.keys().collect::<Vec<_>>(), ["lib/__init__.py", "lib/a.py", "lib/b.py", "lib/c.py"]);
    assert_eq!(found.modules["lib/c.py"], "def f(): return 1\n");
    assert!(!found.slice.contains("import d"));
    let inside = with("@model\ndef m():\n    import lib.d as q\n    return q.D\n", &files);
    assert_eq!(inside.modules.keys().collect::<Vec<_>>(), ["lib/__init__.py", "lib/d.py"]);
}

#[test]
fn an_unused_import_with_effects_is_reached() {
    let files = [("setup", "setup.py", "import sqlite3\nsqlite3.register_adapter(list, str)\n")];
    let found = with("import setup\n@model\ndef m():\n    return 1\n", &files);
    assert!(found.modules.contains_key("setup.py"));
}

#[test]
fn what_cannot_be_followed_makes_the_whole_file_the_component() {
    let reason = |text: &str| one(text).whole_file;
    let m = "@model\ndef m():\n    return 1\n";
    assert_eq!(reason(m), None);
    let reached = format!("import importlib\n{}", m.replace("return 1", "return importlib.import_module('x')"));
    assert_eq!(reason(&reached).as_deref(), Some("the statement on line 2 uses `importlib`"));
    assert_eq!(one(&reached).slice, format!("{HEAD}{reached}"));
    assert_eq!(reason(&format!("import importlib\n{m}")), None);
    for call in ["exec('1')", "eval('1')", "__import__('x')", "globals()['x']", "locals()"] {
        assert!(reason(&m.replace("return 1", &format!("return {call}"))).is_some(), "{call}");
        assert_eq!(one(&m.replace("return 1", &format!("return {call}"))).vars, VarsRead::All);
    }
    assert!(reason(&m.replace("return 1", "return df.eval('a + b')")).is_none());
    assert!(reason(&format!("import sys\nsys.path.append('lib')\n{m}")).is_some());
    assert!(reason(&format!("from . import x\n{}", m.replace('1', "x"))).is_some());
    assert!(reason("@model(requires=R, deps=['a'])\ndef m(a):\n    return a\n").is_some());
    assert!(reason("@model(meta={'a': f()})\ndef m():\n    return 1\n").is_some());
    let star = with(&format!("from lib import *\n{m}"), &[("lib", "lib.py", "X = 1\n")]);
    assert_eq!(star.whole_file.as_deref(), Some("the statement on line 2 uses `from lib import *`"));
    let inner = with("import lib\n@model\ndef m():\n    return lib.f()\n", &[("lib", "lib.py", "def f(): exec('')\n")]);
    assert_eq!(inner.whole_file.as_deref(), Some("lib.py uses `exec`"));
    let foreign = one(&format!("from math import *\n{m}"));
    assert_eq!(foreign.whole_file, None);
    assert!(foreign.slice.contains("from math import *"));
}

#[test]
fn decorators_are_read_in_every_spelling() {
    let text = r#"
import fastflowtransform as fft
import fastflowtransform
from fastflowtransform import model as m, engine_model as em

@m("named", ["a.ff", "b"], requires={"a": {"y", "x"}}, materialized="table", tags=["t"], meta={"k": [1, -2.5, None]},
   schema="s", alias="al", volatile=True)
def one(a, b):
    """First line.

    Second.
    """

@fft.model()
def two(): ...

@fastflowtransform.engine_model(only="duckdb", name="three", description="told")
def three_duckdb(): "doc"

@em(only=["postgres", "bigquery"], name="three")
def three_other(): ...
"#;
    let models = all(text);
    let names = models.iter().map(|model| (model.name.as_str(), model.function.as_str())).collect::<Vec<_>>();
    assert_eq!(names, [("named", "one"), ("two", "two"), ("three", "three_duckdb"), ("three", "three_other")]);
    let first = &models[0];
    assert_eq!(first.line, 9);
    assert_eq!(
        first.dependencies,
        [Dependency { name: "a.ff".into(), line: 7 }, Dependency { name: "b".into(), line: 7 }]
    );
    assert_eq!(first.requires, Some(serde_json::json!({"a": ["x", "y"]})));
    assert_eq!(first.meta, Some(serde_json::json!({"k": [1, -2.5, null]})));
    assert_eq!(first.description.as_deref(), Some("First line.\n\nSecond."));
    assert_eq!((first.schema.as_deref(), first.alias.as_deref(), first.volatile), (Some("s"), Some("al"), true));
    assert_eq!((first.materialized.as_deref(), first.tags.as_slice()), (Some("table"), &["t".to_string()][..]));
    assert_eq!(models[2].only, ["duckdb"]);
    assert_eq!(models[2].description.as_deref(), Some("told"));
    assert_eq!(models[3].only, ["postgres", "bigquery"]);
}

#[test]
fn configuration_and_documentation_are_not_in_the_slice() {
    let text = "@model(name='n', deps=['a', 'b'], tags=['x'], materialized='table')\ndef m(a, b):\n    return a\n";
    assert!(one(text).slice.contains("\n@model(deps=['a', 'b'])\ndef m(a, b):"), "{}", one(text).slice);
    assert!(!differs(text, "'table'", "'view'"));
    assert!(!differs(text, "['x']", "['y']"));
    assert!(differs(text, "['a', 'b']", "['b', 'a']"));
}

#[test]
fn vars_are_found_where_they_are_literal() {
    let names = |names: &[&str]| VarsRead::Names(names.iter().map(ToString::to_string).collect::<BTreeSet<_>>());
    let vars = |body: &str| {
        one(&format!("import fastflowtransform as fft\nC = var('c')\n@model\ndef m():\n    {body}\n")).vars
    };
    assert_eq!(vars("return var('a', 1) + fft.var('b')"), names(&["a", "b"]));
    assert_eq!(vars("return C"), names(&["c"]));
    assert_eq!(vars("return var(name='k')"), names(&["k"]));
    assert_eq!(vars("return var('a' + x)"), VarsRead::All);
    assert_eq!(vars("return map(var, x)"), VarsRead::All);
    assert_eq!(vars("return getattr(fft, 'var')('x')"), VarsRead::All);
    assert_eq!(vars("return df.var(x)"), names(&[]));
    let lib = ("lib", "lib.py", "from fastflowtransform import var as v\ndef f(): return v('deep')\n");
    let local = with("import lib\n@model\ndef m():\n    return lib.f(), lib.v('on')\n", &[lib]);
    assert_eq!(local.vars, names(&["deep", "on"]));
    let handed = with("from lib import v as w\n@model\ndef m():\n    return w(x)\n", &[lib]);
    assert_eq!(handed.vars, VarsRead::All);
}

#[test]
fn problems_say_what_where_and_how() {
    assert_eq!(
        problem("@model(name=NAME)\ndef m(): ...\n"),
        "error[dynamic-decorator]: `name` of `@model` must be literal, not `NAME`\n  --> models/m.ff.py:2:13\n     \
         2 | @model(name=NAME)\n       |             ^\n  hint: write the value itself: fft reads decorators without running Python"
    );
    let cases = [
        ("@model(deps=D)", "dynamic-decorator", "2:13"),
        ("@model(deps=['a', B])", "dynamic-decorator", "2:13"),
        ("@model(**K)", "dynamic-decorator", "2:10"),
        ("@engine_model(only=E)", "dynamic-decorator", "2:20"),
        ("@model(materialised='table')", "unknown-argument", "2:8"),
        ("@model(only='duckdb')", "unknown-argument", "2:8"),
        ("@model(deps='a')", "decorator-value", "2:13"),
        ("@model(deps=[1])", "decorator-value", "2:13"),
        ("@model(deps={'a', 'b'})", "decorator-value", "2:13"),
        ("@model(name='')", "decorator-value", "2:13"),
        ("@model(volatile=1)", "decorator-value", "2:17"),
        ("@model(requires='a')", "decorator-value", "2:17"),
        ("@model(requires=['a'])", "decorator-value", "2:17"),
        ("@model(deps=['users.ff'], requires={'user': ['a']})", "unknown-dependency", "2:36"),
        ("@model('n', [], {}, 1)", "decorator-argument", "2:21"),
    ];
    for (decorator, code, place) in cases {
        let text = problem(&format!("{decorator}\ndef m(): ...\n"));
        assert!(text.starts_with(&format!("error[{code}]")), "{text}");
        assert!(text.contains(&format!("m.ff.py:{place}\n")), "{text}");
        assert!(text.contains("hint: "), "{text}");
    }
    assert!(problem("@model(materialised='table')\ndef m(): ...\n").contains("did you mean `materialized`?"));
    assert!(problem("@model(\ndef m(): ...\n").starts_with("error[python-syntax]"));
    assert!(problem("if 1:\n    @model\n    def m(): ...\n").starts_with("error[nested-model]"));
    assert!(problem("def m(): ...\n").starts_with("error[no-model]"));
    assert_eq!(problems("@model(x=1, deps=D)\ndef m(): ...\n").len(), 2);
}

#[test]
fn a_syntax_error_in_a_local_module_is_told_there() {
    let find =
        |name: &str| (name == "lib").then(|| LocalModule { path: "lib.py".into(), text: Arc::from("def f(:\n") });
    let text = "from fastflowtransform import model\nimport lib\n@model\ndef m():\n    return lib.f()\n";
    let found = analyse("m.ff.py", text, &find).expect_err("a problem");
    assert_eq!(found[0].at.as_ref().map(ToString::to_string).as_deref(), Some("lib.py:1:7"));
}

#[test]
fn line_ends_and_marks_do_not_count() {
    let text = format!("{HEAD}{FILE}");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(analyse("m", &windows, &none), analyse("m", &text, &none));
}

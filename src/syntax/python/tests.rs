//! Model files in, declarations and slices out.

mod plain;
mod running;

use super::*;
use std::collections::BTreeSet;

const HEAD: &str = "from fastflowtransform import model, engine_model, var\n";

fn all(text: &str) -> Vec<PythonModel> {
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &NoModules).expect("no problem")
}

fn one(text: &str) -> PythonModel {
    all(text).remove(0)
}

/// Modules by name, path and text.
struct Files<'a>(&'a [(&'a str, &'a str, &'a str)]);

impl Modules for Files<'_> {
    fn get(&self, name: &str) -> Option<Result<LocalModule, Diagnostic>> {
        let (_, path, text) = self.0.iter().find(|(known, _, _)| *known == name)?;
        Some(Ok(LocalModule { path: path.to_string(), text: Arc::from(*text) }))
    }

    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic> {
        self.0.iter().filter_map(|(name, _, _)| self.get(name)).collect()
    }
}

fn with(text: &str, files: &[(&str, &str, &str)]) -> PythonModel {
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &Files(files)).expect("no problem").remove(0)
}

fn problems(text: &str) -> Vec<Diagnostic> {
    analyse("models/m.ff.py", &format!("{HEAD}{text}"), &NoModules).expect_err("a problem")
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
TABLE = {"a": 1, "b": LIMIT}

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
    assert!(differs(FILE, "{\"a\": 1", "{\"a\": 2"));
    assert!(differs(FILE, "# inside", "# within"));
    assert!(!differs(FILE, "math.floor", "math.ceil"));
    assert!(!differs(FILE, "OTHER = 20", "OTHER = 21"));
    assert!(!differs(FILE, "json.dumps({})", "json.dumps([])"));
}

#[test]
fn names_in_texts_that_are_run_are_reached() {
    let base = "LIMIT = 1\n@model\ndef m(df):\n    return BODY\n";
    let reached = |body: &str| one(&base.replace("BODY", body)).slice.contains("LIMIT = 1");
    //: Then a name reaches every statement that binds it, also where it stands in a text that is run as code or as a
    //: query (`df.query("amount > @LIMIT")`).
    let twice = one("LIMIT = 1\nif True:\n    LIMIT = 2\n@model\ndef m(df):\n    return LIMIT\n").slice;
    assert!(twice.contains("LIMIT = 1") && twice.contains("LIMIT = 2"), "{twice}");
    assert!(reached("df.query('a > @LIMIT')"));
    assert!(reached("df.query(f'{df} > @LIMIT')"));
    assert!(reached("pd.eval('a + LIMIT')"));
    assert!(reached("run('select * from LIMIT')"));
    assert!(!reached("df['LIMIT']"));
    assert!(one("class K: pass\n@model\ndef m(a: 'list[K]'): pass\n").slice.contains("class K"));
}

#[test]
fn an_import_makes_a_module_known_to_who_has_its_package() {
    let files = [("p", "p/__init__.py", ""), ("p.a", "p/a.py", "X = 1\n"), ("p.b", "p/b.py", "Y = 1\n")];
    let text = "import p.a\nimport p.b as hidden\n@model\ndef m():\n    return p.b.Y\n";
    let found = with(text, &files);
    assert!(found.modules.contains_key("p/b.py") && found.slice.contains("import p.b as hidden"));
    let text = "import p.a\nimport p.b as hidden\n@model\ndef m():\n    return p.a.X\n";
    assert!(!with(text, &files).modules.contains_key("p/b.py"));
}

#[test]
fn the_name_of_the_function_may_be_bound_anew() {
    let text = "@model\ndef m():\n    return 1\ndef m():\n    return 2\n";
    assert!(one(text).slice.contains("return 2"));
    let variants = "@engine_model(only='a')\ndef m():\n    return 1\n@engine_model(only='b')\ndef m():\n    return 2\n";
    assert!(!one(variants).slice.contains("return 2"));
}

#[test]
fn imports_that_may_change_others_are_always_reached() {
    let m = "@model\ndef m():\n    return 1\n";
    assert!(one(&format!("from __future__ import annotations\n{m}")).slice.contains("__future__"));
    assert!(one(&format!("import swifter\n{m}")).slice.contains("swifter"));
    assert!(!one(&format!("import pandas as pd, json\n{m}")).slice.contains("pandas"));
    let files = [("lib", "lib.py", "import swifter\n")];
    assert!(with(&format!("import lib\n{m}"), &files).modules.contains_key("lib.py"));
}

#[test]
fn environment_variables_and_what_is_not_watched_are_found() {
    let env = |body: &str| {
        let text = format!(
            "import os\nfrom os import environ as e\nfrom fastflowtransform import env\nP = env('P')\n@model\ndef m():\n    \
             return {body}\n"
        );
        one(&text).reads.env.into_iter().collect::<Vec<_>>()
    };
    //: A Python model has those as well whose names are written out in its code, whatever they begin with:
    //: `env("REGION")`, `os.environ["REGION"]`.
    assert_eq!(env("env('REGION', 'eu')"), ["REGION"]);
    assert_eq!(env("P, env(name='A')"), ["A", "P"]);
    assert_eq!(
        env("os.environ['A'], os.environ.get('B'), os.getenv('C', 1), e['D'], 'F' in e"),
        ["A", "B", "C", "D", "F"]
    );
    let outside = |body: &str| {
        let text =
            format!("import os, time, random, requests\nfrom pathlib import Path\n@model\ndef m():\n    {body}\n");
        let found = one(&text).reads.outside;
        found.iter().map(|found| format!("{} {}", found.what, found.at)).collect::<Vec<_>>()
    };
    let files = "files that the code opens models/m.ff.py:";
    assert_eq!(outside("return 1"), Vec::<String>::new());
    assert_eq!(outside("pass\n    return pd.read_csv('a')"), [format!("{files}7")]);
    assert_eq!(outside("return open('a')"), [format!("{files}6")]);
    assert_eq!(outside("return Path('a').read_text()"), [format!("{files}6")]);
    assert_eq!(outside("return time.time()"), ["the clock models/m.ff.py:6"]);
    assert_eq!(outside("return random.random()"), ["random numbers models/m.ff.py:6"]);
    assert_eq!(outside("return requests.get('a')"), ["the network beside fft's own HTTP client models/m.ff.py:6"]);
    let computed = "environment variables whose names the code computes models/m.ff.py:6";
    assert_eq!(outside("return os.environ[x]"), [computed]);
    assert_eq!(outside("return dict(os.environ)"), [computed]);
    assert_eq!(outside("return os.path.expandvars('$REGION')"), [computed]);
    for read in ["pd.ExcelFile('a')", "pq.ParquetFile('a')", "pkgutil.get_data('a', 'b')", "sqlite3.connect('a.db')"] {
        assert_eq!(outside(&format!("return {read}")), [format!("{files}6")], "{read}");
    }
    for none in ["sqlite3.connect(':memory:')", "sqlite3.connect()", "client.get_data('a')", "client.connect('a')"] {
        assert_eq!(outside(&format!("return {none}")), Vec::<String>::new(), "{none}");
    }
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
fn what_cannot_be_followed_makes_the_whole_file_the_component() {
    let m = "@model\ndef m():\n    return 1\n";
    let reason = |text: &str| one(text).whole_file;
    assert_eq!(reason(m), None);
    let reached = format!("import importlib\n{}", m.replace("return 1", "return importlib.import_module('x')"));
    assert_eq!(reason(&reached).as_deref(), Some("`importlib` in models/m.ff.py:2"));
    assert_eq!(one(&reached).slice, format!("{HEAD}{reached}"));
    assert_eq!(reason(&format!("import importlib\n{m}")), None);
    //: So it does where code that the model reaches looks names up at run time (`globals()`, `getattr(x, name)`);
    //: where it may load modules by name or run texts (`importlib`, `exec`, `pickle` …), every Python file of the
    //: project counts.
    for call in ["exec('1')", "eval('1')", "__import__('x')", "globals()['x']", "locals()", "getattr(a, b)"] {
        let found = one(&m.replace("return 1", &format!("return {call}")));
        assert!(found.whole_file.is_some(), "{call}");
        assert_eq!(found.reads.vars, VarsRead::All);
    }
    assert!(reason(&m.replace("return 1", "return df.eval('a + b')")).is_none());
    assert!(reason(&m.replace("return 1", "return getattr(df, 'a')")).is_none());
    assert_eq!(
        reason(&format!("from . import x\n{}", m.replace('1', "x"))).as_deref(),
        Some("a relative import in models/m.ff.py:2")
    );
    assert_eq!(
        reason("@model(requires=R, deps=['a'])\ndef m(a):\n    return a\n").as_deref(),
        Some("a `requires` that is no literal in models/m.ff.py:2")
    );
    assert!(reason("@model(meta={'a': f()})\ndef m():\n    return 1\n").is_some());
    let inner = with("import lib\n@model\ndef m():\n    return lib.f()\n", &[("lib", "lib.py", "def f(): exec('')\n")]);
    assert_eq!(inner.whole_file.as_deref(), Some("`exec` in lib.py:1"));
}

#[test]
fn code_that_may_load_any_module_counts_all_of_them() {
    let files = [("a", "a.py", "X = 1\n"), ("b.c", "b/c.py", "Y = 1\n"), ("bad", "bad.py", "def f(:\n")];
    //: So it does where code that the model reaches looks names up at run time (`globals()`, `getattr(x, name)`);
    //: where it may load modules by name or run texts (`importlib`, `exec`, `pickle` …), every Python file of the
    //: project counts.
    let text = "import runpy\n@model\ndef m(name):\n    return runpy.run_module(name)\n";
    assert_eq!(with(text, &files).modules.keys().collect::<Vec<_>>(), ["a.py", "b/c.py"]);
    for (import, call) in
        [("importlib", "importlib.import_module(name)"), ("os", "exec(name)"), ("pickle", "pickle.loads(name)")]
    {
        let text = format!("import {import}\n@model\ndef m(name):\n    return {call}\n");
        assert_eq!(with(&text, &files).modules.keys().collect::<Vec<_>>(), ["a.py", "b/c.py"], "{call}");
    }
    let text = "import a\n@model\ndef m(name):\n    return globals()[name]\n";
    assert_eq!(with(text, &files).modules.keys().collect::<Vec<_>>(), ["a.py"]);
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
    assert_eq!(models[2].audience.engines, ["duckdb"]);
    assert_eq!(models[2].description.as_deref(), Some("told"));
    assert_eq!(models[3].audience.engines, ["postgres", "bigquery"]);
}

#[test]
fn existing_projects_say_for_whom_a_model_is() {
    let text = "from fastflowtransform import engine_model\n@engine_model(only='a', env_match={'FF_V': 'x'}, require=['id'], deps=['u'], \
                kind='python', meta={'engines': ['b'], 'tags': 't'}, tags=['s'])\ndef m(u):\n    return u\n\n@engine_model(only='c', deps=D)\ndef m(u):\n    \
                return no.such\n";
    let read = |sees: &dyn Fn(&Audience) -> bool| analyse_for("models/m.ff.py", text, &NoModules, sees);
    let models = read(&|whom| whom.engines != ["c"]).expect("what others have isn't looked at");
    let first = &models[0];
    assert_eq!(
        (&*first.audience.engines, &*first.tags),
        (&["a".to_string(), "b".into()][..], &["s".to_string(), "t".into()][..])
    );
    assert_eq!(first.audience.env["FF_V"], "x");
    assert_eq!(first.requires, Some(serde_json::json!(["id"])));
    assert!(first.slice.contains("@engine_model(require=['id'], deps=['u'])"), "{}", first.slice);
    assert_eq!((models[1].ordinal, models[1].slice.as_str()), (1, ""));
    assert_eq!(read(&|_| true).expect_err("a problem")[0].code, "dynamic-decorator");
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
        one(&format!("import fastflowtransform as fft\nC = var('c')\n@model\ndef m():\n    {body}\n")).reads.vars
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
    assert_eq!(local.reads.vars, names(&["deep", "on"]));
    let handed = with("from lib import v as w\n@model\ndef m():\n    return w(x)\n", &[lib]);
    assert_eq!(handed.reads.vars, VarsRead::All);
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
        ("@model(kind='sql')", "decorator-value", "2:13"),
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
    let files = [("lib", "lib.py", "def f(:\n")];
    let text = "from fastflowtransform import model\nimport lib\n@model\ndef m():\n    return lib.f()\n";
    let found = analyse("m.ff.py", text, &Files(&files)).expect_err("a problem");
    assert_eq!(found[0].at.as_ref().map(ToString::to_string).as_deref(), Some("lib.py:1:7"));
}

#[test]
fn line_ends_and_marks_do_not_count() {
    let text = format!("{HEAD}{FILE}");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(analyse("m", &windows, &NoModules), analyse("m", &text, &NoModules));
}

//! Small projects made at random, run by Python before and after one number in them is changed: where the function gives
//! something else, what it is known by must have changed as well.

#![expect(clippy::disallowed_methods, reason = "a real Python says what is right")]

use super::*;
use crate::syntax::python::LocalModule;
use std::io::Write;
use std::process::{Command, Stdio};

const PROJECTS: u64 = 600;

/// Gives a result for each project of standard input: what the model's function returned, or null for an error.
const RUN: &str = r#"
import importlib.abc, importlib.util, json, sys, types

class Served(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    texts = {}
    def find_spec(self, name, path=None, target=None):
        base = name.replace(".", "/")
        for file in (base + "/__init__.py", base + ".py"):
            if file in self.texts:
                return importlib.util.spec_from_loader(name, self, origin=file, is_package=file.endswith("__init__.py"))
    def exec_module(self, module):
        exec(compile(self.texts[module.__spec__.origin], module.__spec__.origin, "exec"), module.__dict__)

fft = types.ModuleType("fastflowtransform")
fft.model = lambda function: function
sys.modules["fastflowtransform"] = fft
sys.meta_path.insert(0, Served())
before = set(sys.modules)
results = []
for texts in json.load(sys.stdin):
    for name in set(sys.modules) - before:
        del sys.modules[name]
    Served.texts = texts
    module = types.ModuleType("fft_model")
    sys.modules["fft_model"] = module
    try:
        exec(compile(texts["models/m.ff.py"], "m", "exec"), module.__dict__)
        results.append(repr(module.__dict__["m"]()))
    except Exception:
        results.append(None)
json.dump(results, sys.stdout)
"#;

/// What every file begins with, `#` being a number of its own in each place.
const HEAD: &str = "import sys
from contextlib import suppress
K0 = #
K1 = K0 + #
D = {'k': #}
L = [#]
REG = {}
def f0():
    return #
def f1():
    return f0() + K1 + #
def bump(n=#):
    global K0
    K0 = K0 + n
def fill():
    D['k'] = D['k'] + #
    return #
def register(f):
    REG[f.__name__] = f
    return f
class C:
    r = #
    def f(self):
        return self.r + K1
alias = f1
box = [f0]
later = lambda: f1() + K0
";

/// What some files have as well.
const HOOK: &str = "class Base:
    def __init_subclass__(cls):
        REG[cls.__name__] = lambda: cls.v
";

/// What may follow: things that only bind, and all kinds that do more; `M` is a module that the file imports.
const MORE: [&str; 44] = [
    "K2 = #",
    "def f2(a=K1):\n    return a + #",
    "f0 = f1",
    "def f0():\n    return # + K1",
    "class C2(C):\n    r = #",
    "K1 = K0 * #",
    "if K0 > 5:\n    K1 = #",
    "try:\n    K1 = D['k'] + #\nexcept KeyError:\n    K1 = #",
    "D2 = {**D, 'k': #}",
    "K0, K1 = (#, #)",
    "L = [x + # for x in L]",
    "from M import f0",
    "from M import K0 as K1",
    "import M as other",
    "D['k'] = #",
    "D.update(k=#)",
    "_ = D.update(k=#)",
    "L.append(#)",
    "K0 += #",
    "L += [#]",
    "M.K0 = #",
    "M.D['k'] = #",
    "M.C.r = #",
    "M.f0 = lambda: #",
    "setattr(M, 'K0', #)",
    "M.L.append(#)",
    "globals()['K0'] = #",
    "vars()['K1'] = #",
    "g = globals(); g['K1'] = #",
    "exec('K0 = #')",
    "sys.modules[__name__].K0 = #",
    "sys.modules['M'].K1 = #",
    "bump(#)",
    "x = fill()",
    "M.bump()",
    "@register\ndef h():\n    return #",
    "@M.register\ndef h():\n    return #",
    "class S(Base):\n    v = #",
    "class S(M.Base):\n    v = #",
    "for i in range(2):\n    L.append(#)",
    "with suppress(Exception):\n    K0 = #",
    "(K1 := #)",
    "del K0; K0 = #",
    "M.REG['q'] = lambda: #",
];

/// What the model's function gives.
const GIVES: [&str; 34] = [
    "K0",
    "K1",
    "D['k']",
    "L[-1]",
    "f0()",
    "f1()",
    "alias()",
    "box[0]()",
    "later()",
    "C.r",
    "C().f()",
    "fill() + D['k']",
    "[f() for f in REG.values()]",
    "M.K0",
    "M.K1",
    "M.D['k']",
    "M.L",
    "M.f0()",
    "M.f1()",
    "M.alias()",
    "M.later()",
    "M.C().f()",
    "M.fill() + M.D['k']",
    "[f() for f in M.REG.values()]",
    "[bump(), K0, f1()]",
    "[M.bump(), M.K0]",
    "getattr(M, 'K1')",
    "getattr(M, 'K' + '0')",
    "globals()['K1']",
    "eval('K1')",
    "sys.modules['M'].K1",
    "vars(M)['K0']",
    "[c.v for c in Base.__subclasses__()]",
    "shared.b.K1",
];

/// Numbers by xorshift: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("it fits")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

type Texts = BTreeMap<String, String>;

/// A project: a model file that imports some of three modules, which import each other.
fn project(dice: &mut Dice) -> Texts {
    let mut number = 1000;
    let mut finish = |text: String| {
        let mut out = String::new();
        for part in text.split_inclusive('#') {
            out += part.trim_end_matches('#');
            if part.ends_with('#') {
                number += 1;
                out += &number.to_string();
            }
        }
        out
    };
    let imports = [
        "import shared.a",
        "from shared import b",
        "import shared.b as bb",
        "from shared import a, c",
        "import shared",
    ];
    let modules = |text: &str| {
        let bound =
            [("import shared.a", "shared.a"), ("from shared import b", "b"), ("shared.b as bb", "bb"), ("a, c", "c")];
        bound.iter().filter(|(import, _)| text.contains(import)).map(|(_, name)| name.to_string()).collect::<Vec<_>>()
    };
    let mut files = Texts::new();
    for (path, imported, more) in [
        ("shared/__init__.py", 0, 0),
        ("shared/b.py", 0, 1),
        ("shared/a.py", 1, 1),
        ("shared/c.py", 1, 2),
        ("models/m.ff.py", 3, 2),
    ] {
        let mut text = String::new();
        for _ in 0..imported {
            // Only downwards: a cycle is an error in most cases.
            let import = match path {
                "shared/a.py" => ["from shared import b", "import shared.b as bb"][dice.roll(2)],
                _ => dice.pick(&imports),
            };
            text += &format!("{import}\n");
        }
        let names = modules(&text);
        let with = |line: &str, dice: &mut Dice| {
            if names.is_empty() {
                line.replace("M.", "C.")
                    .replace("'M'", "'shared.b'")
                    .replace("from M", "from shared.b")
                    .replace('M', "C")
            } else {
                let name = &names[dice.roll(names.len())];
                let full = match name.as_str() {
                    "b" | "bb" => "shared.b",
                    "c" => "shared.c",
                    other => other,
                };
                line.replace("'M'", &format!("'{full}'"))
                    .replace("from M", &format!("from {full}"))
                    .replace("import M", &format!("import {full}"))
                    .replace("vars(M)", &format!("vars({name})"))
                    .replace("(M,", &format!("({name},"))
                    .replace("(M.", &format!("({name}."))
                    .replace("M.", &format!("{name}."))
            }
        };
        if path == "shared/__init__.py" {
            text += dice.pick(&["", "", "", "K0 = #\n", "from shared import b\nb.K0 = #\n"]);
        } else {
            text += HEAD;
            text += if dice.roll(8) == 0 { HOOK } else { "" };
            for _ in 0..dice.roll(more * 2 + 1) % (more + 1) {
                text += &format!("{}\n", with(dice.pick(&MORE), dice));
            }
        }
        if path == "models/m.ff.py" {
            text = format!("from fastflowtransform import model\n{text}");
            text += "@model\ndef m():\n    given = []\n";
            for _ in 0..3 {
                let given = with(dice.pick(&GIVES), dice);
                text += &format!("    with suppress(Exception):\n        given.append({given})\n");
            }
            text += "    return given\n";
        }
        files.insert(path.to_string(), finish(text));
    }
    files
}

/// The project with one of its numbers another.
fn edited(files: &Texts, dice: &mut Dice) -> Texts {
    let numbers = files.values().flat_map(|text| text.split(|letter: char| !letter.is_ascii_digit()));
    let numbers = numbers.filter(|word| word.len() == 4).collect::<Vec<_>>();
    let old = numbers[dice.roll(numbers.len())];
    files.iter().map(|(path, text)| (path.clone(), text.replace(old, &format!("5{old}")))).collect()
}

struct Project<'a>(&'a Texts);

impl Modules for Project<'_> {
    fn get(&self, name: &str) -> Option<Result<LocalModule, Diagnostic>> {
        let base = name.replace('.', "/");
        let paths = [format!("{base}/__init__.py"), format!("{base}.py")];
        let path = paths.into_iter().find(|path| self.0.contains_key(path))?;
        Some(Ok(LocalModule { text: self.0[&path].as_str().into(), path }))
    }

    fn all(&self) -> Result<Vec<LocalModule>, Diagnostic> {
        let module = |(path, text): (&String, &String)| LocalModule { path: path.clone(), text: text.as_str().into() };
        Ok(self.0.iter().map(module).collect())
    }
}

fn known(files: &Texts) -> PythonModel {
    analyse("models/m.ff.py", &files["models/m.ff.py"], &Project(files)).expect("no problem").remove(0)
}

fn results(projects: &[&Texts]) -> Vec<Option<String>> {
    let mut python = Command::new("python3")
        .args(["-c", RUN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python is installed");
    let input = serde_json::to_vec(projects).expect("texts are JSON");
    let mut pipe = python.stdin.take().expect("piped");
    std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(&input));
        let output = python.wait_with_output().expect("it ends");
        serde_json::from_slice(&output.stdout).expect("a result for each")
    })
}

#[test]
fn another_result_is_another_component() {
    let mut dice = Dice(0x5eed);
    let projects: Vec<(Texts, Texts)> = (0..PROJECTS)
        .map(|_| {
            let before = project(&mut dice);
            let after = edited(&before, &mut dice);
            (before, after)
        })
        .collect();
    let ran = results(&projects.iter().flat_map(|(before, after)| [before, after]).collect::<Vec<_>>());
    let (mut changed, mut kept, mut sliced) = (0, 0, 0);
    for ((before, after), ran) in projects.iter().zip(ran.chunks(2)) {
        let (old, new) = (known(before), known(after));
        let equal = (&old.slice, &old.modules) == (&new.slice, &new.modules);
        let differs = ran[0].is_some() && ran[1].is_some() && ran[0] != ran[1];
        assert!(
            !(equal && differs),
            "{ran:?}\n{}",
            before.iter().map(|(path, text)| format!("== {path}\n{text}")).collect::<String>()
        );
        changed += usize::from(differs);
        kept += usize::from(equal);
        sliced += usize::from(old.whole_file.is_none());
    }
    // What is tried must be worth trying.
    assert!(changed > 40 && kept > 40 && sliced > 40, "{changed} changed, {kept} kept, {sliced} sliced");
}

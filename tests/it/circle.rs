//! No two files of the library import each other in a loop, so that each can be read after what it is made of.
//!
//! A path (`crate::…`, `super::…`, `self::…` or by a child's name) is followed through modules and re-exports to the file
//! that defines what it names. A child may take what the `mod.rs` around it defines; that alone is no circle.

use super::tidy::{Source, identifier, sources};
use std::collections::{BTreeMap, BTreeSet};

/// A file by the names of its module from the top.
type Module = Vec<String>;

/// The names that each file takes from each other one.
type Ties = BTreeMap<Module, BTreeMap<Module, BTreeSet<String>>>;

/// A path as it is written, and the name that a `use` binds it to.
struct Written {
    path: Vec<String>,
    bound: String,
}

/// A file as far as other files matter to it.
#[derive(Default)]
struct File {
    /// Where the names lead that its `use`s bind.
    bound: BTreeMap<String, Vec<String>>,
    /// What it takes, as it is written.
    taken: Vec<Vec<String>>,
}

/// All files of the library, tests apart.
struct Crate {
    files: BTreeMap<Module, File>,
}

#[test]
fn no_files_import_each_other_in_a_loop() {
    let sources: Vec<Source> = sources().into_iter().filter(|source| source.module != "main").collect();
    let texts = sources.iter().filter(|source| !source.test).map(|source| (module(&source.path), source.code.as_str()));
    let ties = Crate::read(texts).ties();
    let tied: usize = ties.values().map(BTreeMap::len).sum();
    assert!(tied > 1000, "only {tied} imports were found");
    let circles = circles(ties);
    assert!(circles.is_empty(), "to be parted by moving what both need:\n{}", circles.join("\n"));
}

#[test]
fn loops_are_found_through_modules_and_what_they_hand_on() {
    let found = |texts: &[(&str, &str)]| {
        let ties = Crate::read(texts.iter().map(|(path, text)| (module(path), *text))).ties();
        circles(ties)
    };
    let a = ("a/mod.rs", "mod b;\nmod c;\npub use b::B;\npub(crate) use c::{C as D, f};\npub struct A;\n");
    let b = ("a/b.rs", "use super::A;\nuse super::{\n    D,\n    x::{self, Y},\n};\npub struct B;\n");
    let one = |c: &str| found(&[("lib.rs", "mod a;"), a, b, ("a/c.rs", c)]);
    let both = ["a/b -> a/c: D", "a/c -> a/b: B"];
    for c in [
        "use super::B;",
        "use crate::{a::{self, b::B}, z};",
        "use std::io;\nuse super::b::B as E;",
        "fn f() { crate::a::B::new(); }",
        "pub use super::b::*;\nfn f(_: super::B) {}",
    ] {
        let found = one(c);
        assert_eq!(found.len(), 2, "{c}: {found:?}");
        assert!(found[0].starts_with("a/b -> a/c: D") && found[1].starts_with("a/c -> a/b: "), "{c}: {found:?}");
    }
    assert_eq!(one("use super::B;"), both);
    // What is around, other crates, what is for tests, and what only sounds like a path.
    for c in [
        "use super::A;\nuse std::b::B;",
        "#[cfg(test)]\nuse super::B;",
        "pub(in crate::a::b) struct C;",
        "macro_rules! m { () => { $crate::a::B } }",
        "const C: &str = \"\\\n    use super of it\";",
    ] {
        assert!(one(c).is_empty(), "{c}: {:?}", one(c));
    }
    // A module that itself uses its child is in a circle with whoever is used by the child and uses the module.
    let inside = [("lib.rs", ""), ("a/mod.rs", "mod b;\nuse b::B;\npub struct A(B);"), ("a/b.rs", "use crate::c::C;")];
    let by_way = |c| found(&[&inside[..], &[("c.rs", c)]].concat());
    assert_eq!(by_way("use crate::a::A;"), ["a -> a/b: B", "a/b -> c: C", "c -> a: A"]);
    assert!(by_way("use crate::d::A;").is_empty());
}

/// `["artifact", "wire"]` of `artifact/wire/mod.rs`, nothing of `lib.rs`.
fn module(path: &str) -> Module {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|name| *name != "lib").map(String::from).collect()
}

impl Crate {
    fn read<'a>(texts: impl Iterator<Item = (Module, &'a str)>) -> Crate {
        let texts: BTreeMap<Module, String> = texts.map(|(module, code)| (module, without_tests(code))).collect();
        let children = |of: &Module| -> BTreeSet<String> {
            let child =
                |module: &Module| module.split_last().filter(|(_, parent)| parent == of).map(|(name, _)| name.clone());
            texts.keys().filter_map(child).collect()
        };
        let files = texts.iter().map(|(module, code)| (module.clone(), File::read(code, &children(module)))).collect();
        Crate { files }
    }

    /// The module whose file defines what `path` names, seen from the file of `from`.
    fn defining(&self, from: &Module, path: &[String], steps: usize) -> Option<Module> {
        let mut at = from.clone();
        for (index, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                name => {
                    let child: Module = at.iter().cloned().chain([name.to_string()]).collect();
                    if self.files.contains_key(&child) {
                        at = child;
                        continue;
                    }
                    let leads = self.files.get(&at)?.bound.get(name).filter(|_| steps > 0);
                    let Some(leads) = leads else { return Some(at) };
                    let whole: Vec<String> = leads.iter().chain(&path[index + 1..]).cloned().collect();
                    return self.defining(&at, &whole, steps - 1);
                }
            }
        }
        Some(at)
    }

    fn ties(&self) -> Ties {
        let mut ties = Ties::new();
        for (module, file) in &self.files {
            for path in &file.taken {
                let Some(other) = self.defining(module, path, 8) else { continue };
                let is_around = other.len() < module.len() && module.starts_with(&other);
                if other != *module && !is_around {
                    let names = ties.entry(module.clone()).or_default().entry(other).or_default();
                    names.extend(path.last().cloned());
                }
            }
        }
        ties
    }
}

impl File {
    fn read(code: &str, children: &BTreeSet<String>) -> File {
        let mut file = File::default();
        let is_root = |name: &String| ["crate", "self", "super"].contains(&name.as_str()) || children.contains(name);
        let is_rooted = |path: &[String]| path.first().is_some_and(is_root);
        let mut at = 0;
        while let Some(next) = code[at..].find(|character: char| character.is_alphabetic() || character == '_') {
            let (before, piece) = code.split_at(at + next);
            let word = identifier(piece).expect("it begins with a letter");
            let mut rest = &piece[word.len()..];
            let mut paths = Vec::new();
            if word == "use"
                && let Some(reach) = visibility(before)
            {
                rest = tree(rest, &[], &mut paths);
                for Written { path, bound } in paths.into_iter().filter(|one| is_rooted(&one.path)) {
                    // Handing on what a child defines is no use of it.
                    let hands_on = !reach.is_empty() && !["crate", "super"].contains(&path[0].as_str());
                    if !hands_on || words(code).filter(|word| *word == bound).count() > 1 {
                        file.taken.push(path.clone());
                    }
                    file.bound.insert(bound, path);
                }
            } else if rest.starts_with("::") && !before.ends_with([':', '$']) {
                rest = tree(piece, &[], &mut paths);
                if !before.ends_with("(in ") && is_rooted(&paths[0].path) {
                    file.taken.extend(paths.into_iter().map(|one| one.path));
                }
            }
            at = code.len() - rest.len();
        }
        file
    }
}

/// What stands in front of a `use`: nothing, `pub`, `pub(super)` or the like; `None` where a text just says so.
fn visibility(before: &str) -> Option<&str> {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    (line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))).then_some(line)
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
}

/// Reads the paths that begin `text`, behind `path`: `a::{b, c as d}`, `a::*`. Gives what follows them.
fn tree<'a>(text: &'a str, path: &[String], found: &mut Vec<Written>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') {
            let after = tree(rest, path, found).trim_start();
            assert!(after.len() < rest.len(), "no group of names: {rest:.80}");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        return &rest.trim_start()[1..];
    }
    let Some(name) = identifier(text) else {
        // `a::*`, or the `a::<T>` of a call.
        found.push(Written { path: path.to_vec(), bound: "*".into() });
        return text.strip_prefix('*').unwrap_or(text);
    };
    let mut rest = &text[name.len()..];
    let is_self = name == "self" && !path.is_empty();
    let path: Vec<String> = path.iter().cloned().chain((!is_self).then_some(name)).collect();
    if let Some(below) = rest.strip_prefix("::") {
        return tree(below, &path, found);
    }
    let mut bound = path.last().cloned().unwrap_or_default();
    if let Some(other) = rest.strip_prefix(" as ") {
        bound = identifier(other).unwrap_or_default();
        rest = &other[bound.len()..];
    }
    found.push(Written { path, bound });
    rest
}

/// The code without items of one line that are compiled for tests only.
fn without_tests(code: &str) -> String {
    let mut lines = code.lines();
    let mut kept = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            lines.by_ref().find(|line| line.ends_with([';', '{']));
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// A line for each tie of each circle, until none is left.
fn circles(mut ties: Ties) -> Vec<String> {
    let shown = |module: &Module| module.join("/");
    let mut found = Vec::new();
    loop {
        // Who takes from nobody that is left is in no circle.
        loop {
            let left: BTreeSet<Module> = ties.keys().cloned().collect();
            ties.values_mut().for_each(|others| others.retain(|other, _| left.contains(other)));
            ties.retain(|_, others| !others.is_empty());
            if ties.len() == left.len() {
                break;
            }
        }
        let Some(start) = ties.keys().next().cloned() else { return found };
        let mut way = vec![start];
        let first = loop {
            let next = ties[&way[way.len() - 1]].keys().next().expect("none without another is left").clone();
            match way.iter().position(|module| *module == next) {
                Some(first) => break first,
                None => way.push(next),
            }
        };
        let circle = &way[first..];
        for (module, next) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            let names: Vec<&str> = ties[module][next].iter().map(String::as_str).collect();
            found.push(format!("{} -> {}: {}", shown(module), shown(next), names.join(", ")));
        }
        // One tie less, and the others show.
        let (last, next) = (&circle[circle.len() - 1], &circle[0]);
        ties.get_mut(last).expect("it is on the way").remove(next);
        ties.retain(|_, others| !others.is_empty());
    }
}

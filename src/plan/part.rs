//! Which functions, classes, constants and imports of a Python text changed.
//!
//! Takes the text before and after (a model's slice, or a module) and gives an [`Attribution`] for each part that isn't
//! the same, sorted by what it is and its name. Pure.

use super::{Attribution, TextDiff};
use crate::digest::Digest;
use crate::fingerprint::{Change, InputKind};
use crate::syntax::python::{Part, PartKind, parts, semantic_digest};
use std::collections::{BTreeMap, BTreeSet};

type Numbered = BTreeMap<(PartKind, String, usize), Part>;

/// The parts that differ between `before` and `after`. `path` is the file, and `file` its text now where `after` isn't
/// the file as a whole: lines are counted there.
pub(super) fn changed(before: &[u8], after: &[u8], path: &str, file: Option<&str>) -> Vec<Attribution> {
    let text = |bytes| std::str::from_utf8(bytes).map(numbered).unwrap_or_default();
    let (old, new) = (text(before), text(after));
    let places = file.map(numbered);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    // Parts of one name are told apart by their place among each other, so that each has a counterpart.
    let attribution = |name: &(PartKind, String, usize)| {
        let (left, right) = (old.get(name), new.get(name));
        let change = match (left, right) {
            (Some(left), Some(right)) if left.text == right.text => return None,
            (Some(_), Some(_)) => Change::Modified,
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
        };
        let line = right.map(|part| match &places {
            Some(places) => places.get(name).map_or(0, |place| place.line),
            None => part.line,
        });
        let bytes = |part: Option<&Part>| part.map(|part| part.text.as_bytes().to_vec()).unwrap_or_default();
        Some(Attribution {
            after: right.map(|part| Digest::of(part.text.as_bytes())),
            before: left.map(|part| Digest::of(part.text.as_bytes())),
            after_value: None,
            before_value: None,
            change,
            cosmetic: left
                .zip(right)
                .is_some_and(|(left, right)| left.semantic.is_some() && left.semantic == right.semantic),
            diff: TextDiff::between(&bytes(left), &bytes(right)),
            kind: kind(name.0),
            // What is gone has no line in the file as it is.
            line: line.unwrap_or(0),
            name: name.1.clone(),
            path: path.into(),
        })
    };
    names.into_iter().filter_map(attribution).collect()
}

/// Whether only comments and layout differ.
pub(super) fn same_meaning(before: &[u8], after: &[u8]) -> bool {
    let meaning = |bytes| semantic_digest(std::str::from_utf8(bytes).ok()?);
    meaning(before).is_some_and(|before| meaning(after) == Some(before))
}

/// Parts by kind and name, and by their place among those of one name.
fn numbered(text: &str) -> Numbered {
    let mut count: BTreeMap<(PartKind, String), usize> = BTreeMap::new();
    let number = |part: Part| {
        let place = count.entry((part.kind, part.name.clone())).or_default();
        *place += 1;
        ((part.kind, part.name.clone(), *place), part)
    };
    parts(text).into_iter().map(number).collect()
}

fn kind(kind: PartKind) -> InputKind {
    match kind {
        PartKind::Function => InputKind::Function,
        PartKind::Class => InputKind::Class,
        PartKind::Constant => InputKind::Constant,
        PartKind::Import => InputKind::Import,
        PartKind::Statement => InputKind::Statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str, file: Option<&str>) -> Vec<String> {
        let one = |found: Attribution| {
            let cosmetic = if found.cosmetic { " cosmetic" } else { "" };
            format!("{} {} {:?}{cosmetic} {}:{}", found.kind.as_str(), found.name, found.change, found.path, found.line)
        };
        changed(before.as_bytes(), after.as_bytes(), "m.py", file).into_iter().map(one).collect()
    }

    const BASE: &str = "import os\nRATE = 1\ndef clean(x):\n    return x * RATE\ndef build():\n    return clean(2)\n";

    #[test]
    fn each_kind_of_change_names_its_part() {
        assert_eq!(told(BASE, BASE, None), Vec::<String>::new());
        assert_eq!(told(BASE, &BASE.replace("RATE = 1", "RATE = 2"), None), ["constant RATE Modified m.py:2"]);
        assert_eq!(told(BASE, &BASE.replace("x * RATE", "x + RATE"), None), ["function clean Modified m.py:3"]);
        assert_eq!(
            told(BASE, &BASE.replace("x * RATE", "x  *  RATE"), None),
            ["function clean Modified cosmetic m.py:3"]
        );
        assert_eq!(told(BASE, &BASE.replace("import os", "import os, re"), None), ["import re Added m.py:1"]);
        let without = BASE.replace("def clean(x):\n    return x * RATE\n", "").replace("clean(2)", "2");
        assert_eq!(told(BASE, &without, None), ["function build Modified m.py:3", "function clean Removed m.py:0"]);
        assert_eq!(told("class A: pass\nA = 1\n", "class A: x = 1\nA = 1\n", None), ["class A Modified m.py:1"]);
        assert_eq!(told("X = 1\nX = 2\n", "X = 1\nX = 3\n", None), ["constant X Modified m.py:2"]);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let file = format!("\"\"\"Words.\"\"\"\nUNREACHED = 0\n\n\n{}", BASE.replace("RATE = 1", "RATE = 2"));
        assert_eq!(told(BASE, &BASE.replace("RATE = 1", "RATE = 2"), Some(&file)), ["constant RATE Modified m.py:6"]);
    }

    #[test]
    fn a_part_has_its_own_diff() {
        let found = changed(BASE.as_bytes(), BASE.replace("RATE = 1", "RATE = 2").as_bytes(), "m.py", None);
        assert_eq!(found[0].diff.as_ref().unwrap().unified, "@@ -1 +1 @@\n-RATE = 1\n+RATE = 2\n");
    }
}

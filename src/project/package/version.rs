//! Versions and what is asked of them: `>=1.2, <2`, `^1.2.3`, `~1.2`, `1.2.3`; and what a project.yml asks of the packages
//! around it.

use super::super::fields::Fields;
use crate::diagnostic::{Diagnostic, Location};
use std::fmt;

/// Three numbers; those that aren't written are 0.
type Numbers = [u64; 3];

/// Which versions fit. Every one of its bounds must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    text: String,
    bounds: Vec<(Bound, Numbers)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Least,
    Above,
    Most,
    Below,
    Equal,
    Not,
}

const SIGNS: [(&str, Bound); 7] = [
    (">=", Bound::Least),
    ("<=", Bound::Most),
    ("==", Bound::Equal),
    ("!=", Bound::Not),
    (">", Bound::Above),
    ("<", Bound::Below),
    ("=", Bound::Equal),
];

impl Constraint {
    /// `None` for text that is no constraint.
    pub fn read(text: &str) -> Option<Constraint> {
        let mut bounds = Vec::new();
        // `>= 1.2` is one part.
        let spaced = SIGNS.iter().fold(text.to_string(), |text, (sign, _)| text.replace(&format!("{sign} "), sign));
        for part in spaced.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty()) {
            if let Some(rest) = part.strip_prefix('^') {
                let least = numbers(rest)?;
                bounds.extend([(Bound::Least, least), (Bound::Below, caret(least))]);
            } else if let Some(rest) = part.strip_prefix('~') {
                let least = numbers(rest)?;
                // Of one number alone the next one is another version.
                let next = if rest.contains('.') { [least[0], least[1] + 1, 0] } else { [least[0] + 1, 0, 0] };
                bounds.extend([(Bound::Least, least), (Bound::Below, next)]);
            } else {
                let signed = SIGNS.iter().find_map(|(sign, bound)| Some((*bound, part.strip_prefix(sign)?)));
                let (bound, rest) = signed.unwrap_or((Bound::Equal, part));
                bounds.push((bound, numbers(rest)?));
            }
        }
        (!bounds.is_empty()).then(|| Constraint { text: text.trim().to_string(), bounds })
    }

    /// Whether a version fits; `None` where it is no version.
    pub fn fits(&self, version: &str) -> Option<bool> {
        let version = numbers(version)?;
        let holds = |(bound, other): &(Bound, Numbers)| match bound {
            Bound::Least => version >= *other,
            Bound::Above => version > *other,
            Bound::Most => version <= *other,
            Bound::Below => version < *other,
            Bound::Equal => version == *other,
            Bound::Not => version != *other,
        };
        Some(self.bounds.iter().all(holds))
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The next version that `^` leaves out: the first number that isn't 0 grows.
fn caret(least: Numbers) -> Numbers {
    match least {
        [0, 0, patch] => [0, 0, patch + 1],
        [0, minor, _] => [0, minor + 1, 0],
        [major, ..] => [major + 1, 0, 0],
    }
}

/// `1`, `1.2` or `1.2.3`, with or without `v` in front; what stands behind `-` or `+` says nothing of the order.
fn numbers(text: &str) -> Option<Numbers> {
    let plain = text.trim().trim_start_matches('v').split(['-', '+']).next()?;
    let mut found = [0; 3];
    let mut parts = plain.split('.');
    for (at, number) in found.iter_mut().enumerate() {
        match parts.next() {
            Some(part) => *number = part.parse().ok().filter(|number| *number < u64::MAX)?,
            None if at > 0 => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(found)
}

/// A package that another one needs, whoever asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    pub name: String,
    pub version: Option<Constraint>,
    /// It may be missing.
    pub optional: bool,
    pub at: Location,
}

/// `dependencies` of project.yml: `[{name: shared, version: ">=1", optional: true}]`.
pub(in crate::project) fn dependencies(fields: &mut Fields<'_>) -> Vec<Dependency> {
    let mut found = Vec::new();
    for node in fields.list("dependencies") {
        let Some(mut own) = Fields::new(fields.file, "a dependency", node) else { continue };
        let name = own.required("name");
        let version = constraint(&mut own);
        let optional = own.flag("optional").unwrap_or_default();
        own.finish();
        let at = fields.file.location(node.at);
        found.extend(name.map(|name| Dependency { name, version, optional, at }));
    }
    found
}

/// `version: ">=1.2, <2"`, or a list of bounds.
pub(in crate::project) fn constraint(fields: &mut Fields<'_>) -> Option<Constraint> {
    let at = fields.node("version")?.at;
    let texts: Vec<String> = fields.texts("version").into_iter().map(|(text, _)| text).collect();
    let text = texts.join(", ");
    let found = Constraint::read(&text);
    if found.is_none() {
        let problem = Diagnostic::new("bad-value", format!("`version` of {} is no version: {text}", fields.owner));
        fields.file.report(at, problem.hint("write `version: \">=1.2, <2\"`, `^1.2` or `1.2.3`"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_fit_or_not() {
        let cases = [
            ("1.2.3", "1.2.3", true),
            ("1.2.3", "1.2.4", false),
            (">=1.2.0,<2.0.0", "1.9", true),
            (">=1.2.0,<2.0.0", "2.0.0", false),
            (">1.0.0 <=2.0.0", "1.0.0", false),
            (">= 1.0, != 1.5", "1.5.0", false),
            ("^1.2.3", "1.9.0", true),
            ("^0.3.0", "0.4.0", false),
            ("^0.0.4", "0.0.5", false),
            ("~1.2.3", "1.2.9", true),
            ("~1.2.3", "1.3.0", false),
            ("~1", "1.9", true),
            ("v1.2", "1.2.0-rc1", true),
        ];
        for (constraint, version, fits) in cases {
            let read = Constraint::read(constraint).unwrap_or_else(|| panic!("{constraint}"));
            assert_eq!(read.fits(version), Some(fits), "{constraint} {version}");
        }
    }

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "latest", ">=", "1.2.3.4", "1..2", "^x", "18446744073709551615"] {
            assert_eq!(Constraint::read(text), None, "{text}");
        }
        assert_eq!(Constraint::read(">=1").unwrap().fits(""), None);
    }
}

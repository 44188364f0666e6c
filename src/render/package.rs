//! Macros by the name of their package: `{{ utils.money('x') }}` calls the macro `money` of the package `utils`.
//!
//! All macros are in one module, so the name in front is overwritten with blanks; every offset stays.

use crate::project::Project;
use minijinja::machinery::{Token, tokenize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The macros of each package, and of the project under its own name.
#[derive(Clone, Debug, Default)]
pub struct Packages(BTreeMap<String, BTreeSet<String>>);

impl Packages {
    pub fn of(project: &Project) -> Packages {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in &project.macros {
            let package = project.package_of(&file.path).map_or(&project.settings.name, |package| &package.name);
            found.entry(package.clone()).or_default().extend(names(&file.text));
        }
        Packages(found)
    }

    /// The text with macros by their names alone.
    pub fn plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut out = Cow::Borrowed(text);
        if !self.0.keys().any(|package| text.contains(&**package)) {
            return out;
        }
        let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
        for (at, window) in tokens.windows(4).enumerate() {
            let [(Token::Ident(package), start), (Token::Dot, _), (Token::Ident(name), end), (Token::ParenOpen, _)] =
                window
            else {
                continue;
            };
            let inside = at.checked_sub(1).is_some_and(|before| matches!(tokens[before].0, Token::Dot));
            if !inside && self.0.get(*package).is_some_and(|names| names.contains(*name)) {
                let range = start.start_offset as usize..end.start_offset as usize;
                let blanks = " ".repeat(range.len());
                out.to_mut().replace_range(range, &blanks);
            }
        }
        out
    }
}

/// The names of a file's macros.
fn names(text: &str) -> Vec<String> {
    let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
    let name = |window: &[(Token<'_>, _)]| match window {
        [(Token::BlockStart, _), (Token::Ident("macro"), _), (Token::Ident(name), _)] => Some(name.to_string()),
        _ => None,
    };
    tokens.windows(3).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_in_front_makes_room() {
        let packages = Packages([("utils".to_string(), BTreeSet::from(["money".to_string()]))].into());
        let text =
            "{{ utils.money('x') }} {{ utils . money (1) }} {{ utils.other(1) }} {{ a.utils.money(1) }} utils.money(";
        let plain = packages.plain(text);
        assert_eq!(plain.len(), text.len());
        assert!(
            plain.starts_with(
                "{{       money('x') }} {{         money (1) }} {{ utils.other(1) }} {{ a.utils.money(1) }}"
            ),
            "{plain}"
        );
        assert!(plain.ends_with(" utils.money("));
        assert_eq!(names("{% macro a() %}{% endmacro %}{%- macro b(x) -%}{% endmacro %}"), ["a", "b"]);
    }
}

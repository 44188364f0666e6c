//! A template's calls with the lines they stand on, found from its tokens without running it.
//!
//! Running tells what a template read; only its text tells where, and whether a name is written out. `ref(variable)`
//! is refused here: an edge of the graph that depends on a value would be missed by every reader.

use crate::diagnostic::{Diagnostic, Location};
use crate::syntax::depth::MOST;
use crate::syntax::jinja;
use minijinja::machinery::{Token, tokenize};
use std::collections::{BTreeMap, BTreeSet};

/// What a template's tokens say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    path: String,
    /// First place of each `function("literal", "literal"?)`.
    calls: BTreeMap<(String, Vec<String>), Location>,
    identifiers: BTreeSet<String>,
    /// Names behind a dot: those of what an import names, where there is one.
    attributes: BTreeSet<String>,
    /// `ref` and `source` whose names aren't literals.
    dynamic: Vec<(String, Location)>,
    /// Where it nests too deep to be compiled.
    deep: Option<Location>,
}

impl Scan {
    /// Where `function` is first called with `arguments`, else the file.
    pub fn place(&self, function: &str, arguments: &[&str]) -> Option<Location> {
        let key = (function.to_string(), arguments.iter().map(|text| text.to_string()).collect());
        self.calls.get(&key).cloned()
    }

    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.identifiers.iter().map(String::as_str)
    }

    /// The names of `ref()`, each with its first place.
    pub fn references(&self) -> impl Iterator<Item = (&str, &Location)> {
        let calls = self.calls.iter().filter(|((function, _), _)| function == "ref");
        calls.filter_map(|((_, arguments), at)| Some((arguments.last()?.as_str(), at)))
    }

    /// The groups and tables of `source()`, each with its first place.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str, &Location)> {
        let calls = self.calls.iter().filter(|((function, _), _)| function == "source");
        calls.filter_map(|((_, arguments), at)| match arguments.as_slice() {
            [group, table] => Some((group.as_str(), table.as_str(), at)),
            _ => None,
        })
    }

    /// What the template may take from the macros by an import that it has itself.
    pub fn imported(&self) -> impl Iterator<Item = &str> {
        let names = self.identifiers.iter().chain(&self.attributes);
        names.map(String::as_str).filter(|_| self.identifiers.contains("import"))
    }

    /// The same for a text that begins at `start` of its file.
    pub fn from(mut self, start: &Location) -> Scan {
        for at in self.calls.values_mut().chain(self.dynamic.iter_mut().map(|(_, at)| at)).chain(&mut self.deep) {
            if at.line == 1 {
                at.column += start.column - 1;
            }
            at.line += start.line - 1;
        }
        self
    }

    /// Whether it nests too deep to be compiled.
    pub fn is_too_deep(&self) -> bool {
        self.deep.is_some()
    }

    /// One problem for each name that isn't written out.
    pub fn problems(&self, text: &str) -> Vec<Diagnostic> {
        let problem = |(function, at): &(String, Location)| {
            Diagnostic::new("dynamic-name", format!("`{function}()` takes its name as a literal string"))
                .at(at.clone())
                .excerpt(text)
                .hint(format!("write the name out: `{function}('…')`; choose between models with `{{% if %}}`"))
        };
        let deep = self.deep.iter().map(|at| too_deep(at.clone()).excerpt(text));
        self.dynamic.iter().map(problem).chain(deep).collect()
    }
}

/// What is said of a template that nests too deep.
pub fn too_deep(at: Location) -> Diagnostic {
    Diagnostic::new("too-deep", format!("the template nests more than {MOST} levels deep"))
        .at(at)
        .hint("split it: give parts of an expression names with `{% set %}`, or loop over a list")
}

/// Reads a template's tokens; what can't be tokenized is left to the renderer to report.
pub fn scan(path: &str, text: &str) -> Scan {
    let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
    let deep = jinja::too_deep_in(&tokens).map(|at| Location::at_offset(path, text, at));
    let mut scan = Scan { path: path.into(), deep, ..Scan::default() };
    let mut shadowed = BTreeSet::new();
    let mut place = Cursor { text, offset: 0, line: 1, column: 1 };
    for (index, (token, span)) in tokens.iter().enumerate() {
        let Token::Ident(name) = token else { continue };
        let before = index.checked_sub(1).map(|previous| &tokens[previous].0);
        if matches!(before, Some(Token::Dot)) {
            scan.attributes.insert(name.to_string());
            continue;
        }
        let (line, column) = place.advance(span.start_offset as usize);
        let at = Location::new(path, line, column);
        // `name=` names an argument or a new variable and uses none.
        if !matches!(tokens.get(index + 1), Some((Token::Assign, _))) {
            scan.identifiers.insert(name.to_string());
        }
        if matches!(before, Some(Token::Ident("macro" | "set"))) {
            shadowed.insert(*name);
        }
        if matches!(tokens.get(index + 1), Some((Token::ParenOpen, _))) && !shadowed.contains(name) {
            scan.call(name, &tokens[index + 2..], at);
        }
    }
    scan
}

/// A place that only moves on, so that all tokens of a text cost one pass. (The tokens' own lines end at 65,535.)
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    fn advance(&mut self, offset: usize) -> (usize, usize) {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        match passed.rsplit_once('\n') {
            Some((lines, line)) => {
                self.line += lines.matches('\n').count() + 1;
                self.column = line.chars().count() + 1;
            }
            None => self.column += passed.chars().count(),
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

impl Scan {
    fn call(&mut self, function: &str, rest: &[(Token<'_>, minijinja::machinery::Span)], at: Location) {
        let mut literals = Vec::new();
        let mut computed = false;
        for pair in rest.chunks(2) {
            let Some(text) = literal(&pair[0].0) else {
                // What has a name, as in `v=2`, is no name itself.
                computed = !matches!(pair, [_, (Token::Assign, _)]) && !matches!(pair[0].0, Token::ParenClose);
                break;
            };
            literals.push(text);
            let ends = pair.get(1).is_some_and(|(token, _)| matches!(token, Token::ParenClose));
            let goes_on = pair.get(1).is_some_and(|(token, _)| matches!(token, Token::Comma));
            if !ends && !goes_on {
                // `'a' ~ x`: not a literal after all.
                literals.pop();
                computed = true;
                break;
            }
            if ends {
                break;
            }
        }
        let wanted = match function {
            // With a package in front: `ref('shared', 'users')`.
            "ref" => 1 + usize::from(literals.len() > 1 || (literals.len() == 1 && computed)),
            "source" => 2,
            "var" | "env" => 1.min(literals.len()),
            "config" => 0,
            _ => return,
        };
        if literals.len() < wanted {
            self.dynamic.push((function.to_string(), at));
            return;
        }
        literals.truncate(wanted);
        self.calls.entry((function.to_string(), literals)).or_insert(at);
    }
}

fn literal(token: &Token<'_>) -> Option<String> {
    match token {
        Token::Str(text) => Some(text.to_string()),
        Token::String(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_places() {
        let scan = scan(
            "m.sql",
            "select *\nfrom {{ ref('a') }} join {{ source(\"g\", 't') }}\n{% if var('x', 1) %}{% endif %}",
        );
        assert_eq!(scan.place("ref", &["a"]), Some(Location::new("m.sql", 2, 9)));
        assert_eq!(scan.place("source", &["g", "t"]), Some(Location::new("m.sql", 2, 29)));
        assert_eq!(scan.place("var", &["x"]), Some(Location::new("m.sql", 3, 7)));
        assert!(scan.problems("").is_empty());
    }

    #[test]
    fn a_text_inside_a_file_has_the_places_of_the_file() {
        let scan = scan("m.sql", "é {{ ref('a') }}\n {{ var('b') }}").from(&Location::new("m.sql", 4, 11));
        assert_eq!(scan.place("ref", &["a"]), Some(Location::new("m.sql", 4, 16)));
        assert_eq!(scan.place("var", &["b"]), Some(Location::new("m.sql", 5, 5)));
    }

    #[test]
    fn odd_input_is_no_panic() {
        for text in
            ["{{ ref( }}", "{{ ref(", "{{ ref", "{{", "{% macro %}", "{{ 'é", "{{ source('a', }}", "{{ ref('a' 'b') }}"]
        {
            scan("m.sql", text);
        }
    }

    #[test]
    fn names_must_be_literal() {
        for text in [
            "{{ ref(x) }}",
            "{{ ref('a', x) }}",
            "{{ ref('a' ~ x) }}",
            "{{ source('g', t) }}",
            "{{ ref() }}",
            "{{ ref( }}",
        ] {
            assert_eq!(scan("m.sql", text).problems(text).len(), 1, "{text}");
        }
    }
}

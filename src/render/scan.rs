//! A template's calls with the lines they stand on, found from its tokens without running it.
//!
//! Running tells what a template read; only its text tells where, and whether a name is written out. `ref(variable)`
//! is refused here: an edge of the graph that depends on a value would be missed by every reader.

use crate::diagnostic::{Diagnostic, Location};
use minijinja::machinery::{Token, tokenize};
use std::collections::{BTreeMap, BTreeSet};

/// What a template's tokens say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    path: String,
    /// First place of each `function("literal", "literal"?)`.
    calls: BTreeMap<(String, Vec<String>), Location>,
    /// Every identifier, with its first place.
    identifiers: BTreeMap<String, Location>,
    /// `ref` and `source` whose names aren't literals.
    dynamic: Vec<(String, Location)>,
}

impl Scan {
    /// Where `function` is first called with `arguments`, else the file.
    pub fn place(&self, function: &str, arguments: &[&str]) -> Option<Location> {
        let key = (function.to_string(), arguments.iter().map(|text| text.to_string()).collect());
        self.calls.get(&key).cloned()
    }

    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.identifiers.keys().map(String::as_str)
    }

    /// The same with every line moved down by `lines`: for a text that begins inside a file.
    pub fn below(mut self, lines: usize) -> Scan {
        let places = self.calls.values_mut().chain(self.identifiers.values_mut());
        for at in places.chain(self.dynamic.iter_mut().map(|(_, at)| at)) {
            at.line += lines;
        }
        self
    }

    /// One problem for each name that isn't written out.
    pub fn problems(&self, text: &str) -> Vec<Diagnostic> {
        let problem = |(function, at): &(String, Location)| {
            Diagnostic::new("dynamic-name", format!("`{function}()` takes its name as a literal string"))
                .at(at.clone())
                .excerpt(text)
                .hint(format!("write the name out: `{function}('…')`; choose between models with `{{% if %}}`"))
        };
        self.dynamic.iter().map(problem).collect()
    }
}

/// Reads a template's tokens; what can't be tokenized is left to the renderer to report.
pub fn scan(path: &str, text: &str) -> Scan {
    let tokens: Vec<_> = tokenize(text, false, Default::default()).map_while(Result::ok).collect();
    let mut scan = Scan { path: path.into(), ..Scan::default() };
    let mut shadowed = BTreeSet::new();
    for (index, (token, span)) in tokens.iter().enumerate() {
        let Token::Ident(name) = token else { continue };
        let before = index.checked_sub(1).map(|previous| &tokens[previous].0);
        if matches!(before, Some(Token::Dot)) {
            continue;
        }
        let at = Location::at_offset(path, text, span.start_offset as usize);
        scan.identifiers.entry(name.to_string()).or_insert_with(|| at.clone());
        if matches!(before, Some(Token::Ident("macro" | "set"))) {
            shadowed.insert(*name);
        }
        if matches!(tokens.get(index + 1), Some((Token::ParenOpen, _))) && !shadowed.contains(name) {
            scan.call(name, &tokens[index + 2..], at);
        }
    }
    scan
}

impl Scan {
    fn call(&mut self, function: &str, rest: &[(Token<'_>, minijinja::machinery::Span)], at: Location) {
        let mut literals = Vec::new();
        for pair in rest.chunks(2) {
            let Some(text) = literal(&pair[0].0) else { break };
            literals.push(text);
            let ends = pair.get(1).is_some_and(|(token, _)| matches!(token, Token::ParenClose));
            let goes_on = pair.get(1).is_some_and(|(token, _)| matches!(token, Token::Comma));
            if !ends && !goes_on {
                // `'a' ~ x`: not a literal after all.
                literals.pop();
                break;
            }
            if ends {
                break;
            }
        }
        let wanted = match function {
            "ref" => 1,
            "source" => 2,
            "var" | "env" => 1.min(literals.len()),
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
    fn names_must_be_literal() {
        for text in ["{{ ref(x) }}", "{{ ref('a' ~ x) }}", "{{ source('g', t) }}", "{{ ref() }}"] {
            assert_eq!(scan("m.sql", text).problems(text).len(), 1, "{text}");
        }
    }
}

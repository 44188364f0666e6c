//! The project's macros: where each is defined, and which others it uses.
//!
//! All macro files make one module, so that a macro may use any other; a model imports from it what it names.

use super::MacroUse;
use super::scan::{Scan, scan};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::MacroFile;
use minijinja::Environment;
use minijinja::machinery::{Token, tokenize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The module's name in the template engine.
pub const MODULE: &str = "macros";

/// Every macro of a project.
#[derive(Debug, Default)]
pub struct MacroIndex {
    module: String,
    /// Where each file begins in the module, in bytes, with its path and text.
    files: Vec<(usize, String, Arc<str>)>,
    macros: BTreeMap<String, Definition>,
}

#[derive(Debug)]
struct Definition {
    at: Location,
    text: Arc<str>,
    scan: Scan,
}

impl MacroIndex {
    /// Reads every file, or gives every problem of every file.
    pub fn read(files: &[MacroFile]) -> Result<MacroIndex, Vec<Diagnostic>> {
        let mut index = MacroIndex::default();
        let mut problems = Vec::new();
        for file in files {
            if let Some(problem) = compile(file) {
                problems.push(problem);
                continue;
            }
            index.files.push((index.module.len(), file.path.clone(), file.text.clone()));
            index.module.push_str(&file.text);
            index.module.push('\n');
            for (name, definition) in definitions(file) {
                problems.extend(definition.scan.problems(&file.text));
                if RESERVED.contains(&name.as_str()) || name.starts_with("ff_") {
                    let message = format!("macro `{name}` has the name of a built-in");
                    problems.push(Diagnostic::new("reserved-name", message).at(definition.at).hint("rename it"));
                } else if let Some(first) = index.macros.get(&name) {
                    let message = format!("macro `{name}` is defined twice; first in {}", first.at);
                    problems.push(Diagnostic::new("duplicate-macro", message).at(definition.at).hint("rename one"));
                } else {
                    index.macros.insert(name, definition);
                }
            }
        }
        if problems.is_empty() {
            problems.extend(index.compile());
        }
        if problems.is_empty() { Ok(index) } else { Err(problems) }
    }

    /// What each file is alone all of them needn't be together: a block may be defined in two.
    fn compile(&self) -> Option<Diagnostic> {
        let error = Environment::new().template_from_named_str(MODULE, &self.module).err()?;
        let (at, text) = self.place(error.range().map_or(0, |range| range.start));
        Some(super::problem::diagnostic(&error).at(at).excerpt(text))
    }

    /// The text of all files.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// The names of all macros.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.macros.keys().map(String::as_str)
    }

    /// The macros that a template names itself.
    pub fn used_by(&self, scan: &Scan) -> Vec<String> {
        scan.identifiers().filter(|name| self.macros.contains_key(*name)).map(String::from).collect()
    }

    /// Those macros and every macro that they use in turn.
    pub fn closure(&self, names: &[String]) -> BTreeMap<String, MacroUse> {
        let mut found = BTreeMap::new();
        let mut open: Vec<String> = names.to_vec();
        while let Some(name) = open.pop() {
            let Some(definition) = self.macros.get(&name) else { continue };
            let used = MacroUse { at: definition.at.clone(), text: definition.text.clone() };
            if found.insert(name, used).is_none() {
                open.extend(self.used_by(&definition.scan));
            }
        }
        found
    }

    /// The first place among `macros` that calls `function` with these arguments.
    pub fn call_place<'a>(
        &self,
        mut macros: impl Iterator<Item = &'a String>,
        function: &str,
        arguments: &[&str],
    ) -> Option<Location> {
        macros.find_map(|name| self.macros.get(name)?.scan.place(function, arguments))
    }

    /// The place in its file of a byte offset in the module, with that file's text.
    pub fn place(&self, offset: usize) -> (Location, &str) {
        let file = self.files.iter().rev().find(|(first, ..)| *first <= offset);
        match file {
            Some((first, path, text)) => (Location::at_offset(path.clone(), text, offset - first), text),
            None => (Location::file(MODULE), ""),
        }
    }
}

/// What a macro would hide from the templates that use it.
const RESERVED: [&str; 8] = ["ref", "source", "var", "env", "config", "this", "engine", "loop"];

fn compile(file: &MacroFile) -> Option<Diagnostic> {
    let environment = Environment::new();
    let error = environment.template_from_named_str(&file.path, &file.text).err()?;
    let at = match (error.range(), error.line()) {
        (Some(range), _) => Location::at_offset(&file.path, &file.text, range.start),
        (None, Some(line)) => Location::new(&file.path, line, 0),
        (None, None) => Location::file(&file.path),
    };
    let hint = super::problem::hint(&error, &at, &file.text, std::iter::empty());
    let problem = super::problem::diagnostic(&error).at(at).excerpt(&file.text);
    Some(hint.into_iter().fold(problem, Diagnostic::hint))
}

/// Each macro of a file, from its `{% macro` to its `endmacro %}`.
fn definitions(file: &MacroFile) -> Vec<(String, Definition)> {
    let tokens: Vec<_> = tokenize(&file.text, false, Default::default()).map_while(Result::ok).collect();
    let mut found = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for window in tokens.windows(3) {
        match (&window[0], &window[1], &window[2]) {
            ((Token::BlockStart, start), (Token::Ident("macro"), _), (Token::Ident(name), _)) => {
                open.get_or_insert((name.to_string(), start.start_offset as usize));
            }
            ((Token::BlockStart, _), (Token::Ident("endmacro"), _), (_, end)) => {
                let Some((name, start)) = open.take() else { continue };
                let at = Location::at_offset(&file.path, &file.text, start);
                let text = &file.text[start..(end.end_offset as usize).min(file.text.len())];
                let scan = scan(&file.path, text).from(&at);
                found.push((name, Definition { at, text: text.into(), scan }));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> MacroFile {
        MacroFile { path: path.into(), text: text.into() }
    }

    #[test]
    fn macros_are_found_across_files() {
        let files = [
            file("macros/a.sql", "{% macro trimmed(x) %}trim({{ x }}){% endmacro %}\n"),
            file("macros/b.sql", "\n{% macro clean(x) %}lower({{ trimmed(x) }}){% endmacro %}"),
        ];
        let index = MacroIndex::read(&files).unwrap();
        let uses = index.closure(&["clean".to_string()]);
        assert_eq!(uses["clean"].at, Location::new("macros/b.sql", 2, 1));
        assert_eq!(&*uses["trimmed"].text, "{% macro trimmed(x) %}trim({{ x }}){% endmacro %}");
        let offset = index.module().find("{% macro clean").unwrap();
        assert_eq!(index.place(offset + 3).0, Location::new("macros/b.sql", 2, 4));
    }

    #[test]
    fn a_name_is_defined_once() {
        let text = "{% macro a() %}{% endmacro %}";
        let problems = MacroIndex::read(&[file("x.sql", text), file("y.sql", text)]).unwrap_err();
        assert_eq!(problems[0].code, "duplicate-macro");
    }
}

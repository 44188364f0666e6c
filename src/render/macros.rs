//! The project's macros: where each is defined, and which others it uses.
//!
//! All macro files make one module, so that a macro may use any other; a model imports from it what it names.

use super::MacroUse;
use super::engine::callable;
use super::package::Packages;
use super::scan::{Scan, scan, too_deep};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::{MacroFile, Project};
use crate::syntax::depth::on_large_stack;
use crate::syntax::jinja::{self, BLOCKS};
use minijinja::Environment;
use minijinja::machinery::{Token, tokenize};
use std::borrow::Cow;
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
    /// Values that files give names to beside their macros, for all of them.
    constants: BTreeMap<String, Definition>,
    packages: Packages,
}

#[derive(Clone, Debug)]
struct Definition {
    at: Location,
    text: Arc<str>,
    scan: Scan,
}

impl MacroIndex {
    /// The macros of a project and its packages, or every problem of every file.
    pub fn of(project: &Project) -> Result<MacroIndex, Vec<Diagnostic>> {
        MacroIndex::read(&project.macros, Packages::of(project))
    }

    /// Reads every file, or gives every problem of every file.
    fn read(files: &[MacroFile], packages: Packages) -> Result<MacroIndex, Vec<Diagnostic>> {
        let mut index = MacroIndex { packages, ..MacroIndex::default() };
        let mut problems = Vec::new();
        for file in files {
            if let Some(problem) = compile(file) {
                problems.push(problem);
                continue;
            }
            index.files.push((index.module.len(), file.path.clone(), file.text.clone()));
            let code = index.packages.plain(&file.text).into_owned();
            index.module.push_str(&callable(&code));
            index.module.push('\n');
            for (names, definition) in constants(file, &code) {
                for name in names {
                    // What is set twice is told with both texts.
                    let text = |first: &Definition| format!("{}\n{}", first.text, definition.text).into();
                    let definition = match index.constants.get(&name) {
                        Some(first) => Definition { text: text(first), ..first.clone() },
                        None => definition.clone(),
                    };
                    index.constants.insert(name, definition);
                }
            }
            for (name, definition) in definitions(file, &code) {
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
        let environment = Environment::new();
        let error = on_large_stack(|| environment.template_from_named_str(MODULE, &self.module).err())?;
        let (at, text) = self.place(error.range().map_or(0, |range| range.start));
        Some(super::problem::diagnostic(&error).at(at).excerpt(text))
    }

    /// A template with macros by their names alone, where a package's name stands in front; every offset stays.
    pub fn plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.packages.plain(text)
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

    /// What a template, whose own macros are `names`, is made from: those, every macro and value that they use in turn,
    /// and what it takes from the macros by an import of its own.
    pub fn closure(&self, names: &[String], scan: &Scan) -> BTreeMap<String, MacroUse> {
        let mut found = BTreeMap::new();
        let mut open: Vec<String> = names.to_vec();
        open.extend(scan.imported().map(String::from));
        while let Some(name) = open.pop() {
            let definition = self.macros.get(&name).map(|one| (one, false));
            let Some((definition, constant)) = definition.or_else(|| Some((self.constants.get(&name)?, true))) else {
                continue;
            };
            let used = MacroUse { at: definition.at.clone(), text: definition.text.clone(), constant };
            if found.insert(name, used).is_none() {
                open.extend(definition.scan.identifiers().map(String::from));
            }
        }
        found
    }

    /// What is wrong with macros that a template uses. One that nothing uses may say what it likes.
    pub fn problems(&self, names: &[String], scan: &Scan) -> Vec<Diagnostic> {
        let used = self.closure(names, scan);
        let definitions = used.keys().filter_map(|name| self.macros.get(name).or_else(|| self.constants.get(name)));
        let text = |at: &Location| self.files.iter().find(|(_, path, _)| *path == at.path).map(|(.., text)| text);
        definitions.flat_map(|one| one.scan.problems(text(&one.at).map_or("", |text| text))).collect()
    }

    /// The first place among `macros` that calls `function` with these arguments.
    pub fn call_place<'a>(
        &self,
        mut macros: impl Iterator<Item = &'a String>,
        function: &str,
        arguments: &[&str],
    ) -> Option<Location> {
        macros.find_map(|name| {
            let definition = self.macros.get(name).or_else(|| self.constants.get(name))?;
            definition.scan.place(function, arguments)
        })
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
    if let Some(at) = jinja::too_deep(&file.text) {
        return Some(too_deep(Location::at_offset(&file.path, &file.text, at)).excerpt(&file.text));
    }
    let environment = Environment::new();
    let error = on_large_stack(|| environment.template_from_named_str(&file.path, &file.text).err())?;
    let at = match (error.range(), error.line()) {
        (Some(range), _) => Location::at_offset(&file.path, &file.text, range.start),
        (None, Some(line)) => Location::new(&file.path, line, 0),
        (None, None) => Location::file(&file.path),
    };
    let hint = super::problem::hint(&error, &at, &file.text, std::iter::empty());
    let problem = super::problem::diagnostic(&error).at(at).excerpt(&file.text);
    Some(hint.into_iter().fold(problem, Diagnostic::hint))
}

/// Each macro of a file, from its `{% macro` to its `endmacro %}`. `code` is its text with macros by their names alone.
fn definitions(file: &MacroFile, code: &str) -> Vec<(String, Definition)> {
    let tokens: Vec<_> = tokenize(code, false, Default::default()).map_while(Result::ok).collect();
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
                let end = (end.end_offset as usize).min(code.len());
                let scan = scan(&file.path, &code[start..end]).from(&at);
                let text = &file.text[start..end];
                found.push((name, Definition { at, text: text.into(), scan }));
            }
            _ => {}
        }
    }
    found
}

/// What stands beside a file's macros and gives names a value: each `set`, or the whole block that one stands in, with
/// the names.
fn constants(file: &MacroFile, code: &str) -> Vec<(Vec<String>, Definition)> {
    let tokens: Vec<_> = tokenize(code, false, Default::default()).map_while(Result::ok).collect();
    let mut found = Vec::new();
    let (mut depth, mut start, mut names, mut in_macro) = (0_usize, 0, Vec::new(), 0_usize);
    for (index, (token, span)) in tokens.iter().enumerate() {
        if !matches!(token, Token::BlockStart) {
            continue;
        }
        let Some((Token::Ident(tag), _)) = tokens.get(index + 1) else { continue };
        let end = tokens[index..].iter().position(|(token, _)| matches!(token, Token::BlockEnd));
        let Some(end) = end.map(|length| index + length) else { break };
        let inside = &tokens[index + 2..end.max(index + 2)];
        // `set x = 1` is whole; `set x` goes on to its `endset`.
        let assigned = inside.iter().position(|(token, _)| matches!(token, Token::Assign));
        if depth == 0 {
            start = span.start_offset as usize;
            names.clear();
        }
        if *tag == "set" && in_macro == 0 {
            let targets = &inside[..assigned.unwrap_or(inside.len().min(1))];
            names.extend(targets.iter().filter_map(|(token, _)| match token {
                Token::Ident(name) => Some(name.to_string()),
                _ => None,
            }));
        }
        let opens = BLOCKS.contains(tag) || (*tag == "set" && assigned.is_none());
        in_macro += usize::from(*tag == "macro");
        depth += usize::from(opens);
        if tag.starts_with("end") {
            depth = depth.saturating_sub(1);
            in_macro = in_macro.saturating_sub(usize::from(*tag == "endmacro"));
        }
        if depth == 0 && !names.is_empty() {
            let end = (tokens[end].1.end_offset as usize).min(code.len());
            let at = Location::at_offset(&file.path, &file.text, start);
            let scan = scan(&file.path, &code[start..end]).from(&at);
            let text = &file.text[start..end];
            found.push((std::mem::take(&mut names), Definition { at, text: text.into(), scan }));
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
        let index = MacroIndex::read(&files, Packages::default()).unwrap();
        let uses = index.closure(&["clean".to_string()], &Scan::default());
        assert_eq!(uses["clean"].at, Location::new("macros/b.sql", 2, 1));
        assert_eq!(&*uses["trimmed"].text, "{% macro trimmed(x) %}trim({{ x }}){% endmacro %}");
        let offset = index.module().find("{% macro clean").unwrap();
        assert_eq!(index.place(offset + 3).0, Location::new("macros/b.sql", 2, 4));
    }

    #[test]
    fn values_beside_macros_are_found_with_their_blocks() {
        let text = "{# c #}\n{% set rate = 2 %}{% set a, b = 1, 2 %}\n{% if true %}{% set deep = 3 %}{% endif %}\n\
                    {% set long %}x{% endset %}{% macro m() %}{% set own = 1 %}{{ rate }}{{ long }}{{ far }}{% endmacro %}";
        let files = [file("macros/a.sql", text), file("macros/b.sql", "{% set far = rate %}\n{% set far = 1 %}")];
        let index = MacroIndex::read(&files, Packages::default()).unwrap();
        assert_eq!(index.constants.keys().collect::<Vec<_>>(), ["a", "b", "deep", "far", "long", "rate"]);
        assert_eq!(&*index.constants["deep"].text, "{% if true %}{% set deep = 3 %}{% endif %}");
        assert_eq!(&*index.constants["long"].text, "{% set long %}x{% endset %}");
        assert_eq!(index.constants["b"].at, Location::new("macros/a.sql", 2, 19));
        assert_eq!(&*index.constants["far"].text, "{% set far = rate %}\n{% set far = 1 %}");
        let uses = index.closure(&["m".to_string()], &Scan::default());
        assert_eq!(uses.keys().collect::<Vec<_>>(), ["far", "long", "m", "rate"]);
        assert!(uses["rate"].constant && !uses["m"].constant);
        let own = scan("m.sql", "{% import 'macros' as lib %}{{ lib.m() }}");
        assert_eq!(index.closure(&[], &own).len(), 4);
    }

    #[test]
    fn a_name_is_defined_once() {
        let text = "{% macro a() %}{% endmacro %}";
        let problems = MacroIndex::read(&[file("x.sql", text), file("y.sql", text)], Packages::default()).unwrap_err();
        assert_eq!(problems[0].code, "duplicate-macro");
    }
}

//! The functions of a file that templates may call, each with what it depends on.

use super::local::Locals;
use super::slice::File;
use super::source::Source;
use super::{Modules, on_large_stack};
use crate::diagnostic::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// A function at the top level of a file whose name doesn't begin with `_`.
#[derive(Clone, Debug, PartialEq)]
pub struct Callable {
    pub name: String,
    /// Line of the `def`.
    pub line: usize,
    /// The function and what it reaches in its file, or the whole file; with `\n` line ends.
    pub slice: String,
    /// Path → content of the project's own modules that the slice imports, transitively.
    pub modules: BTreeMap<String, String>,
    /// Environment variables whose names are written out.
    pub env: BTreeSet<String>,
}

/// Reads the file `path` (project-relative) whose text is `source`.
pub fn callables(path: &str, source: &str, modules: &dyn Modules) -> Result<Vec<Callable>, Vec<Diagnostic>> {
    on_large_stack(|| read(path, source, modules))
}

fn read(path: &str, source: &str, modules: &dyn Modules) -> Result<Vec<Callable>, Vec<Diagnostic>> {
    let source = Source::new(path, source);
    let module = source.parse().map_err(|problem| vec![*problem])?;
    let body = module.suite();
    let locals = Locals::new(modules);
    let file = File::new(&source, body, &locals, &[])?;
    let mut found: Vec<Callable> = Vec::new();
    for (at, function) in body.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_function_def_stmt()?))) {
        if function.name.starts_with('_') {
            continue;
        }
        let reached = file.slice(at, None)?;
        let slice = match reached.whole_file {
            Some(_) => source.text.clone(),
            None => file.text(&reached.statements),
        };
        let name = function.name.to_string();
        // Defined again, the last one counts.
        found.retain(|other| other.name != name);
        let (line, env) = (source.line(&function.name), reached.reads.env);
        found.push(Callable { name, line, slice, modules: reached.modules, env });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::NoModules;
    use super::*;

    #[test]
    fn public_functions_have_slices() {
        let text = "import re\nA = 1\nB = 2\n\ndef slug(x):\n    return re.sub('a', _b(), x)\n\ndef _b():\n    return A\n\n\
                    def other(x):\n    return B\n";
        let found = callables("macros_py/a.py", text, &NoModules).expect("it can be read");
        let names: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.line)).collect();
        assert_eq!(names, [("slug", 5), ("other", 11)]);
        assert!(found[0].slice.contains("A = 1") && found[0].slice.contains("def _b"), "{}", found[0].slice);
        assert!(!found[0].slice.contains("B = 2"), "{}", found[0].slice);
        let problems = callables("macros_py/a.py", "def (", &NoModules).unwrap_err();
        assert_eq!(problems[0].code, "python-syntax");
    }
}

//! The hooks that a Python file declares by `@fft_hook(name, when)`, found without running it.

use super::import::{Import, Names};
use super::literal;
use super::source::Source;
use crate::diagnostic::{Diagnostic, Location};
use crate::syntax::depth::on_large_stack;
use ruff_python_ast::{Decorator, Expr, Stmt};
use ruff_text_size::Ranged;
use std::collections::BTreeSet;

/// As the package calls the decorator.
const DECORATOR: &str = "fft_hook";

/// One decorated function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonHook {
    /// What the decorator says, else the function's name.
    pub name: String,
    /// When it runs, where the decorator says so.
    pub when: Option<String>,
    pub function: String,
    /// The function's name in the file.
    pub at: Location,
}

/// Every hook that the file `path`, whose text is `text`, declares; or why that can't be told.
pub fn hooks(path: &str, text: &str) -> Result<Vec<PythonHook>, Vec<Diagnostic>> {
    on_large_stack(|| read(&Source::new(path, text)))
}

fn read(source: &Source) -> Result<Vec<PythonHook>, Vec<Diagnostic>> {
    let module = source.parse().map_err(|problem| vec![*problem])?;
    let body = module.suite();
    let names = names(body);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for function in body.iter().filter_map(Stmt::as_function_def_stmt) {
        for decorator in function.decorator_list.iter().filter(|decorator| is_hook(decorator, &names)) {
            let [name, when] = ["name", "when"].map(|key| argument(source, decorator, key));
            let at = Location::at_offset(&source.path, &source.text, function.name.range().start().to_usize());
            match (name, when) {
                (Ok(name), Ok(when)) => {
                    let name = name.unwrap_or_else(|| function.name.to_string());
                    found.push(PythonHook { name, when, function: function.name.to_string(), at });
                }
                (name, when) => problems.extend([name.err(), when.err()].into_iter().flatten().map(|problem| *problem)),
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// What the file calls the decorator.
fn names(body: &[Stmt]) -> BTreeSet<String> {
    let imports = body.iter().flat_map(Import::of).filter(Import::is_package);
    let bound = imports.flat_map(|import| match import.names {
        Names::From(names) => names.into_iter().filter(|(name, _)| name == DECORATOR).map(|(_, bound)| bound).collect(),
        Names::Star => vec![DECORATOR.to_string()],
        Names::Module { .. } => Vec::new(),
    });
    bound.collect()
}

fn is_hook(decorator: &Decorator, names: &BTreeSet<String>) -> bool {
    let called = match &decorator.expression {
        Expr::Call(call) => &*call.func,
        other => other,
    };
    match called {
        Expr::Name(name) => names.contains(name.id.as_str()),
        Expr::Attribute(attribute) => attribute.attr.as_str() == DECORATOR,
        _ => false,
    }
}

/// An argument of the decorator, by its place or its name.
fn argument(source: &Source, decorator: &Decorator, key: &str) -> Result<Option<String>, Box<Diagnostic>> {
    let Expr::Call(call) = &decorator.expression else { return Ok(None) };
    let place = usize::from(key == "when");
    let named =
        call.arguments.keywords.iter().find(|keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == key));
    let Some(value) = named.map(|keyword| &keyword.value).or_else(|| call.arguments.args.get(place)) else {
        return Ok(None);
    };
    match literal::value(value) {
        Some(serde_json::Value::String(text)) => Ok(Some(text)),
        Some(serde_json::Value::Null) => Ok(None),
        _ => {
            let problem =
                source.problem("bad-hook", format!("`{key}` of `@{DECORATOR}` must be a literal text"), value.range());
            Err(Box::new(problem.hint("write it out: it is read without running the file")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decorated_functions_are_found_under_whatever_name() {
        let text = "import fastflowtransform as ff\nfrom fastflowtransform.hooks.registry import fft_hook as on\n\n\
                    @on(name='a', when=\"on_run_end\")\ndef x(context): ...\n\n@on\ndef b(): ...\n\n\
                    @ff.fft_hook('c', 'after_model')\ndef y(context): ...\n\n@other\ndef z(): ...\n";
        let found = hooks("hooks/n.py", text).unwrap();
        let told: Vec<_> =
            found.iter().map(|hook| format!("{} {:?} {} {}", hook.name, hook.when, hook.function, hook.at)).collect();
        assert_eq!(
            told,
            [
                "a Some(\"on_run_end\") x hooks/n.py:5:5",
                "b None b hooks/n.py:8:5",
                "c Some(\"after_model\") y hooks/n.py:11:5"
            ]
        );
    }

    #[test]
    fn what_is_read_without_running_must_be_written_out() {
        let text = "from fastflowtransform import fft_hook\nN = 'a'\n@fft_hook(name=N)\ndef x(c): ...\n";
        let problems = hooks("hooks/n.py", text).unwrap_err();
        assert_eq!(problems[0].at.as_ref().unwrap().to_string(), "hooks/n.py:3:16");
        assert!(hooks("hooks/n.py", "def (").is_err());
    }
}

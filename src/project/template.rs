//! profiles.yml as a template: `env('NAME', 'default')` and `project_dir()` filled in before YAML is parsed.
//!
//! Takes the text and the environment, gives the rendered text and every variable that is missing, with its place.

use super::Environment;
use super::environment::not_text;
use crate::diagnostic::{Diagnostic, Location};
use crate::syntax::depth::{MOST, on_large_stack};
use crate::syntax::jinja;
use minijinja::{AutoEscape, Error, ErrorKind, UndefinedBehavior, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A rendered file. Missing variables are empty in `text`.
pub(super) struct Rendered {
    pub text: String,
    pub missing: Vec<Missing>,
}

/// An `env('NAME')` of a variable that isn't set and has no default.
pub(super) struct Missing {
    pub name: String,
    pub at: Location,
}

/// Renders `text`. Missing variables are no error here: the caller knows which part of the file counts.
pub(super) fn render(path: &str, text: &str, env: &Environment, root: &Path) -> Result<Rendered, Box<Diagnostic>> {
    let state = Arc::new(Mutex::new(Lookup { tolerated: BTreeSet::new(), failed: None }));
    if let Some(at) = jinja::too_deep(text) {
        let message = format!("the template nests more than {MOST} levels deep");
        return Err(Box::new(
            Diagnostic::new("too-deep", message).at(Location::at_offset(path, text, at)).excerpt(text),
        ));
    }
    let engine = engine(env.clone(), root, Arc::clone(&state));
    let mut missing = Vec::new();
    loop {
        let error = match on_large_stack(|| engine.render_named_str(path, text, ())) {
            Ok(text) => return Ok(Rendered { text, missing }),
            Err(error) => error,
        };
        let mut lookup = state.lock().expect("invariant: no rendering panics");
        // Each round adds one name, so that all missing variables are told at once.
        match lookup.failed.take() {
            Some(name) => {
                missing.extend(calls(path, text, &name, &error));
                lookup.tolerated.insert(name);
            }
            None => return Err(Box::new(template_error(path, text, &error))),
        }
    }
}

/// The most that the file may do: instructions, and pieces of 64 bytes of what it makes.
const FUEL: u64 = 200_000;

struct Lookup {
    /// Missing names that render as nothing.
    tolerated: BTreeSet<String>,
    /// The missing name that ended the last rendering.
    failed: Option<String>,
}

fn engine(env: Environment, root: &Path, state: Arc<Mutex<Lookup>>) -> minijinja::Environment<'static> {
    let mut engine = minijinja::Environment::new();
    engine.set_debug(true);
    engine.set_fuel(Some(FUEL));
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    let root = root.to_string_lossy().into_owned();
    engine.add_function("project_dir", move || root.clone());
    engine.add_function("env", move |name: String, default: Option<Value>| match (env.get(&name), default) {
        _ if env.unreadable.contains(&name) => Err(Error::new(ErrorKind::InvalidOperation, not_text(&name))),
        (Some(value), _) => Ok(Value::from(value)),
        (None, Some(default)) => Ok(default),
        (None, None) => {
            let mut lookup = state.lock().expect("invariant: no rendering panics");
            if lookup.tolerated.contains(&name) {
                return Ok(Value::from(""));
            }
            lookup.failed = Some(name);
            Err(Error::new(ErrorKind::UndefinedError, "the variable is not set"))
        }
    });
    engine
}

/// Every place that reads the variable without a default; where none is found, the place of the error.
fn calls(path: &str, text: &str, name: &str, error: &Error) -> Vec<Missing> {
    let found = ['\'', '"'].iter().flat_map(|quote| {
        let argument = format!("{quote}{name}{quote}");
        let offsets: Vec<usize> = text.match_indices(&argument).map(|(offset, _)| offset).collect();
        offsets.into_iter().filter_map(move |offset| {
            let start = text[..offset].trim_end().strip_suffix('(')?.trim_end().strip_suffix("env")?.len();
            text[offset + argument.len()..].trim_start().starts_with(')').then_some(start)
        })
    });
    let mut offsets: Vec<usize> = found.collect();
    if offsets.is_empty() {
        offsets.extend(error.range().map(|range| range.start));
    }
    offsets.sort_unstable();
    let missing = |offset| Missing { name: name.to_string(), at: Location::at_offset(path, text, offset) };
    offsets.into_iter().map(missing).collect()
}

fn template_error(path: &str, text: &str, error: &Error) -> Diagnostic {
    let limit = matches!(error.kind(), ErrorKind::OutOfFuel);
    let message = match error.detail() {
        _ if limit => "the template does more than a template may".into(),
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    let at = match error.range() {
        Some(range) => Location::at_offset(path, text, range.start),
        None => Location::new(path, error.line().unwrap_or(0), 0),
    };
    Diagnostic::new(if limit { "template-limit" } else { "template" }, message)
        .at(at)
        .hint("profiles.yml knows env('NAME', 'default') and project_dir()")
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn environment(vars: &[(&str, &str)]) -> Environment {
        testing::environment(vars, |_| {})
    }

    #[test]
    fn variables_defaults_and_the_folder_are_filled_in() {
        let text = "a: {{ env('FF_A') }}\nb: {{ env('FF_B', 5432) }}\nc: '{{ project_dir() }}/x'\n";
        let rendered =
            render("profiles.yml", text, &environment(&[("FF_A", "\"<1>\"")]), Path::new("/p")).ok().unwrap();
        assert_eq!(rendered.text, "a: \"<1>\"\nb: 5432\nc: '/p/x'");
        assert!(rendered.missing.is_empty());
    }

    #[test]
    fn all_missing_variables_are_found_with_their_places() {
        let text = "a: {{ env('FF_A') }}\nb: {{ env(\"FF_B\") | upper }}\nc: {{ env('FF_A') }}{{ env('FF_A', '') }}\n";
        let rendered = render("profiles.yml", text, &environment(&[]), Path::new("/p")).ok().unwrap();
        assert_eq!(rendered.text, "a: \nb: \nc: ");
        let seen: Vec<_> = rendered.missing.iter().map(|missing| format!("{} {}", missing.name, missing.at)).collect();
        assert_eq!(seen, ["FF_A profiles.yml:1:7", "FF_A profiles.yml:3:7", "FF_B profiles.yml:2:7"]);
    }

    #[test]
    fn the_file_does_no_more_than_it_may() {
        let chain = format!("a: 1\nb: {{{{ 'a'{} }}}}\n", " ~ 'a'".repeat(7_500));
        let places = [
            ("a: 1\nb: {{ 'a\nb' | indent(9999999999) }}\n", "template-limit", 3),
            (
                "a: 1\n{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
                "template-limit",
                2,
            ),
            (&chain, "too-deep", 2),
        ];
        for (text, code, line) in places {
            let problem = render("profiles.yml", text, &environment(&[]), Path::new("/p")).err().unwrap();
            assert_eq!((problem.code, problem.at.as_ref().unwrap().line), (code, line), "{problem}");
        }
    }

    #[test]
    fn a_wrong_template_has_its_place() {
        let problem = render("profiles.yml", "a: 1\nb: {{ evn('X') }}\n", &environment(&[]), Path::new("/p")).err();
        let shown = problem.unwrap().to_string();
        assert!(
            shown.starts_with("error[template]: unknown function: evn is unknown\n  --> profiles.yml:2:7"),
            "{shown}"
        );
    }
}

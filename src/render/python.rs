//! Macros in Python: functions that templates call, and use as filters. Nothing here starts Python: who renders says what
//! a call gives.

use super::MacroUse;
use super::problem::failure;
use super::record::recording;
use minijinja::value::{Kwargs, Rest, Serde, Value};
use minijinja::{Environment, Error, State};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The functions of a project.
pub trait PythonMacros: Send + Sync {
    /// By name, each with its place and what it is made from.
    fn functions(&self) -> BTreeMap<String, MacroUse>;

    /// What a function gives for these arguments, or what is wrong in a sentence.
    fn call(&self, name: &str, positional: &[Json], named: &Map<String, Json>) -> Result<Json, String>;
}

/// Adds every function, as a global and as a filter.
pub fn register(environment: &mut Environment<'_>, macros: &Arc<dyn PythonMacros>) {
    for (name, used) in macros.functions() {
        let (macros, called) = (macros.clone(), name.clone());
        let call = move |state: &mut State, given: Rest<Value>, kwargs: Kwargs| -> Result<Value, Error> {
            let json = |value: &Value| serde_json::to_value(value).map_err(|_| unfit(&called));
            let positional = given.iter().map(json).collect::<Result<Vec<_>, _>>()?;
            let mut named = Map::new();
            for key in kwargs.args() {
                named.insert(key.to_string(), json(&kwargs.peek::<Value>(key)?)?);
            }
            recording(state).used(&called, &used);
            let result = macros.call(&called, &positional, &named);
            let message = |problem: String| failure("python-macro", &format!("`{called}` failed: {problem}"), "");
            result.map(|value| Value::from(Serde(&value))).map_err(message)
        };
        environment.add_filter(name.clone(), call.clone());
        environment.add_function(name, call);
    }
}

fn unfit(name: &str) -> Error {
    failure(
        "python-macro",
        &format!("`{name}` was given what Python has no value for"),
        "give it texts, numbers, lists or maps",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::dialect::DuckDb;
    use crate::project::testing::empty;
    use crate::render::render_with;
    use serde_json::json;

    struct Joined;

    impl PythonMacros for Joined {
        fn functions(&self) -> BTreeMap<String, MacroUse> {
            let used = MacroUse {
                at: Location::new("models/macros_py/a.py", 2, 1),
                text: "def joined".into(),
                constant: false,
            };
            [("joined".to_string(), used)].into()
        }

        fn call(&self, name: &str, positional: &[Json], named: &Map<String, Json>) -> Result<Json, String> {
            match positional {
                [] => Err("nothing to join".into()),
                values => Ok(json!({ "name": name, "values": values, "by": named.get("by") })),
            }
        }
    }

    #[test]
    fn a_function_is_called_and_used_as_a_filter() {
        let text = "{% set one = joined('a', [1, none], by='x') %}{{ one.values[1][0] }} {{ one.by }} \
                    {{ ('b' | joined).values[0] }} {{ joined(var('c')).by is none }}";
        let in_macro = "{% macro in_macro() %}{{ joined(2).values[0] }}{% endmacro %}";
        let project = empty().var("c", 1).sql("m", text).macros("a", in_macro).sql("n", "{{ in_macro() }}");
        let project = project.sql("o", "select 1\n{{ joined() }}").sql("p", "select 1");
        let (rendered, problems) = render_with(&project, Arc::new(DuckDb), Some(Arc::new(Joined)));
        assert_eq!(rendered[0].text, "1 x b True");
        assert_eq!(rendered[1].text, "2");
        assert_eq!(rendered[0].macros.keys().collect::<Vec<_>>(), ["joined"]);
        assert_eq!(rendered[1].macros.keys().collect::<Vec<_>>(), ["in_macro", "joined"]);
        assert!(rendered[2].macros.is_empty());
        assert_eq!(
            (problems[0].code, problems[0].message.as_str()),
            ("python-macro", "`joined` failed: nothing to join")
        );
        assert_eq!(problems[0].at, Some(Location::new("models/o.ff.sql", 2, 4)));
    }
}

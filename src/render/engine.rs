//! What a template asks of the engine: its name as a text and as a call, its family, whether it is one of several.

use crate::project::{Project, engine_family};
use crate::syntax::jinja::calls_of;
use minijinja::Environment;
use minijinja::value::{Rest, Value};
use std::borrow::Cow;

/// `engine` is a text, and projects call it too: `engine('default')`. A call is of this, as long a name.
const ENGINE: &str = "engine";
const CALLED: &str = "ff_eng";

/// The text with calls of `engine` as calls of a function; every offset stays.
pub fn callable(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for at in calls_of(text, ENGINE) {
        out.to_mut().replace_range(at..at + ENGINE.len(), CALLED);
    }
    out
}

/// Adds what tells of the engine.
pub fn register(environment: &mut Environment<'_>, project: &Project) {
    let profile = &project.profile;
    let (name, called) = (profile.engine.clone(), profile.called.clone());
    environment.add_global(ENGINE, Value::from(name.clone()));
    environment.add_function(CALLED, move |_default: Option<String>| called.clone());
    let own = name.clone();
    environment.add_function("ff_engine", move |_default: Option<String>| own.clone());
    let of_profile = profile.clone();
    environment.add_function("ff_is_engine", move |names: Rest<String>| !names.is_empty() && of_profile.is_for(&names));
    for function in ["engine_family", "ff_engine_family", "normalize_engine"] {
        let own = name.clone();
        environment
            .add_function(function, move |engine: Option<String>| engine_family(engine.as_deref().unwrap_or(&own)));
    }
    environment.add_function("is_engine", |engine: String, names: Rest<String>| {
        names.iter().any(|name| engine_family(name) == engine_family(&engine))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_from_the_text_and_takes_no_more_room() {
        let text = "{{ engine }}{{ engine('a') }}{{ x.engine(1) }}{{ 'engine(' }} engine( {{ engine == engine() }}";
        let expected = "{{ engine }}{{ ff_eng('a') }}{{ x.engine(1) }}{{ 'engine(' }} engine( {{ engine == ff_eng() }}";
        assert_eq!(callable(text), expected);
        assert!(matches!(callable("{{ engine }}"), Cow::Borrowed(_)));
    }
}

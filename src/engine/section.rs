//! A profile's section of settings, checked.
//!
//! Takes the section as JSON, gives its values, or an error that names the key and the place in profiles.yml. No error
//! shows a value: it may be secret.

use super::{EngineError, ErrorKind};
use crate::diagnostic::{Location, did_you_mean};
use crate::project::Project;
use crate::world::World;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A mapping whose keys are all known.
pub(super) struct Section<'a> {
    keys: Option<&'a Map<String, Value>>,
    /// Where it stands, for errors.
    pub at: &'a Location,
}

impl<'a> Section<'a> {
    /// The section called `name`, none of whose keys is unknown.
    pub fn new(
        value: &'a Value,
        name: &str,
        known: &[&'static str],
        at: &'a Location,
    ) -> Result<Section<'a>, EngineError> {
        let keys = match value {
            Value::Null => return Ok(Section { keys: None, at }),
            Value::Object(keys) => keys,
            _ => return Err(wrong(at, format!("`{name}` is to be a mapping of settings"), None)),
        };
        match keys.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(Section { keys: Some(keys), at }),
            Some(key) => {
                let hint = did_you_mean(key, known.iter().copied())
                    .unwrap_or_else(|| format!("the keys of `{name}` are {}", known.join(", ")));
                Err(wrong(at, format!("unknown key `{key}` in `{name}`"), Some(hint)))
            }
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.keys.and_then(|keys| keys.get(key)).filter(|value| !value.is_null())
    }

    /// A scalar as text; an empty text counts as not given, since that is what an unset variable renders to.
    pub fn text(&self, key: &str) -> Result<Option<String>, EngineError> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text.trim().to_string(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(_) => return Err(wrong(self.at, format!("`{key}` is to be a text"), None)),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    pub fn flag(&self, key: &str) -> Result<bool, EngineError> {
        match self.text(key)?.as_deref() {
            None => Ok(false),
            Some(text) => self.truth(key, text),
        }
    }

    /// What a text says that `name`, a key or a variable, has.
    fn truth(&self, name: &str, text: &str) -> Result<bool, EngineError> {
        match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(wrong(self.at, format!("`{name}` is to be true or false, not `{text}`"), None)),
        }
    }
}

/// A file that a profile names: from the project's folder, from the root, or from that of the user behind `~/`.
pub(super) fn located(world: &dyn World, root: &Path, path: &str) -> PathBuf {
    match path.strip_prefix("~/").zip(world.env().get("HOME")) {
        Some((rest, home)) => Path::new(home).join(rest),
        None => root.join(path),
    }
}

/// A section with the variables that stand for its keys where it leaves them out, as existing projects have them.
pub(super) struct Keys<'a> {
    pub section: Section<'a>,
    pub project: &'a Project,
    /// How the variables' names begin.
    pub variables: &'static str,
}

impl Keys<'_> {
    /// A key's value, or its variable's.
    pub fn text(&self, key: &str) -> Result<Option<String>, EngineError> {
        Ok(self.section.text(key)?.or_else(|| self.variable(&self.named(key))))
    }

    /// The name of a key's variable.
    fn named(&self, key: &str) -> String {
        format!("{}{}", self.variables, key.to_uppercase())
    }

    pub fn variable(&self, name: &str) -> Option<String> {
        self.project.env.get(name).map(str::trim).filter(|value| !value.is_empty()).map(String::from)
    }

    pub fn flag(&self, key: &str) -> Result<bool, EngineError> {
        if self.section.text(key)?.is_some() {
            return self.section.flag(key);
        }
        let name = self.named(key);
        self.variable(&name).map_or(Ok(false), |value| self.section.truth(&name, &value))
    }
}

/// An error of the profile, with its place.
pub(super) fn wrong(at: &Location, message: impl std::fmt::Display, hint: Option<String>) -> EngineError {
    EngineError { hint, ..EngineError::new(ErrorKind::Settings, format!("{message} ({at})")) }
}

//! A profile's section of settings, checked.
//!
//! Takes the section as JSON, gives its values, or an error that names the key and the place in profiles.yml. No error
//! shows a value: it may be secret.

use super::{EngineError, ErrorKind};
use crate::diagnostic::{Location, did_you_mean};
use crate::project::Project;
use serde_json::{Map, Value};

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
            Some(text) if ["true", "yes", "on", "1"].contains(&text.to_lowercase().as_str()) => Ok(true),
            Some(text) if ["false", "no", "off", "0"].contains(&text.to_lowercase().as_str()) => Ok(false),
            Some(text) => Err(wrong(self.at, format!("`{key}` is to be true or false, not `{text}`"), None)),
        }
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
        let variable = || self.variable(&format!("{}{}", self.variables, key.to_uppercase()));
        Ok(self.section.text(key)?.or_else(variable))
    }

    pub fn variable(&self, name: &str) -> Option<String> {
        self.project.env.get(name).map(str::trim).filter(|value| !value.is_empty()).map(String::from)
    }

    pub fn flag(&self, key: &str) -> Result<bool, EngineError> {
        if self.section.text(key)?.is_some() {
            return self.section.flag(key);
        }
        let value = self.text(key)?.unwrap_or_default().to_lowercase();
        Ok(["true", "yes", "on", "1"].contains(&value.as_str()))
    }
}

/// An error of the profile, with its place.
pub(super) fn wrong(at: &Location, message: impl std::fmt::Display, hint: Option<String>) -> EngineError {
    EngineError { hint, ..EngineError::new(ErrorKind::Settings, format!("{message} ({at})")) }
}

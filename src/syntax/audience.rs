//! For whom a model is: engines by whatever names a project has for them, and values of environment variables. One that is
//! for others isn't there for a run.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Who has a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Engines; none stands for all.
    pub engines: Vec<String>,
    /// The values that environment variables must have.
    pub env: BTreeMap<String, String>,
}

/// Whether a run is among the audience of a model.
pub type Sees<'a> = &'a dyn Fn(&Audience) -> bool;

impl Audience {
    /// What a model's settings say of it; `get` gives the value of a setting.
    pub fn of<'a>(get: impl Fn(&str) -> Option<&'a Value>) -> Audience {
        let texts = |key: &str| match get(key) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(items)) => items.iter().filter_map(|item| item.as_str().map(String::from)).collect(),
            _ => Vec::new(),
        };
        let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_string()));
        let env = get("env_match").and_then(Value::as_object).into_iter().flatten().filter_map(pair).collect();
        Audience { engines: [texts("engines"), texts("only")].concat(), env }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engines = (!self.engines.is_empty()).then(|| self.engines.join(", "));
        let env = self.env.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ");
        match (engines, env.is_empty()) {
            (Some(engines), true) => f.write_str(&engines),
            (Some(engines), false) => write!(f, "{engines} with {env}"),
            (None, _) => f.write_str(&env),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_told_in_words() {
        let env = BTreeMap::from([("FF_ENGINE_VARIANT".to_string(), "pandas".to_string())]);
        let engines = vec!["one".to_string(), "two".into()];
        let told = |engines: &[String], env: &BTreeMap<String, String>| {
            Audience { engines: engines.to_vec(), env: env.clone() }.to_string()
        };
        assert_eq!(told(&engines, &BTreeMap::new()), "one, two");
        assert_eq!(told(&engines[..1], &env), "one with FF_ENGINE_VARIANT=pandas");
        assert_eq!(told(&[], &env), "FF_ENGINE_VARIANT=pandas");
    }
}

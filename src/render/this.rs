//! `this`: the model's own relation as a template sees it. Wherever it is written it is the relation; it has parts.

use super::mark::Mark;
use super::record::Recording;
use minijinja::value::{Object, ObjectRepr, Value};
use std::fmt;
use std::sync::Arc;

/// Where relations are that say nothing else.
#[derive(Clone, Debug, Default)]
pub struct Home {
    pub schema: String,
    /// The catalog, where the profile names one.
    pub database: Option<String>,
}

/// A model's own relation.
#[derive(Debug)]
pub struct This {
    /// The model's name, and what it has said of itself so far; macros, which are everybody's, know neither.
    pub model: Option<(String, Recording)>,
    pub home: Arc<Home>,
}

impl Object for This {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == "relation" {
            return Some(Value::from(Mark::This.to_string()));
        }
        let (name, recording) = self.model.as_ref()?;
        let said = |key: &str| recording.setting(key);
        match key {
            "name" => Some(Value::from(name.as_str())),
            "materialized" => Some(said(key).unwrap_or_else(|| "table".into()).into()),
            "schema" => Some(said(key).unwrap_or_else(|| self.home.schema.clone()).into()),
            "database" => Some(said("catalog").or_else(|| self.home.database.clone()).unwrap_or_default().into()),
            _ => None,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Mark::This)
    }
}

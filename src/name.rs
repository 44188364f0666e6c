//! Checked names: of nodes, and of relations on an engine.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// What stands between a model file's stem and its ending: part of the name that is printed, and written or left out at
/// will wherever a node is named.
const MARK: &str = ".ff";

/// A node's name, or what somebody calls a node, without the `.ff`.
pub fn stem(name: &str) -> &str {
    name.strip_suffix(MARK).unwrap_or(name)
}

/// What `get` has under a name as it is written, else with `.ff` or without it. Two nodes of one project never differ by
/// that alone.
pub fn look_up<T>(name: &str, get: impl Fn(&str) -> Option<T>) -> Option<T> {
    get(name).or_else(|| match name.strip_suffix(MARK) {
        Some(stem) => get(stem),
        None => get(&format!("{name}{MARK}")),
    })
}

/// A node's name, unique in a project: a model's file stem (`stg_users.ff`), the name a Python decorator gives, or
/// a seed's stem. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

impl Serialize for NodeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NodeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<NodeName, D::Error> {
        String::deserialize(deserializer).map(NodeName::new)
    }
}

impl NodeName {
    pub fn new(name: impl Into<Arc<str>>) -> NodeName {
        NodeName(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without the `.ff` of a model file: what its relation is called by default.
    pub fn stem(&self) -> &str {
        stem(&self.0)
    }

    /// Whether somebody who writes `name` means this node.
    pub fn is_called(&self, name: &str) -> bool {
        self.stem() == stem(name)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::borrow::Borrow<str> for NodeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Where a relation lives on its engine. `None` parts mean the session's own catalog or schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RelationName {
    pub catalog: Option<String>,
    pub name: String,
    pub schema: Option<String>,
}

impl RelationName {
    /// The name with these parts: one to three of them.
    pub fn of(parts: &[String]) -> Option<RelationName> {
        match parts {
            [name] => Some(RelationName::new(None, None, name)),
            [schema, name] => Some(RelationName::new(None, Some(schema), name)),
            [catalog, schema, name] => Some(RelationName::new(Some(catalog), Some(schema), name)),
            _ => None,
        }
    }

    pub fn new(catalog: Option<&str>, schema: Option<&str>, name: &str) -> RelationName {
        RelationName { catalog: catalog.map(Into::into), schema: schema.map(Into::into), name: name.into() }
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.catalog, &self.schema].into_iter().flatten() {
            write!(f, "{part}.")?;
        }
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_found_with_and_without_the_mark() {
        let names = ["users.ff", "scores"];
        let find = |name: &str| look_up(name, |name| names.iter().position(|one| *one == name));
        assert_eq!(["users", "users.ff", "scores", "scores.ff"].map(find), [Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(["user", ".ff", ""].map(find), [None; 3]);
        for name in names {
            let node = NodeName::new(name);
            assert!(node.is_called(name) && node.is_called(stem(name)) && !node.is_called("other"));
        }
    }
}

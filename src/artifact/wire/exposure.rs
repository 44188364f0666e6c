//! Who uses what the project builds, as manifest.json has it.

use crate::graph::Graph;
use crate::project::{Exposure, Project, Used};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A dashboard, a report, an application. What isn't declared is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestExposure {
    /// Where it is declared: `path:line:column`.
    pub at: String,
    pub depends_on: Vec<ExposureUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maturity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ExposureOwner>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExposureOwner {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A node or a source that it reads: one of the two is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExposureUse {
    /// The columns that it takes, where it says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// `group.table`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// All of a project by name.
pub fn exposures(project: &Project, graph: &Graph) -> BTreeMap<String, ManifestExposure> {
    project.exposures.iter().map(|(name, exposure)| (name.clone(), one(exposure, graph))).collect()
}

fn one(exposure: &Exposure, graph: &Graph) -> ManifestExposure {
    let named = |name: &str| graph.find(name).map_or(name.to_string(), |id| graph.nodes[id].name.to_string());
    let used = |one: &crate::project::Use| {
        let (node, source) = match &one.of {
            Used::Node(name) => (Some(named(name)), None),
            Used::Source(group, table) => (None, Some(format!("{group}.{table}"))),
        };
        ExposureUse { columns: one.columns.clone(), node, source }
    };
    let owner = exposure.owner.clone().map(|(name, email)| ExposureOwner { email, name });
    ManifestExposure {
        at: exposure.at.to_string(),
        depends_on: exposure.depends_on.iter().map(used).collect(),
        description: exposure.description.clone(),
        label: exposure.label.clone(),
        maturity: exposure.maturity.clone(),
        meta: exposure.meta.clone(),
        name: exposure.name.clone(),
        owner,
        tags: exposure.tags.clone(),
        kind: exposure.kind.clone(),
        url: exposure.url.clone(),
    }
}

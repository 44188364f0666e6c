//! What a run of the sample leaves in `target/`.

use super::{Node, Project, path};
use crate::artifact::catalog::{Catalog, CatalogColumn, CatalogMetadata, CatalogNode};
use crate::artifact::manifest::{MacroFile, Manifest, ManifestNode, ManifestSource, Metadata};
use crate::artifact::results::{ResultRow, RunResults, Totals};
use crate::artifact::wire::{ColumnEdit, ColumnReach, Root};
use crate::digest::Digest;
use crate::engine::RelationKind;
use crate::execute::Status;
use crate::graph::{Materialization, NodeKind};
use crate::name::RelationName;
use crate::plan::{Code, Role, RootKind};
use serde_json::json;
use std::collections::BTreeMap;

impl Project {
    pub(super) fn results(&self, run_id: &str, rows: Vec<ResultRow>, roots: Vec<Root>) -> RunResults {
        let count = |status| rows.iter().filter(|row| row.status == status).count();
        let day = format!("{}-{}-{}", &run_id[..4], &run_id[4..6], &run_id[6..8]);
        let totals = Totals {
            blocked: count(Status::Blocked),
            built: count(Status::Success),
            cascading: rows.iter().filter(|row| row.decision.role == Some(Role::Cascade.into())).count(),
            extended: 0,
            failed: count(Status::Error),
            hooks_failed: 0,
            kept: 0,
            new: rows
                .iter()
                .filter(|row| row.status == Status::Success && row.decision.primary_code == Code::FirstBuild)
                .count(),
            nodes: rows.len(),
            not_selected: 0,
            mixed: rows.iter().filter(|row| row.decision.role == Some(Role::Mixed.into())).count(),
            roots: rows.iter().filter(|row| row.decision.role == Some(Role::Root.into())).count(),
            skipped: count(Status::Skipped),
        };
        let results = json!({
            "cache_mode": "rw",
            "duration_ms": 61,
            "engine": "an engine",
            "interrupted": false,
            "metadata": {
                "git": {"commit": self.commit},
                "project": "shop",
                "run_id": run_id,
                "schema_version": "1.0",
                "tool_version": "0.1.0",
            },
            "profile": "dev",
            "totals": totals,
            "results": rows,
            "roots": roots,
            "run_finished_at": format!("{day}T10:15:03.000Z"),
            "run_started_at": format!("{day}T10:15:00.000Z"),
        });
        serde_json::from_value(results).unwrap()
    }

    pub(super) fn manifest(&self, run_id: &str) -> Manifest {
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        let mut manifest = Manifest {
            children: self.nodes.iter().map(|node| (node.name.clone(), Vec::new())).collect(),
            exposures: BTreeMap::new(),
            levels: Vec::new(),
            macros: BTreeMap::from([(
                "macros/words.sql".to_string(),
                MacroFile { digest: Digest::of(b"words"), path: "macros/words.sql".into() },
            )]),
            metadata: Metadata {
                engine: "an engine".into(),
                project: "shop".into(),
                run_id: run_id.into(),
                ..Metadata::default()
            },
            tests: BTreeMap::new(),
            nodes: BTreeMap::new(),
            packages: BTreeMap::new(),
            parents: BTreeMap::new(),
            sources: BTreeMap::from([(
                "crm.users".to_string(),
                ManifestSource {
                    columns: Default::default(),
                    meta: None,
                    description: Some("Everybody who *signed up*.".into()),
                    group: "crm".into(),
                    identifier: "seed_users".into(),
                    catalog: None,
                    format: None,
                    freshness: None,
                    location: Vec::new(),
                    watch: None,
                    provided_by: self.nodes.iter().find(|node| node.name == "seed_users").map(|node| node.name.clone()),
                    schema: None,
                    table: "users".into(),
                },
            )]),
        };
        for node in &self.nodes {
            let level = node.parents.iter().map(|parent| levels[parent.as_str()]).max().unwrap_or(0) + 1;
            levels.insert(&node.name, level);
            if manifest.levels.len() < level {
                manifest.levels.push(Vec::new());
            }
            manifest.levels[level - 1].push(node.name.clone());
            manifest.parents.insert(node.name.clone(), node.parents.clone());
            for parent in &node.parents {
                manifest.children.get_mut(parent).unwrap().push(node.name.clone());
            }
            manifest.nodes.insert(node.name.clone(), self.manifest_node(node, level));
        }
        manifest
    }

    fn manifest_node(&self, node: &Node, level: usize) -> ManifestNode {
        let span = json!({"length": 1, "offset": 7});
        let edge =
            |node: &str, column: &str, kind: &str| json!({"column": column, "kind": kind, "node": node, "span": span});
        // What it reads gives each column its value, and its key decides on rows; one column comes from a source.
        let lineage = |name: &str| {
            let own = if name == "user_id" { "direct" } else { "derived" };
            let mut from: Vec<_> = node.parents.iter().map(|parent| edge(parent, name, own)).collect();
            if name != "user_id" {
                from.extend(node.parents.iter().map(|parent| edge(parent, "user_id", "filter")));
                from.extend((node.name == "stg_users.ff").then(|| edge("source:crm.users", "email", "aggregate")));
            }
            let opaque = node.kind == NodeKind::Python;
            let reason = opaque.then_some("it is <b>Python</b>");
            json!({"from": from, "reason": reason, "status": if opaque { "unknown" } else { "known" }})
        };
        let column = |name: &str, kind: &str, text: Option<&str>| json!({"name": name, "type": kind, "description": text, "lineage": lineage(name), "tests": ["not_null"]});
        let text = self.text(node, self.versions[&node.name]);
        let entry = json!({
            "columns": [column("user_id", "BIGINT", Some("The *key*.")), column("full_name", "VARCHAR", None)],
            "compiled": (node.kind != NodeKind::Seed).then_some(text),
            "deps": node.parents,
            "description": node.description,
            "fingerprint": self.fingerprint(node),
            "kind": node.kind,
            "level": level,
            "materialized": if node.snapshot { Materialization::Snapshot } else { Materialization::Table },
            "name": node.name,
            "path": path(node),
            "relation": RelationName::new(None, Some("shop"), &node.name),
            "relation_name": format!("\"shop\".\"{}\"", node.name),
            "sources": if node.name == "stg_users.ff" { vec!["crm.users"] } else { Vec::new() },
            "tags": ["daily"],
        });
        serde_json::from_value(entry).unwrap()
    }

    pub(super) fn catalog(&self) -> Catalog {
        let node = |node: &Node| {
            let column = CatalogColumn { name: "user_id".into(), data_type: "BIGINT".into() };
            let entry = CatalogNode {
                bytes: Some(2048),
                columns: vec![column],
                kind: RelationKind::Table.into(),
                relation: format!("db.shop.{}", node.name),
                rows: Some(1234),
            };
            (node.name.clone(), entry)
        };
        Catalog { metadata: CatalogMetadata::default(), nodes: self.nodes.iter().map(node).collect() }
    }
}

/// What an edit of a model changed of columns: one reads it, and one may.
fn reached() -> ColumnReach {
    let edit = ColumnEdit { changed: vec!["full_name".into()], ..ColumnEdit::default() };
    let (perhaps, readers) = (vec!["mart_api.ff".into()], vec!["mart_user_orders.ff".into()]);
    ColumnReach { columns: 1, edit, perhaps, readers, rebuilt: 3, sentence: String::new() }.worded()
}

pub(super) fn roots(rows: &[ResultRow]) -> Vec<Root> {
    let built = || rows.iter().filter(|row| row.status == Status::Success);
    let tried = rows.iter().filter(|row| matches!(row.status.known(), Some(Status::Success | Status::Error)));
    let own = tried.filter(|row| row.decision.role == Some(Role::Root.into()));
    let mut roots: Vec<Root> = own
        .map(|row| Root {
            blocked: 0,
            clause: row.decision.causes[0].clause(Some(&row.name)),
            columns: (row.decision.primary_code == Code::SqlChanged).then(reached),
            code: row.decision.primary_code.clone(),
            edited: None,
            failed: usize::from(row.status == Status::Error),
            impact: built().filter(|other| other.decision.roots.contains(&row.name)).count(),
            kind: RootKind::Node.into(),
            name: row.name.clone(),
            sentence: row.decision.causes[0].sentence.clone(),
            sole_impact: built().filter(|other| other.decision.roots == [row.name.clone()]).count(),
        })
        .collect();
    roots.sort_by_key(|root| std::cmp::Reverse(root.impact));
    roots
}

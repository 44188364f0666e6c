//! A project that no run is recorded of, as its site shows it: its graph, texts and descriptions, and no decision.
//!
//! Made from the files alone: no database is opened, nothing is built, no run is recorded.

use super::observe::{Files, files};
use super::{Checkout, Failure};
use crate::artifact::catalog::Catalog;
use crate::artifact::lineage;
use crate::artifact::literal::literals;
use crate::artifact::manifest::{Facts, Metadata};
use crate::artifact::results::{Git, ResultsMetadata, RunResults, Totals};
use crate::artifact::wire::SCHEMA_VERSION;
use crate::graph::Spelling;
use crate::plan::{self, Found, Request, State};
use crate::site::build::Artifacts;
use crate::watch::Observed;

/// What the files say, as artifacts of no run. A secret in a file of the project is told instead.
pub(super) fn artifacts(checkout: &Checkout) -> Result<Artifacts, Failure> {
    let Checkout { world, project, dialect, layout, secrets, .. } = checkout;
    let Files { graph, suite, components, .. } = files(checkout, Spelling::Short)?;
    let request = Request { selected: (0..graph.nodes.len()).collect(), ..Request::default() };
    let found = vec![Found::default(); graph.nodes.len()];
    let plan = plan::plan(&graph, &components, &State::default(), &found, &request);
    let secret = literals(project, (&graph, &suite), &plan, secrets, &**world);
    if !secret.is_empty() {
        return Err(Failure::Secret(secret));
    }
    let (catalog, observed) = (Catalog::default(), Observed::default());
    let (lineage, _) = lineage::trace(&**world, layout, project, &graph, &**dialect, &catalog);
    let metadata = Metadata {
        engine: project.profile.engine.clone(),
        profile: project.profile.name.clone(),
        project: project.settings.name.clone(),
        project_version: project.settings.version.clone(),
        repository: project.settings.docs_repository.clone(),
        schema_version: SCHEMA_VERSION.into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        ..Metadata::default()
    };
    let facts = Facts {
        project,
        graph: &graph,
        dialect: &**dialect,
        plan: &plan,
        catalog: &catalog,
        lineage: &lineage,
        observed: &observed,
        suite: &suite,
    };
    let manifest = facts.manifest(metadata);
    Ok(Artifacts { results: unrun(checkout, graph.nodes.len()), manifest, catalog })
}

/// The results of no run: its id is empty, and no node has a row.
fn unrun(Checkout { project, .. }: &Checkout, nodes: usize) -> RunResults {
    RunResults {
        budgets: Default::default(),
        cache_mode: "rw".into(),
        duration_ms: 0,
        engine: project.profile.engine.clone(),
        groups: Vec::new(),
        hooks: Vec::new(),
        interrupted: false,
        metadata: ResultsMetadata {
            command: None,
            git: Git::default(),
            project: project.settings.name.clone(),
            provenance: Default::default(),
            run_id: String::new(),
            schema_version: SCHEMA_VERSION.into(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
        },
        profile: project.profile.name.clone(),
        results: Vec::new(),
        roots: Vec::new(),
        run_finished_at: String::new(),
        run_started_at: String::new(),
        sentence: "No run is recorded yet.".into(),
        tests: Vec::new(),
        totals: Totals { nodes, ..Totals::default() },
        workers: None,
    }
}

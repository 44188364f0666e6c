//! Records each node as it ends, and the run's artifacts when it is over.

use super::Failure;
use super::prepare::Prepared;
use super::terminal::Terminal;
use crate::artifact::cache::Cache;
use crate::artifact::catalog::{Catalog, CatalogMetadata};
use crate::artifact::evidence::Evidence;
use crate::artifact::history::{History, RecordedFingerprint};
use crate::artifact::lineage;
use crate::artifact::manifest::{Facts, Git, Manifest, Metadata, SCHEMA_VERSION};
use crate::artifact::prune::prune_after_run;
use crate::artifact::results::RunResults;
use crate::artifact::{sums, write_changed};
use crate::digest::{Digest, Tagged};
use crate::engine::{CatalogRelation, EngineError, ErrorKind, Relations, SchemaName};
use crate::execute::{Execution, Outcome, Status};
use crate::graph::NodeId;
use crate::plan::{Action, CacheMode, Entry, Failure as FailedBuild, Known, Plan, upstream_builds, upstream_outputs};
use crate::world::instant;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// What is recorded while a run goes on.
pub struct Recorder {
    run_id: String,
    git_commit: Option<String>,
    mode: CacheMode,
    /// Whether this run built anything.
    changed: bool,
    /// Nodes whose row in the database is of this run: built, or skipped under a new fingerprint.
    held: Vec<bool>,
    /// With early cutoff: what each node gives.
    outputs: Vec<Option<Digest>>,
    /// Entries that this run made.
    entries: Vec<Entry>,
    failures: Vec<FailedBuild>,
    problem: Option<io::Error>,
}

impl Recorder {
    pub fn new(run_id: &str, git_commit: Option<String>, mode: CacheMode, nodes: usize) -> Recorder {
        Recorder {
            run_id: run_id.into(),
            git_commit,
            mode,
            changed: false,
            held: vec![false; nodes],
            outputs: vec![None; nodes],
            entries: Vec::new(),
            failures: Vec::new(),
            problem: None,
        }
    }

    /// Saves what a node left: its entry and evidence after a build, the failure after one that failed.
    pub fn ended(
        &mut self,
        execution: &Execution<'_>,
        known: Known<'_>,
        cache: &mut Cache,
        evidence: &mut Evidence,
        outcome: &Outcome,
    ) {
        let decision = outcome.decision(execution.plan);
        let built = outcome.status == Status::Success;
        let takes = outcome.status == Status::Skipped && decision.takes_fingerprint;
        self.changed |= built;
        self.held[outcome.node] = built || takes;
        self.outputs[outcome.node] = outcome.output;
        let result = match outcome.status {
            _ if !self.mode.writes() => Ok(()),
            _ if built || takes => {
                let entry = self.entry(execution, known, outcome);
                let saved = evidence.keep(&decision.fingerprint).and_then(|()| cache.built(&entry));
                self.entries.push(entry);
                saved
            }
            Status::Error => {
                let node = execution.graph.nodes[outcome.node].name.clone();
                let message = outcome.message.clone().unwrap_or_default();
                let failure = FailedBuild { node, run_id: self.run_id.clone(), message };
                let saved = cache.failed(&failure);
                self.failures.push(failure);
                saved
            }
            _ => Ok(()),
        };
        if let Err(error) = result {
            self.problem.get_or_insert(error);
        }
    }

    fn entry(&self, execution: &Execution<'_>, known: Known<'_>, outcome: &Outcome) -> Entry {
        let decision = outcome.decision(execution.plan);
        let node = &execution.graph.nodes[outcome.node];
        let built_by = |up: NodeId| match self.held[up] {
            true => Some(self.run_id.clone()),
            false => known.found[up].meta.as_ref().map(|meta| meta.run_id.clone()),
        };
        let took = decision.action == Action::Skip;
        // What was not built is what it was.
        let before = known.state.entries.get(&node.name).filter(|_| took);
        Entry {
            node: node.name.clone(),
            relation: node.relation.clone(),
            fingerprint: decision.fingerprint.clone(),
            run_id: self.run_id.clone(),
            built_at: instant(execution.world.now()),
            git_commit: self.git_commit.clone(),
            hermetic: before.map_or(outcome.http.is_none(), |before| before.hermetic),
            upstream_builds: upstream_builds(execution.graph, outcome.node, built_by),
            outline: before.map_or(outcome.outline.clone(), |before| before.outline.clone()),
            output: before.map_or(outcome.output, |before| before.output),
            upstream_outputs: upstream_outputs(execution.graph, outcome.node, |up| self.outputs[up]),
            identity: before.map_or(outcome.identity, |before| before.identity),
            folder: match before {
                Some(before) => before.folder,
                None => node.holds_paths().then(|| folder_digest(&execution.project.root)),
            },
            note: took.then(|| decision.primary().code.as_str().to_string()),
        }
    }

    /// The first record that could not be written, if any.
    pub fn check(&mut self) -> Result<(), Failure> {
        let failed =
            |error| Failure::Io("the record of a build could not be written; it will be built again".into(), error);
        self.problem.take().map_or(Ok(()), |error| Err(failed(error)))
    }

    /// Writes the artifacts of a run that is over, and gives those that say what the project is. What is wrong with
    /// lineage that YAML declares is told.
    pub fn finish(
        self,
        prepared: &mut Prepared,
        plan: &Plan,
        results: &RunResults,
        terminal: &Terminal,
    ) -> Result<(Manifest, Catalog), Failure> {
        self.apply(prepared);
        let write = |what: &'static str| move |error| Failure::Io(format!("{what} could not be written"), error);
        let catalog = self.catalog(prepared, results, terminal)?;
        let metadata = self.metadata(prepared, results);
        let loaded = &prepared.loaded;
        let (world, layout) = (&*loaded.world, &loaded.layout);
        let fingerprints = plan.decisions.iter().map(|decision| &decision.fingerprint);
        let dialect = &loaded.dialect;
        let lineage = lineage::trace(world, layout, &loaded.project, &loaded.graph, &**dialect, &catalog)
            .map_err(write("lineage.cache"))?;
        let manifest = Manifest::new(
            &loaded.project,
            &loaded.graph,
            fingerprints,
            &Facts { catalog: &catalog, lineage: &lineage, observed: &prepared.observed },
            |relation| dialect.relation(relation),
            metadata,
        )
        .write(world, &layout.manifest())
        .map_err(write("manifest.json"))?;
        world.write(&layout.run_results(), &crate::artifact::json(results)).map_err(write("run_results.json"))?;
        let history = History::new(world, layout.runs());
        history.add(results.clone(), recorded(prepared, plan)).map_err(write("the run's record"))?;
        let cache = layout.cache(&prepared.engine.target());
        let keep = loaded.project.settings.history_keep;
        prune_after_run(&loaded.world, layout, keep, (&cache, &prepared.state)).map_err(write("the history"))?;
        sums::write(world, layout).map_err(write("digests.sha256"))?;
        prepared.cache.compact(&prepared.state).map_err(write("the cache"))?;
        lineage.iter().flat_map(|traced| &traced.problems).for_each(|problem| terminal.warn(problem));
        Ok((manifest, catalog))
    }

    /// Brings the state in memory to what the cache file says now.
    fn apply(&self, prepared: &mut Prepared) {
        for entry in &self.entries {
            prepared.state.failures.remove(&entry.node);
            prepared.state.entries.insert(entry.node.clone(), entry.clone());
        }
        for failure in &self.failures {
            prepared.state.failures.insert(failure.node.clone(), failure.clone());
        }
    }

    fn metadata(&self, prepared: &Prepared, results: &RunResults) -> Metadata {
        Metadata {
            engine: results.engine.clone(),
            generated_at: results.run_finished_at.clone(),
            git: Git { commit: self.git_commit.clone() },
            profile: results.profile.clone(),
            project: results.metadata.project.clone(),
            project_version: prepared.loaded.project.settings.version.clone(),
            run_id: self.run_id.clone(),
            schema_version: SCHEMA_VERSION.into(),
            tool_version: results.metadata.tool_version.clone(),
        }
    }

    /// The engine is asked for columns only when something was built, or the last run was on another profile or
    /// database. A run whose database is gone keeps what it knew: its results are written all the same.
    fn catalog(&self, prepared: &mut Prepared, results: &RunResults, terminal: &Terminal) -> Result<Catalog, Failure> {
        let path = prepared.loaded.layout.catalog();
        let database = prepared.loaded.layout.cache(&prepared.engine.target());
        let database = database.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
        if !self.changed && prepared.loaded.world.exists(&path) {
            let kept = Catalog::read(&*prepared.loaded.world, &path);
            if (&kept.metadata.database, &kept.metadata.profile) == (&database, &results.profile) {
                return Ok(kept);
            }
        }
        let found = described(prepared).or_else(|error| match error.kind {
            // Lost in the course of the run, perhaps: a new session tells.
            ErrorKind::Connection => prepared.engine.session().and_then(|session| {
                prepared.session = session;
                described(prepared)
            }),
            _ => Err(error),
        });
        let loaded = &prepared.loaded;
        let (relations, found) = match found {
            Ok(found) => found,
            Err(error) => {
                let words = loaded.project.env.redact(&error.message);
                terminal.warning(&format!("catalog.json could not be brought up to date: {words}"));
                return Ok(Catalog::read(&*loaded.world, &path));
            }
        };
        let metadata = CatalogMetadata {
            database,
            engine: results.engine.clone(),
            generated_at: results.run_finished_at.clone(),
            profile: results.profile.clone(),
            run_id: self.run_id.clone(),
            schema_version: SCHEMA_VERSION.into(),
        };
        let catalog = Catalog::new(&loaded.graph, &relations, found, metadata);
        write_changed(&*loaded.world, &path, &crate::artifact::json(&catalog))
            .map_err(|error| Failure::Io("catalog.json could not be written".into(), error))?;
        Ok(catalog)
    }
}

/// A folder's path, without telling it.
pub fn folder_digest(root: &Path) -> Digest {
    Tagged::new("fft-folder-v1").part(root.to_string_lossy().as_bytes()).finish()
}

/// What the engine has in the schemas of the project.
fn described(prepared: &mut Prepared) -> Result<(Relations, Vec<CatalogRelation>), EngineError> {
    let relations = prepared.session.relations()?;
    let nodes = prepared.loaded.graph.nodes.iter();
    let schemas: BTreeSet<SchemaName> = nodes.map(|node| SchemaName::of(&node.relation)).collect();
    Ok((relations, prepared.session.catalog(&schemas)?))
}

/// Each node's fingerprint as the run's record keeps it: whole where the run its baseline names hasn't the same.
fn recorded(prepared: &Prepared, plan: &Plan) -> BTreeMap<String, RecordedFingerprint> {
    let one = |decision: &crate::plan::Decision| {
        let value = decision.fingerprint.value;
        let known = decision.baseline.as_ref().is_some_and(|baseline| baseline.fingerprint == value);
        let full = (decision.action == Action::Build || !known).then(|| decision.fingerprint.clone());
        let name = prepared.loaded.graph.nodes[decision.node].name.to_string();
        (name, RecordedFingerprint { full, value })
    };
    plan.decisions.iter().map(one).collect()
}

//! The fifth stage: the run is recorded and its artifacts written, each of them whatever becomes of the others.

use super::record::Recorder;
use super::results::{cut_off, write_results};
use super::{CarriedOut, Checkout, Failure, Standing, Tell, caught, site};
use crate::artifact::catalog::{Catalog, CatalogMetadata};
use crate::artifact::described::unknown_columns;
use crate::artifact::lineage;
use crate::artifact::manifest::{Facts, Metadata, SCHEMA_VERSION};
use crate::artifact::prune::prune_after_run;
use crate::artifact::results::RunResults;
use crate::artifact::{json, sums, write_changed};
use crate::check::budget::BudgetStatus;
use crate::diagnostic::{Diagnostic, grouped};
use crate::engine::SchemaName;
use crate::execute::{Run, Status};
use crate::graph::Graph;
use crate::lineage::project::Traced;
use crate::name::NodeName;
use crate::plan::{Code, Plan};
use crate::project::redact;
use crate::site::build::Artifacts;
use std::any::Any;
use std::collections::BTreeSet;

/// Warnings about lineage that are told one by one.
const SHOWN: usize = 20;

/// A run whose records are written, and what they say.
pub struct Published {
    standing: Standing,
    plan: Plan,
    run: Run,
    results: RunResults,
    described: Described,
    recorded: Result<(), Failure>,
}

/// What catalog and manifest say, beside the plan.
struct Described {
    catalog: Catalog,
    lineage: Vec<Traced>,
    metadata: Metadata,
}

/// How a run came out, once there is nothing left to do for it.
pub struct Finished {
    unwritten: Vec<Failure>,
    bug: bool,
    failed: bool,
    rest: Rest,
}

/// What a command that is over still has in memory.
///
/// Taking ten thousand nodes apart piece by piece costs a tenth of a run that has nothing to do, and the process gives all
/// of its memory back at once: `cli::main` ends the process while this is still whole. A caller that goes on drops it. What
/// has something to finish isn't in here: the lock is released before, and a database that was written to is closed.
pub struct Rest(#[expect(dead_code, reason = "it is kept whole until the process ends")] Box<dyn Any>);

impl CarriedOut {
    pub fn results(&self) -> &RunResults {
        &self.results
    }

    /// Writes the artifacts of a run that is over. What is wrong with lineage that YAML declares is told.
    pub fn publish(self, tell: &dyn Tell) -> Result<Published, Failure> {
        let CarriedOut { mut standing, plan, run, results, mut recorder } = self;
        recorder.apply(&mut standing.state);
        let described = caught(|| describe(&mut recorder, &mut standing, &plan, &results, tell));
        let Some(described) = described else {
            cut_off((&standing.checkout, &standing.graph, &plan), &results, tell);
            return Err(Failure::Panicked);
        };
        let Standing { checkout, graph, database, state, cache, .. } = &mut standing;
        let (world, layout) = (&checkout.world, &checkout.layout);
        for (what, written) in write_results((checkout, graph, &plan), &results) {
            recorder.note(what, written);
        }
        let caches = layout.cache(&database.engine().target());
        let pruned = prune_after_run(world, layout, checkout.project.settings.history_keep, (&caches, state));
        recorder.note("the history", pruned.map(drop));
        recorder.note("digests.sha256", sums::write(&**world, layout));
        recorder.note("the cache", cache.compact(state));
        warn(&standing, &described, tell);
        let problems = recorder.problems;
        let recorded = if problems.is_empty() { Ok(()) } else { Err(Failure::Records(problems)) };
        Ok(Published { standing, plan, run, results, described, recorded })
    }
}

/// Writes what says what the project is: catalog and manifest.
fn describe(
    recorder: &mut Recorder,
    standing: &mut Standing,
    plan: &Plan,
    results: &RunResults,
    tell: &dyn Tell,
) -> Described {
    let catalog = catalog(recorder, standing, results, tell);
    let Standing { checkout, graph, git, .. } = &*standing;
    let Checkout { world, project, dialect, layout, .. } = checkout;
    let metadata = Metadata {
        engine: results.engine.clone(),
        generated_at: results.run_finished_at.clone(),
        git: git.clone(),
        profile: results.profile.clone(),
        project: results.metadata.project.clone(),
        project_version: project.settings.version.clone(),
        run_id: results.metadata.run_id.clone(),
        schema_version: SCHEMA_VERSION.into(),
        tool_version: results.metadata.tool_version.clone(),
    };
    let (lineage, kept) = lineage::trace(&**world, layout, project, graph, &**dialect, &catalog);
    recorder.note("lineage.cache", kept);
    let facts = facts(standing, plan, &catalog, &lineage);
    let (metadata, written) = facts.write(metadata, &**world, &layout.manifest());
    recorder.note("manifest.json", written);
    Described { catalog, lineage, metadata }
}

fn facts<'a>(standing: &'a Standing, plan: &'a Plan, catalog: &'a Catalog, lineage: &'a [Traced]) -> Facts<'a> {
    let Standing { checkout, graph, observed, .. } = standing;
    Facts { project: &checkout.project, graph, dialect: &*checkout.dialect, plan, catalog, lineage, observed }
}

/// The engine is asked for columns only when something was built, or the last run was on another profile or database. A
/// run whose database is gone keeps what it knew: its results are written all the same.
fn catalog(recorder: &mut Recorder, standing: &mut Standing, results: &RunResults, tell: &dyn Tell) -> Catalog {
    let Standing { checkout, graph, database, .. } = standing;
    let Checkout { world, layout, secrets, .. } = &*checkout;
    let path = layout.catalog();
    let file = layout.cache(&database.engine().target());
    let target = file.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    if !recorder.changed && world.exists(&path) {
        let kept = Catalog::read(&**world, &path);
        if (&kept.metadata.database, &kept.metadata.profile) == (&target, &results.profile) {
            return kept;
        }
    }
    let schemas: BTreeSet<SchemaName> = graph.nodes.iter().map(|node| SchemaName::of(&node.relation)).collect();
    let (relations, found) = match database.described(&schemas) {
        Ok(found) => found,
        Err(error) => {
            let words = redact(&error.message, secrets);
            tell.warning(&format!("catalog.json could not be brought up to date: {words}"));
            return Catalog::read(&**world, &path);
        }
    };
    let metadata = CatalogMetadata {
        database: target,
        engine: results.engine.clone(),
        generated_at: results.run_finished_at.clone(),
        profile: results.profile.clone(),
        run_id: results.metadata.run_id.clone(),
        schema_version: SCHEMA_VERSION.into(),
    };
    let catalog = Catalog::new(graph, &relations, found, metadata);
    match write_changed(&**world, &path, &json(&catalog)) {
        Ok(_) => catalog,
        // What couldn't be written here can't be in the manifest either.
        Err(error) => {
            recorder.note("catalog.json", Err(error));
            Catalog::read(&**world, &path)
        }
    }
}

/// Tells what YAML says of columns and lineage that isn't so, and what of the evidence had to be mended.
fn warn(standing: &Standing, Described { catalog, lineage, .. }: &Described, tell: &dyn Tell) {
    unknown_columns(&standing.checkout.project, &standing.graph, catalog).iter().for_each(|problem| tell.warn(problem));
    let problems: Vec<&Diagnostic> = lineage.iter().flat_map(|traced| &traced.problems).collect();
    problems.iter().take(SHOWN).for_each(|problem| tell.warn(problem));
    if problems.len() > SHOWN {
        let more = grouped(problems.len() - SHOWN);
        let message = format!("and {more} more columns of declared lineage aren't there");
        tell.warn(&Diagnostic::warning("unknown-column", message));
    }
    if let Some(words) = standing.evidence.mended() {
        tell.warning(&words);
    }
}

impl Published {
    pub fn graph(&self) -> &Graph {
        &self.standing.graph
    }

    /// The plan as it was carried out.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn results(&self) -> &RunResults {
        &self.results
    }

    /// Nodes that were built once and are no longer in the project, with what they are called now where that is known.
    pub fn orphans(&self) -> Vec<String> {
        let Standing { graph, state, .. } = &self.standing;
        let renamed = |old: &NodeName| {
            let now = self.plan.decisions.iter().find(|decision| decision.renamed_from.as_ref() == Some(old));
            now.map_or(String::new(), |decision| format!(" (now {})", graph.nodes[decision.node].name))
        };
        let gone = state.entries.keys().filter(|name| graph.id(name.as_str()).is_none());
        gone.map(|name| format!("{name}{}", renamed(name))).collect()
    }

    /// Brings the site up to date, where it is wanted, and lets go of all that others wait for.
    pub fn finish(self, with_site: bool) -> Finished {
        let Published { standing, plan, run, results, described, recorded } = self;
        let over = results.budgets.status == BudgetStatus::Error;
        let Described { catalog, lineage, metadata } = described;
        let (shown, unread) = if with_site {
            let manifest = facts(&standing, &plan, &catalog, &lineage).manifest(metadata);
            (site::refresh(&standing.checkout, Artifacts { manifest, results, catalog }), None)
        } else {
            (Ok(()), Some((results, catalog)))
        };
        let unwritten = [recorded, shown].into_iter().filter_map(Result::err).collect();
        let failed = run.outcomes.iter().any(|outcome| matches!(outcome.status, Status::Error | Status::Blocked));
        let bug = is_bug(&plan, &run);
        let Standing { lock, database, checkout, graph, relations, found, observed, components, .. } = standing;
        // What was only read has nothing to finish.
        let database = plan.writes_nothing().then_some(database);
        drop(lock);
        let known = (standing.cache, standing.state, standing.evidence, lineage, unread);
        let rest = (database, checkout, graph, relations, found, observed, components, known, plan, run);
        Finished { unwritten, bug, failed: over || failed, rest: Rest(Box::new(rest)) }
    }
}

fn is_bug(plan: &Plan, run: &Run) -> bool {
    let unexplained =
        plan.decisions.iter().any(|decision| decision.causes().iter().any(|cause| cause.code == Code::Unexplained));
    unexplained || run.outcomes.iter().any(|outcome| outcome.panicked)
}

impl Finished {
    /// What could not be written.
    pub fn unwritten(&self) -> &[Failure] {
        &self.unwritten
    }

    /// Whether a node failed by a bug of fft, or a decision has no reason.
    pub fn is_bug(&self) -> bool {
        self.bug
    }

    /// Whether a node failed or wasn't reached, or a budget is exceeded.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    pub fn rest(self) -> Rest {
        self.rest
    }
}

//! The fifth stage: the run is recorded and its artifacts written, each of them whatever becomes of the others.

use super::record::Recorder;
use super::results::{Planned, cut_off, end_cut_off, write_results};
use super::{CarriedOut, Checkout, Failure, Standing, Tell, caught, site};
use crate::artifact::catalog::{Catalog, CatalogMetadata};
use crate::artifact::described::unknown_columns;
use crate::artifact::history::History;
use crate::artifact::lineage;
use crate::artifact::manifest::{Facts, Git, Metadata, SCHEMA_VERSION};
use crate::artifact::prune::prune_after_run;
use crate::artifact::reach;
use crate::artifact::results::{Rows, RunResults, Summary};
use crate::artifact::{json, sums, tested, write_changed};
use crate::check::budget::BudgetStatus;
use crate::diagnostic::{Diagnostic, grouped};
use crate::digest::Digest;
use crate::engine::SchemaName;
use crate::execute::{HookStatus, Run, Status};
use crate::graph::Graph;
use crate::lineage::project::Traced;
use crate::name::NodeName;
use crate::plan::{Code, Plan};
use crate::project::redact;
use crate::site::build::Artifacts;
use crate::test::Suite;
use crate::watch::Observed;
use std::any::Any;
use std::collections::BTreeSet;
use std::io;

/// Warnings about lineage that are told one by one.
const SHOWN: usize = 20;

/// A run whose records are written, and what they say.
pub struct Published {
    standing: Standing,
    plan: Plan,
    run: Run,
    summary: Summary,
    described: Described,
    recorded: Result<(), Failure>,
    stored: bool,
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
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Writes the artifacts of a run that is over. What is wrong with lineage that YAML declares is told.
    pub fn publish(self, tell: &dyn Tell) -> Result<Published, Failure> {
        let CarriedOut { mut standing, plan, run, mut summary, mut recorder, testing } = self;
        recorder.apply(&mut standing.state);
        let Some(catalog) = caught(|| catalog(&mut recorder, &mut standing, &summary, tell)) else {
            cut_off((&standing.checkout, &standing.graph, &plan), &run, tell);
            return Err(Failure::Panicked);
        };
        let Standing { checkout, graph, suite, observed, git, database, state, cache, .. } = &mut standing;
        let planned: Planned<'_> = (checkout, graph, &plan);
        // Who reads what was edited is told in the results: then lineage comes first.
        let traced = reach::has_edits(&plan).then(|| caught(|| trace(planned, &catalog))).flatten();
        if let Some((traced, _)) = &traced {
            reach::add(&mut summary.roots, graph, &plan, &reach::traced(graph, traced));
        }
        // What says what the project is and what says what the run was are made side by side.
        let (described, results) = rayon::join(
            || caught(|| describe(planned, (observed, suite), git, &summary, (catalog, traced))),
            || write_results(planned, &summary, &run),
        );
        let mut digests = sums::Known::new();
        let (world, layout) = (&checkout.world, &checkout.layout);
        let Some((described, written)) = described else {
            end_cut_off(checkout, results, tell);
            return Err(Failure::Panicked);
        };
        recorder.note("lineage.cache", written.lineage);
        digests.extend(recorder.noted("manifest.json", written.manifest).map(|digest| (layout.manifest(), digest)));
        let places = [layout.run_results(), History::new(&**world, layout.runs()).path(&run.run_id)];
        for ((what, written), place) in results.into_iter().zip(places) {
            digests.extend(recorder.noted(what, written).map(|digest| (place, digest)));
        }
        let caches = layout.cache(&database.engine().target());
        let pruned = prune_after_run(world, layout, checkout.project.settings.history_keep, (&caches, state));
        let records = recorder.tests(&testing, &run);
        if let Some(records) = records {
            let written = tested::write(&**world, &layout.tests(&database.engine().target()), &records);
            recorder.note("the results of tests", written);
        }
        recorder.note("the history", pruned.map(drop));
        recorder.note("digests.sha256", sums::write(&**world, layout, &digests));
        recorder.note("the cache", cache.compact(state));
        warn(&standing, &described, tell);
        let problems = recorder.problems;
        let recorded = if problems.is_empty() { Ok(()) } else { Err(Failure::Records(problems)) };
        let stored = testing.store && testing.count() > 0;
        Ok(Published { standing, plan, run, summary, described, recorded, stored })
    }
}

/// What came of writing lineage and manifest.
struct Written {
    lineage: io::Result<()>,
    manifest: io::Result<Digest>,
}

/// The lineage of every node, and what came of keeping it.
type Lineages = (Vec<Traced>, io::Result<()>);

fn trace((checkout, graph, _): Planned<'_>, catalog: &Catalog) -> Lineages {
    let Checkout { world, project, dialect, layout, .. } = checkout;
    lineage::trace(&**world, layout, project, graph, &**dialect, catalog)
}

/// Writes what says what the project is, beside the catalog.
fn describe(
    planned: Planned<'_>,
    seen: (&Observed, &Suite),
    git: &Git,
    summary: &Summary,
    (catalog, traced): (Catalog, Option<Lineages>),
) -> (Described, Written) {
    let checkout = planned.0;
    let Checkout { world, project, layout, .. } = checkout;
    let metadata = Metadata {
        engine: summary.engine.clone(),
        generated_at: summary.run_finished_at.clone(),
        git: git.clone(),
        profile: summary.profile.clone(),
        project: summary.metadata.project.clone(),
        project_version: project.settings.version.clone(),
        repository: project.settings.docs_repository.clone(),
        run_id: summary.metadata.run_id.clone(),
        schema_version: SCHEMA_VERSION.into(),
        tool_version: summary.metadata.tool_version.clone(),
    };
    let (lineage, kept) = traced.unwrap_or_else(|| trace(planned, &catalog));
    let facts = facts(planned, seen, &catalog, &lineage);
    let (metadata, manifest) = facts.write(metadata, &**world, &layout.manifest());
    (Described { catalog, lineage, metadata }, Written { lineage: kept, manifest })
}

fn facts<'a>(
    (checkout, graph, plan): Planned<'a>,
    (observed, suite): (&'a Observed, &'a Suite),
    catalog: &'a Catalog,
    lineage: &'a [Traced],
) -> Facts<'a> {
    Facts { project: &checkout.project, graph, dialect: &*checkout.dialect, plan, catalog, lineage, observed, suite }
}

/// The engine is asked for columns only when something was built, or the last run was on another profile or database. A
/// run whose database is gone keeps what it knew: its results are written all the same.
fn catalog(recorder: &mut Recorder, standing: &mut Standing, summary: &Summary, tell: &dyn Tell) -> Catalog {
    let Standing { checkout, graph, database, .. } = standing;
    let Checkout { world, layout, secrets, .. } = &*checkout;
    let path = layout.catalog();
    let file = layout.cache(&database.engine().target());
    let target = file.file_stem().map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    if !recorder.changed && world.exists(&path) {
        let kept = Catalog::read(&**world, &path);
        if (&kept.metadata.database, &kept.metadata.profile) == (&target, &summary.profile) {
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
        engine: summary.engine.clone(),
        generated_at: summary.run_finished_at.clone(),
        profile: summary.profile.clone(),
        run_id: summary.metadata.run_id.clone(),
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

    pub fn run(&self) -> &Run {
        &self.run
    }

    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What run_results.json says, with a row for every node.
    pub fn results(&self) -> RunResults {
        results(&self.summary, &self.standing, &self.plan, &self.run)
    }

    /// A text without the values of secrets.
    pub fn hide(&self, text: String) -> String {
        self.standing.checkout.secrets.hide(&text).into_owned()
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
        let Published { standing, plan, run, summary, described, recorded, stored } = self;
        let over = summary.budgets.status == BudgetStatus::Error;
        let Described { catalog, lineage, metadata } = described;
        let (shown, unread) = if with_site {
            let planned = (&standing.checkout, &standing.graph, &plan);
            let manifest = facts(planned, (&standing.observed, &standing.suite), &catalog, &lineage).manifest(metadata);
            let results = results(&summary, &standing, &plan, &run);
            (site::refresh(&standing.checkout, Artifacts { manifest, results, catalog }), None)
        } else {
            (Ok(()), Some(catalog))
        };
        let unwritten = [recorded, shown].into_iter().filter_map(Result::err).collect();
        let failed = run.outcomes.iter().any(|outcome| matches!(outcome.status, Status::Error | Status::Blocked));
        let failed = failed || run.hooks.iter().any(|hook| hook.status == HookStatus::Error);
        let failed = failed || run.tests.iter().any(|outcome| outcome.status.is_failure());
        let bug = is_bug(&plan, &run);
        let Standing { lock, database, checkout, graph, relations, found, observed, components, .. } = standing;
        // What was only read has nothing to finish, unless the end of the session lets others in.
        let alone = database.engine().traits().exclusive;
        let untouched = plan.writes_nothing() && run.hooks.is_empty() && !stored;
        let database = (untouched && alone).then_some(database);
        drop(lock);
        let known = (standing.cache, standing.state, standing.evidence, lineage, unread);
        let rest = (database, checkout, graph, relations, found, observed, components, known, plan, run);
        Finished { unwritten, bug, failed: over || failed, rest: Rest(Box::new(rest)) }
    }
}

fn results(summary: &Summary, standing: &Standing, plan: &Plan, run: &Run) -> RunResults {
    let rows = Rows::of(&standing.graph, plan, &run.outcomes, summary);
    summary.with(rows.all().collect())
}

fn is_bug(plan: &Plan, run: &Run) -> bool {
    let unexplained =
        plan.decisions.iter().any(|decision| decision.causes().iter().any(|cause| cause.code == Code::Unexplained));
    unexplained
        || run.outcomes.iter().any(|outcome| outcome.panicked)
        || run.tests.iter().any(|outcome| outcome.panicked)
        || run.hooks.iter().any(|hook| hook.panicked)
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

    /// Whether a node or a hook failed or a node wasn't reached, or a budget is exceeded.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    pub fn rest(self) -> Rest {
        self.rest
    }
}

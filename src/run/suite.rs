//! Which tests a run has, and what is known of their last results.

use super::observe::data;
use super::{Checkout, Decided, Failure, Tell, redacted};
use crate::artifact::tested;
use crate::diagnostic::Diagnostic;
use crate::execute::Testing;
use crate::graph::NodeId;
use crate::plan::Action;
use crate::test::{self, Request, SourceKey};
use crate::watch;
use std::collections::BTreeSet;

/// Which tests are meant.
#[derive(Clone, Debug, Default)]
pub struct Tests {
    /// Selectors, all of which must hold; all tests where there is none.
    pub select: Vec<String>,
    /// Selectors of tests to leave out.
    pub exclude: Vec<String>,
    /// Only those of nodes that the run is about.
    pub of_run: bool,
    /// Keep failing rows in tables.
    pub store: bool,
}

/// What stands between parts of a selector all of which must hold.
const AND: &str = " & ";

/// What is said of a selector that names nothing.
const EMPTY: &str = "empty-selection";

impl Decided {
    /// The same with tests, each of which is decided once what it reads has ended.
    pub fn with_tests(self, tell: &dyn Tell, asked: &Tests) -> Result<Decided, Failure> {
        let mut decided = self;
        let wanted = decided.wanted(asked)?;
        decided.watch(&wanted)?;
        let Decided { standing, caching, .. } = &decided;
        let Checkout { world, project, layout, .. } = &standing.checkout;
        let path = layout.tests(&standing.database.engine().target());
        let records = match tested::read(&**world, &path) {
            Ok(records) => records,
            Err(error) => {
                tell.warning(&format!("what is recorded of tests can't be read, all are run: {error}"));
                Default::default()
            }
        };
        let observed = standing.observed.sources.iter().map(|(key, watch)| (key.clone(), data(watch)));
        let request = Request {
            mode: caching.mode,
            cosmetic_skip: project.settings.fingerprint.cosmetic_skip,
            run_unwatched: !project.settings.skip_unwatched,
        };
        let (suite, data) = (standing.suite.clone(), observed.collect());
        let testing = Testing { suite, wanted, records, data, request, store: asked.store };
        Ok(Decided { testing, ..decided })
    }

    /// Whether each test is part of the run.
    fn wanted(&self, asked: &Tests) -> Result<Vec<bool>, Failure> {
        let suite = &self.standing.suite;
        let mut wanted = vec![true; suite.tests.len()];
        let select = asked.select.join(" ");
        for text in select.split(AND).filter(|text| !text.trim().is_empty()) {
            let found = self.named(text)?;
            wanted.iter_mut().zip(found).for_each(|(one, found)| *one &= found);
        }
        let exclude = asked.exclude.join(" ");
        if !exclude.trim().is_empty() {
            let found = self.named(&exclude)?;
            wanted.iter_mut().zip(found).for_each(|(one, found)| *one &= !found);
        }
        if asked.of_run {
            let in_run = |id: &NodeId| self.plan.decisions[*id].action != Action::NotSelected;
            for (one, test) in wanted.iter_mut().zip(&suite.tests) {
                // A test of a source belongs to every run of it all.
                let of = if test.guards.is_empty() { &test.nodes } else { &test.guards };
                *one &= of.iter().all(in_run);
            }
        }
        Ok(wanted)
    }

    /// The tests that any word of a selector stands for.
    fn named(&self, text: &str) -> Result<Vec<bool>, Failure> {
        let suite = &self.standing.suite;
        let known = self.standing.known();
        let mut all = vec![false; suite.tests.len()];
        for word in text.split_whitespace() {
            let nodes = match self.standing.select(&[word.to_string()], &known.facts()) {
                Ok(nodes) => Ok(nodes),
                Err(Failure::Project(problems)) if problems.iter().all(|problem| problem.code == EMPTY) => {
                    Err(problems)
                }
                Err(failure) => return Err(failure),
            };
            let of = nodes.as_ref().cloned().unwrap_or_default();
            match (test::select(suite, word, &of), nodes) {
                (Some(found), _) => all.iter_mut().zip(found).for_each(|(one, found)| *one |= found),
                // Nodes without tests are no slip.
                (None, Ok(_)) => {}
                (None, Err(problems)) => return Err(Failure::Project(problems.into_iter().map(nothing).collect())),
            }
        }
        Ok(all)
    }

    /// Looks at the sources that tests read and no model does.
    fn watch(&mut self, wanted: &[bool]) -> Result<(), Failure> {
        let standing = &mut self.standing;
        let tests = standing.suite.tests.iter().zip(wanted).filter(|(_, wanted)| **wanted);
        let keys: BTreeSet<SourceKey> = tests.flat_map(|(test, _)| test.sources.iter().cloned()).collect();
        if keys.iter().all(|key| standing.observed.sources.contains_key(key)) {
            return Ok(());
        }
        let Checkout { world, project, dialect, layout, .. } = &standing.checkout;
        let mut index = watch::Index::read(&**world, layout.files());
        let mut observer = watch::Observer {
            world: &**world,
            project,
            dialect: &**dialect,
            session: standing.database.session(),
            relations: &standing.relations,
            index: &mut index,
        };
        watch::observe_sources(&mut observer, &keys, &mut standing.observed).map_err(|failure| match failure {
            watch::Failure::Engine(error) => redacted(project, error),
            watch::Failure::Project(problem) => Failure::Project(vec![problem]),
        })
    }
}

fn nothing(problem: Diagnostic) -> Diagnostic {
    let message = format!("no test, and {}", problem.message);
    Diagnostic { message, ..problem }
        .hint("tests are selected by their name, kind or tag, and by the nodes that they are of")
}

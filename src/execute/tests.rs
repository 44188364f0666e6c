//! Runs over a database that does as it is told: it panics, it never answers, it can't tell what a query would read.

use super::*;
use crate::engine::{
    Build, Built, Capabilities, CatalogRelation, Content, EngineError, ErrorKind, Estimate, Interrupt, SchemaName,
    Session,
};
use crate::fingerprint::{Components, Material};
use crate::plan::{Request, State, plan};
use crate::project::testing::empty;
use crate::world::MemoryWorld;
use arrow::array::RecordBatch;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// A database in which the relations `broken` and `endless` can't be built; the latter until it is let go.
#[derive(Clone, Default)]
struct Fake(Arc<(Mutex<bool>, Condvar)>);

impl Fake {
    fn let_go(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

impl Engine for Fake {
    fn name(&self) -> &'static str {
        crate::dialect::engines().next().unwrap()
    }

    fn target(&self) -> String {
        "fake".into()
    }

    fn capabilities(&self) -> Capabilities {
        unreachable!("nobody asks")
    }

    fn session(&self) -> Result<Box<dyn Session>, EngineError> {
        Ok(Box::new(self.clone()))
    }
}

impl Session for Fake {
    fn prepare(&mut self, _: &BTreeSet<SchemaName>) -> Result<(), EngineError> {
        Ok(())
    }

    fn relations(&mut self) -> Result<Relations, EngineError> {
        Ok(Relations::default())
    }

    fn meta(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        Ok(Vec::new())
    }

    fn ledger(&mut self) -> Result<Vec<MetaRow>, EngineError> {
        Ok(Vec::new())
    }

    fn catalog(&mut self, _: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        Ok(Vec::new())
    }

    fn build(&mut self, build: &Build<'_>) -> Result<Built, EngineError> {
        match build.relation.name.as_str() {
            "broken" => panic!("out of bounds at cTdacDJ2WHc5Sw=="),
            "endless" => drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |gone| !*gone)),
            _ => {}
        }
        Ok(Built { rows: Some(1), ..Built::default() })
    }

    fn estimate(&mut self, _: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        let message = "the server is too busy for that".into();
        Err(EngineError { kind: ErrorKind::Connection, message, position: None, hint: None })
    }

    fn record(&mut self, _: &MetaRow) -> Result<(), EngineError> {
        Ok(())
    }

    fn drop_relation(&mut self, _: &RelationName) -> Result<(), EngineError> {
        Ok(())
    }

    fn read(&mut self, _: &str) -> Result<Vec<RecordBatch>, EngineError> {
        Ok(Vec::new())
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        struct Deaf;
        impl Interrupt for Deaf {
            fn interrupt(&self) {}
        }
        Arc::new(Deaf)
    }
}

/// What a run of these models ends with: for each its status and message. `tell` gets the execution and each event.
fn run(
    models: &[(&str, &str)],
    limit: Option<QueryLimit>,
    tell: impl Fn(&Execution<'_>, &Graph, Event),
    leave: &mut dyn FnMut(&Fake, &[Outcome]),
) -> Vec<Outcome> {
    let mut project = models.iter().fold(empty(), |project, (name, text)| project.sql(name, text));
    let fake = Fake::default();
    project.profile.engine = fake.name().into();
    let dialect: Arc<dyn crate::dialect::Dialect> = crate::dialect::for_engine(fake.name()).unwrap().into();
    let rendered = crate::render::render(&project, dialect.clone()).unwrap();
    let graph = crate::graph::build(&project, rendered, Vec::new(), &*dialect).unwrap();
    let components = Components::of(&graph, &project, &Material::default());
    let found = vec![Found::default(); graph.nodes.len()];
    let request = Request { selected: (0..graph.nodes.len()).collect(), ..Request::default() };
    let plan = plan(&graph, &components, &State::default(), &found, &request);
    let world: Arc<dyn World> = Arc::new(MemoryWorld::new());
    let execution = Execution {
        http: http::Client::new(world.clone(), http::Settings::new("/project".into()), Arc::default()),
        world,
        project: &project,
        secrets: &Secrets::new([("q7Zp2vXw9K", "FF_TOKEN")]),
        graph: &graph,
        plan: &plan,
        engine: &fake,
        observed: &Observed::default(),
        relations: &Relations::default(),
        found: &found,
        state: &State::default(),
        recorded_roots: &[],
        git_commit: None,
        git_dirty: None,
        run_id: "20261122T101500Z-3fa9",
        cutoff: None,
        query_limit: limit,
        jobs: 2,
        records: true,
        adopt: false,
        keep_going: true,
        cancelled: Arc::default(),
        abandoned: Arc::default(),
        python: Default::default(),
    };
    execute(&execution, &mut |event| tell(&execution, &graph, event), &mut |outcomes| leave(&fake, outcomes)).unwrap()
}

fn told(outcomes: &[Outcome]) -> Vec<(Status, &str)> {
    outcomes.iter().map(|outcome| (outcome.status, outcome.message.as_deref().unwrap_or(""))).collect()
}

#[test]
fn a_panic_is_the_failure_of_its_node_and_of_nothing_else() {
    let table = "{{ config(materialized='table') }} select 1 as a";
    let below = "{{ config(materialized='table') }} select a from {{ ref('broken.ff') }}";
    let models = [("broken", table), ("below", below), ("other", table), ("third", table)];
    let outcomes = run(&models, None, |_, _, _| (), &mut |_, _| ());
    assert_eq!(
        told(&outcomes),
        [
            (Status::Error, "internal error: out of bounds at ‹env:FF_TOKEN›=="),
            (Status::Success, ""),
            (Status::Success, ""),
            (Status::Blocked, ""),
        ]
    );
    assert_eq!(outcomes.iter().map(|outcome| outcome.panicked).collect::<Vec<_>>(), [true, false, false, false]);
}

#[test]
fn a_run_that_is_to_end_at_once_leaves_what_never_ends() {
    let table = "{{ config(materialized='table') }} select 1 as a";
    let mut left = Vec::new();
    run(
        &[("endless", table), ("other", table)],
        None,
        |execution, graph, event| {
            if let Event::Ended(outcome) = event
                && graph.nodes[outcome.node].name.as_str() == "other.ff"
            {
                execution.abandoned.store(true, Ordering::Relaxed);
            }
        },
        &mut |fake, outcomes| {
            left = told(outcomes).into_iter().map(|(status, message)| (status, message.to_string())).collect();
            fake.let_go();
        },
    );
    assert_eq!(left, [(Status::Error, "interrupted".to_string()), (Status::Success, String::new())]);
}

#[test]
fn a_query_of_which_nothing_can_be_told_is_not_sent_where_there_is_a_limit() {
    let table = "{{ config(materialized='table') }} select 1 as a";
    let limit = QueryLimit { max_bytes: 1024, origin: "budgets.yml:3:5".into() };
    let outcomes = run(&[("other", table)], Some(limit), |_, _, _| (), &mut |_, _| ());
    let message = "not sent: what the query would scan can't be told, the limit is 1.0 KB (budgets.yml:3:5): the server \
                   is too busy for that";
    assert_eq!(told(&outcomes), [(Status::Error, message)]);
}

//! Runs over an engine in memory that does as it is told: it panics, it never answers, it can't tell what a query would
//! read.

mod convergence;

use super::*;
use crate::engine::fake::Fake;
use crate::engine::{Keeping, Replaces};
use crate::fingerprint::{Components, Material};
use crate::plan::{Request, State, plan};
use crate::project::testing::empty;
use crate::world::MemoryWorld;
use std::sync::atomic::Ordering;

/// What a run of these models ends with: for each its status and message. `tell` gets the execution and each event.
fn run(
    models: &[(&str, &str)],
    limit: Option<QueryLimit>,
    tell: impl Fn(&Execution<'_>, &Graph, Event),
    leave: &mut dyn FnMut(&Fake, &[Outcome]),
) -> Vec<Outcome> {
    run_on(&Fake::new(Replaces::Statement, Keeping::Bracketed), models, limit, tell, leave)
}

fn run_on(
    fake: &Fake,
    models: &[(&str, &str)],
    limit: Option<QueryLimit>,
    tell: impl Fn(&Execution<'_>, &Graph, Event),
    leave: &mut dyn FnMut(&Fake, &[Outcome]),
) -> Vec<Outcome> {
    let mut project = models.iter().fold(empty(), |project, (name, text)| project.sql(name, text));
    let engine = fake.engine();
    engine.session().unwrap().prepare(&BTreeSet::new()).unwrap();
    project.profile.engine = engine.name().into();
    let dialect = crate::engine::Driver::dialect(fake);
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
        engine: &engine,
        observed: &Observed::default(),
        relations: &Relations::default(),
        found: &found,
        state: &State::default(),
        recorded_roots: &[],
        git_commit: None,
        git_dirty: None,
        started_at: Default::default(),
        began: Default::default(),
        hooks: &Hooks::default(),
        testing: &Default::default(),
        run_id: "20261122T101500Z-3fa9",
        cutoff: None,
        query_limit: limit,
        jobs: 2,
        records: true,
        asked: Asked { adopt: false, discards: false, keep_last: None, began: jiff::Timestamp::UNIX_EPOCH },
        keep_going: true,
        cancelled: Arc::default(),
        abandoned: Arc::default(),
        python: Default::default(),
    };
    execute(&execution, &mut |event| tell(&execution, &graph, event), &mut |executed| leave(fake, &executed.outcomes))
        .unwrap()
        .outcomes
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
fn statements_say_what_they_are_for_and_what_they_cost_is_passed_on() {
    let fake = Fake::new(Replaces::Statement, Keeping::Bracketed);
    let models = [("only", "{{ config(materialized='table') }} select 1 as a")];
    let outcomes = run_on(&fake, &models, None, |_, _, _| (), &mut |_, _| ());
    let makes: Vec<String> =
        fake.database().sent.iter().filter(|text| text.contains("select 1 as a")).cloned().collect();
    assert_eq!(makes.len(), 1, "{makes:?}");
    assert!(makes[0].starts_with("/* fft 20261122T101500Z-3fa9 only.ff */ create or replace table "), "{makes:?}");
    assert_eq!(outcomes[0].measures.others(), [("slot_ms".to_string(), 1200.into())].into());
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

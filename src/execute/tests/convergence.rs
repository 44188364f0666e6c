//! A process that dies at any call of a run, and the runs that come after it: they end with what the project says, and
//! nothing is skipped that holds something else.
//!
//! Each case is a project, an edit of it, how the engine replaces relations and keeps its ledger, the call at which the
//! process dies, and what the next checkout knows. What a relation is to hold is told without the engine: see
//! [`expected`].

use super::*;
use crate::digest::Digest;
use crate::engine::fake::{Death, Moment};
use crate::graph::Graph;
use crate::name::NodeName;
use crate::plan::{Action, Entry, Step};
use crate::project::Project;
use rayon::prelude::*;
use std::cell::RefCell;

/// The ways in which engines replace relations and keep their ledgers.
const ENGINES: [(Replaces, Keeping); 5] = [
    (Replaces::Transaction, Keeping::InTransaction),
    (Replaces::Statement, Keeping::OnRelation),
    (Replaces::Statement, Keeping::Bracketed),
    (Replaces::Swap, Keeping::OnRelation),
    (Replaces::Swap, Keeping::Bracketed),
];

/// A model: its name, its materialization and who may read it, what it says beside the models that it reads, and those.
type Model = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Projects before an edit and after it.
const EDITS: &[(&[Model], &[Model])] = &[
    // From nothing.
    (&[], &[("a", "table", "1", &[]), ("b", "view", "2", &["a"]), ("c", "table", "3", &["b"])]),
    // The text at the root.
    (
        &[("a", "table", "1", &[]), ("b", "view", "2", &["a"]), ("c", "table", "3", &["a", "b"])],
        &[("a", "table", "changed", &[]), ("b", "view", "2", &["a"]), ("c", "table", "3", &["a", "b"])],
    ),
    // Kinds change both ways.
    (
        &[("a", "table", "1", &[]), ("b", "view", "2", &["a"]), ("c", "table", "3", &["b"])],
        &[("a", "view", "1", &[]), ("b", "table", "2", &["a"]), ("c", "view", "3", &["b"])],
    ),
    // Two edits that meet, through a model that has no relation.
    (
        &[
            ("a", "table", "1", &[]),
            ("b", "table", "2", &[]),
            ("e", "ephemeral", "5", &["a"]),
            ("m", "table", "4", &["b", "e"]),
        ],
        &[
            ("a", "table", "one", &[]),
            ("b", "table", "two", &[]),
            ("e", "ephemeral", "5", &["a"]),
            ("m", "table", "4", &["b", "e"]),
        ],
    ),
    // What is upstream of an incremental model changes, and it is extended.
    (
        &[("a", "table", "1", &[]), ("i", "incremental", "2", &["a"]), ("c", "table", "3", &["i"])],
        &[("a", "table", "changed", &[]), ("i", "incremental", "2", &["a"]), ("c", "table", "3", &["i"])],
    ),
    // A table becomes an incremental model, and another one is one no longer.
    (
        &[("a", "table", "1", &[]), ("b", "incremental", "2", &["a"])],
        &[("a", "incremental", "1", &[]), ("b", "table", "2", &["a"])],
    ),
    // With a statement behind their own: what it makes is there once they count as built.
    (
        &[],
        &[
            ("hooked_a", "table", "1", &[]),
            ("hooked_b", "view", "2", &["hooked_a"]),
            ("c", "table", "3", &["hooked_b"]),
        ],
    ),
    // Who may read them, and the text of one of those.
    (
        &[("a", "table", "1", &[]), ("b", "view to old", "2", &["a"]), ("c", "table to old", "3", &["b"])],
        &[("a", "table to new", "1", &[]), ("b", "view to new", "2", &["a"]), ("c", "table", "changed", &["b"])],
    ),
    // A model joins in, another one leaves.
    (
        &[("a", "table", "1", &[]), ("b", "table", "2", &["a"])],
        &[("a", "table", "1", &[]), ("d", "view", "2", &["a"]), ("e", "table", "3", &["d"])],
    ),
    // A history goes on, and others may read it.
    (
        &[("a", "table", "1", &[]), ("s", "snapshot to old", "2", &["a"]), ("m", "table", "3", &["s"])],
        &[("a", "table", "one", &[]), ("s", "snapshot to new", "2", &["a"]), ("m", "table", "3", &["s"])],
    ),
    // Nothing but who may read it.
    (&[("s", "snapshot", "2", &[])], &[("s", "snapshot to new", "2", &[])]),
    // One begins, where there was a table.
    (
        &[("a", "table", "1", &[]), ("s", "table", "2", &["a"])],
        &[("a", "table", "1", &[]), ("s", "snapshot", "2", &["a"])],
    ),
];

/// How models with a hook are called.
const HOOKED: &str = "hooked";

/// The statement that makes a table beside a model.
fn made_by(name: &str) -> String {
    format!("create table if not exists made_by_{name} (x text)")
}

fn project(models: &[Model]) -> Project {
    let text = |(name, materialized, own, reads): &Model| {
        let from: Vec<String> = reads.iter().map(|name| format!("{{{{ ref('{name}.ff') }}}} as {name}")).collect();
        let from = if from.is_empty() { String::new() } else { format!(" from {}", from.join(" cross join ")) };
        let (materialized, role) = materialized.split_once(" to ").unwrap_or((materialized, ""));
        let grants = if role.is_empty() { String::new() } else { format!(", grants={{'select': ['{role}']}}") };
        let key = match materialized {
            "incremental" => ", unique_key='own', on_code_change='incremental'",
            "snapshot" => ", unique_key='own', strategy='check', check_cols='all'",
            _ => "",
        };
        let hook = if name.starts_with(HOOKED) { format!(", post_hook='{}'", made_by(name)) } else { String::new() };
        format!("{{{{ config(materialized='{materialized}'{key}{hook}{grants}) }}}}select '{own}' as own{from}")
    };
    let mut project = models.iter().fold(empty(), |project, model| project.sql(model.0, &text(model)));
    project.profile.engine = "fake".into();
    project
}

fn graph(project: &Project) -> Graph {
    let dialect: Arc<dyn crate::dialect::Dialect> = Arc::new(crate::engine::fake::FakeSql);
    let rendered = crate::render::render(project, dialect.clone()).unwrap();
    crate::graph::build(project, rendered, Vec::new(), &*dialect).unwrap()
}

/// What a checkout knows of earlier runs.
#[derive(Clone, Default)]
struct Checkout {
    state: State,
    runs: usize,
}

/// One process: looks at the database, plans and builds. Gives the actions of the plan by name and whether all that was to
/// be done was done.
struct Process<'a> {
    fake: &'a Fake,
    project: &'a Project,
    /// Names this machine's runs.
    machine: &'a str,
}

impl Process<'_> {
    fn run(&self, checkout: &mut Checkout, death: Option<Death>) -> Option<Vec<Action>> {
        let graph = graph(self.project);
        let engine = self.fake.engine();
        // What only looks leaves nothing: the process dies later.
        self.fake.database().begin_process(None);
        let mut session = engine.session().unwrap();
        let relations = session.relations().unwrap();
        let rows = session.ledger(&relations, false).unwrap();
        let found = found(&graph, &relations, &rows, &self.project.settings.name);
        if ledger::has_unknown(&graph, &found, &checkout.state) {
            let rows = session.ledger(&relations, true).unwrap();
            ledger::complete(&graph, &found, &rows, &self.project.settings.name, &mut checkout.state);
        }
        let components = Components::of(&graph, self.project, &Material::default());
        let request = Request { selected: (0..graph.nodes.len()).collect(), ..Request::default() };
        let plan = plan(&graph, &components, &checkout.state, &found, &request);
        checkout.runs += 1;
        let run_id = format!("20261122T1015{:02}Z-{}", checkout.runs, self.machine);
        self.fake.database().begin_process(death);
        session.prepare(&BTreeSet::new()).ok()?;
        let world: Arc<dyn World> = Arc::new(MemoryWorld::new());
        let execution = Execution {
            http: http::Client::new(world.clone(), http::Settings::new("/project".into()), Arc::default()),
            world,
            project: self.project,
            secrets: &Secrets::new([("q7Zp2vXw9K", "FF_TOKEN")]),
            graph: &graph,
            plan: &plan,
            engine: &engine,
            observed: &Observed::default(),
            relations: &relations,
            found: &found,
            state: &checkout.state,
            recorded_roots: &[],
            git_commit: None,
            git_dirty: None,
            started_at: Default::default(),
            began: Default::default(),
            hooks: &Hooks::default(),
            testing: &Default::default(),
            run_id: &run_id,
            cutoff: None,
            query_limit: None,
            jobs: 1,
            records: true,
            asked: Asked { adopt: false, discards: false, keep_last: None, began: jiff::Timestamp::UNIX_EPOCH },
            keep_going: false,
            cancelled: Arc::default(),
            abandoned: Arc::default(),
            python: Default::default(),
        };
        let learnt: RefCell<Vec<Entry>> = RefCell::default();
        let mut record = |event: Event| {
            let Event::Ended(outcome) = event else { return };
            // A dead process records nothing.
            let applied = matches!(outcome.step, Some(Step::Apply(_) | Step::Record(_)));
            if (outcome.status == Status::Success || applied) && !self.fake.database().is_dead() {
                let entry = execution.entry(outcome.node, &outcome.upstream_builds, true);
                learnt.borrow_mut().push(Entry { identity: outcome.identity, ..entry });
            }
        };
        let outcomes = execute(&execution, &mut record, &mut |_| unreachable!("nobody asks twice")).unwrap().outcomes;
        let all = outcomes.iter().all(|outcome| matches!(outcome.status, Status::Success | Status::Skipped));
        let told = outcomes.iter().map(|one| (&graph.nodes[one.node].name, one.status, &one.message, &one.details));
        assert!(all || death.is_some(), "{:#?}", told.collect::<Vec<_>>());
        checkout.state.entries.extend(learnt.into_inner().into_iter().map(|entry| (entry.node.clone(), entry)));
        let actions = plan.decisions.iter().map(|decision| decision.action).collect();
        all.then_some(actions)
    }
}

/// What each relation of a project is to hold: its query's words and, behind them, what each relation in it holds. A snapshot
/// holds what its query gave to each run in which it gave something else; `histories` are those until then.
fn expected(project: &Project, histories: &mut Histories) -> Vec<(RelationName, String)> {
    let graph = graph(project);
    let mut contents: std::collections::BTreeMap<String, String> = Default::default();
    let mut held = Vec::new();
    for (id, node) in graph.nodes.iter().enumerate().filter(|(id, _)| graph.has_relation(*id)) {
        let text = graph.compiled(id).text.shown().to_string();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let read: Vec<String> = crate::plan::relations_upstream(&graph, id)
            .iter()
            .map(|up| graph.nodes[*up].relation.name.clone())
            .collect();
        let mut read: Vec<String> = read.iter().map(|name| format!(" | {name} = {}", contents[name])).collect();
        read.sort();
        let told = format!("{words}{}", read.concat());
        let mut content = if read.is_empty() { told } else { Digest::of(told.as_bytes()).to_string() };
        if node.materialization.keeps_history() {
            let history = histories.entry(node.relation.name.clone()).or_default();
            if history.last() != Some(&content) {
                history.push(content);
            }
            content = history.join(" then ");
        }
        contents.insert(node.relation.name.clone(), content.clone());
        held.push((node.relation.clone(), content));
    }
    held
}

/// What the queries of snapshots gave, by relation.
type Histories = std::collections::BTreeMap<String, Vec<String>>;

/// `before`: the projects that were built there, one after the other.
fn holds_what_it_should(fake: &Fake, before: &[&Project], project: &Project, case: &str) {
    let database = fake.database();
    let mut histories = Histories::new();
    before.iter().for_each(|before| drop(expected(before, &mut histories)));
    for (relation, content) in expected(project, &mut histories) {
        assert_eq!(database.content(&relation).unwrap(), content, "{relation}: {case}");
        let made = RelationName::new(None, None, &format!("made_by_{}", relation.name));
        assert!(!relation.name.starts_with(HOOKED) || database.get(&made).is_some(), "{made}: {case}");
    }
    for node in graph(project).nodes.iter().filter(|node| node.materialization.has_relation()) {
        let given = node.settings.grants.get("select").cloned().unwrap_or_default();
        assert_eq!(database.get(&node.relation).unwrap().readers, given, "{}: {case}", node.name);
    }
}

#[test]
fn runs_after_a_death_at_any_call_end_with_what_the_project_says() {
    let all = (0..EDITS.len()).flat_map(|edit| ENGINES.map(|engine| (engine, edit)));
    let all: Vec<_> = all.filter(|(engine, edit)| can(*engine, EDITS[*edit])).collect();
    let cases: usize = all.into_par_iter().map(|(engine, edit)| die_at_every_call(engine, edit)).sum();
    assert!(cases > 2_000, "{cases}");
}

/// Whether an engine that replaces relations and keeps its ledger so has all that an edit needs.
fn can((replaces, keeping): (Replaces, Keeping), (before, after): (&[Model], &[Model])) -> bool {
    let any = |word: &str| before.iter().chain(after).any(|model| model.1.starts_with(word));
    // Histories are kept where there are transactions.
    if any("snapshot") && replaces != Replaces::Transaction {
        return false;
    }
    let extends = |model: &Model| model.1 == "incremental";
    let increments = crate::engine::Driver::traits(&Fake::new(replaces, keeping)).increments;
    increments.lacking().is_none() || !before.iter().chain(after).any(extends)
}

/// Every case of an edit on an engine; how many there are.
fn die_at_every_call((replaces, keeping): (Replaces, Keeping), edit: usize) -> usize {
    let (before, after) = (project(EDITS[edit].0), project(EDITS[edit].1));
    let built = Fake::new(replaces, keeping);
    let mut older = Checkout::default();
    let first = Process { fake: &built, project: &before, machine: "aaaa" };
    first.run(&mut older, None).expect("nothing is in its way");
    holds_what_it_should(&built, &[], &before, "before the edit");
    let mut cases = 0;
    for moment in [Moment::Before, Moment::After] {
        for call in 1.. {
            let fake = built.copy();
            let mut checkout = older.clone();
            let dying = Process { fake: &fake, project: &after, machine: "aaaa" };
            let died = dying.run(&mut checkout, Some(Death { call, moment })).is_none();
            for (next, knows) in [("same", checkout), ("fresh", Checkout::default()), ("older", older.clone())] {
                let case =
                    format!("{replaces:?} {keeping:?}, edit {edit}, dead {moment:?} call {call}, {next} checkout");
                converges(&fake.copy(), (&before, &after), knows, &case);
                cases += 1;
            }
            if !died {
                break;
            }
        }
    }
    cases
}

/// A run in a checkout that knows this ends with what the project says, and leaves nothing to do for whoever looks.
fn converges(fake: &Fake, (before, project): (&Project, &Project), mut checkout: Checkout, case: &str) {
    let again = Process { fake, project, machine: "bbbb" };
    assert!(again.run(&mut checkout, None).is_some(), "{case}");
    holds_what_it_should(fake, &[before], project, case);
    for mut checkout in [checkout, Checkout::default()] {
        let actions = again.run(&mut checkout, None).expect("nothing is in its way");
        assert!(actions.iter().all(|action| *action == Action::Skip), "{actions:?}: {case}");
    }
}

#[test]
fn what_somebody_else_put_there_is_never_skipped() {
    for (replaces, keeping) in ENGINES {
        let fake = Fake::new(replaces, keeping);
        let project = project(&[("a", "table", "1", &[]), ("b", "table", "2", &["a"])]);
        let process = Process { fake: &fake, project: &project, machine: "aaaa" };
        let mut checkout = Checkout::default();
        process.run(&mut checkout, None).unwrap();
        fake.database().put("b", crate::engine::fake::Stored::Table("somebody's".into()));
        process.run(&mut checkout, None).unwrap();
        holds_what_it_should(&fake, &[], &project, &format!("{replaces:?} {keeping:?}"));
        let name = NodeName::new("b.ff");
        assert!(checkout.state.entries[&name].run_id.contains("101502"), "it was built again");
    }
}

//! When an incremental model is extended and when it is built in full.

use super::town::{Town, said};
use crate::graph::{Incremental, Materialization, OnCodeChange, OnSchemaChange, Strategy};
use crate::plan::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn how(strategy: Strategy) -> Incremental {
    Incremental {
        strategy,
        unique_key: vec!["id".into()],
        updated_at: vec!["at".into()],
        on_schema_change: OnSchemaChange::Ignore,
        on_code_change: OnCodeChange::Full,
    }
}

/// A seed, a view over it, an incremental model over that, and a table over both ends.
fn town() -> Town {
    let mut town =
        Town::new(&[("seed", ""), ("stg.ff", "seed"), ("events.ff", "stg.ff"), ("mart.ff", "events.ff seed")]);
    town.node("stg.ff").materialization = Materialization::View;
    town.node("events.ff").materialization = Materialization::Incremental;
    town.node("events.ff").incremental = Some(how(Strategy::Merge));
    town
}

fn mode(plan: &Plan) -> (Action, Option<Mode>, Option<WhyFull>) {
    let decision = &plan.decisions[2];
    (decision.action, decision.mode, decision.why_full)
}

fn summary(plan: &Plan) -> String {
    crate::artifact::wire::summary(&plan.decisions[2])
}

const EXTENDED: (Action, Option<Mode>, Option<WhyFull>) = (Action::Build, Some(Mode::Incremental), None);

fn full(why: WhyFull) -> (Action, Option<Mode>, Option<WhyFull>) {
    (Action::Build, Some(Mode::Full), Some(why))
}

#[test]
fn new_data_extends_and_nothing_new_is_skipped() {
    let mut town = town();
    let first = town.run_all();
    assert_eq!((mode(&first), summary(&first).as_str()), (full(WhyFull::Reasons), "first build"));
    assert_eq!(mode(&town.plan(&town.all())), (Action::Skip, None, None));
    town.edit("seed");
    let plan = town.run_all();
    assert_eq!((mode(&plan), summary(&plan).as_str()), (EXTENDED, "extended: upstream changed: stg.ff"));
    assert_eq!(plan.step(2), Some(Step::Build { node: 2, how: How::Extend }));
    assert_eq!(mode(&town.plan(&town.all())), (Action::Skip, None, None));
    // What was loaded by a run of its own is data all the same.
    town.edit("seed");
    town.run(&town.only(&["seed"]));
    assert_eq!(mode(&town.plan(&town.all())), EXTENDED);
}

#[test]
fn code_of_its_own_and_upstream_builds_in_full() {
    let mut town = town();
    town.run_all();
    town.edit("events.ff");
    let plan = town.plan(&town.all());
    let told = "rebuilt in full: SQL changed: models/events.ff.sql";
    assert_eq!((mode(&plan), summary(&plan).as_str()), (full(WhyFull::Reasons), told));
    town.run_all();
    town.edit("stg.ff");
    let plan = town.plan(&town.all());
    let told = "rebuilt in full: upstream changed: stg.ff, in more than its data";
    assert_eq!((mode(&plan), summary(&plan).as_str()), (full(WhyFull::UpstreamCode), told));
    // Also where an earlier run has built what is upstream.
    town.run(&town.only(&["seed", "stg.ff"]));
    assert_eq!(mode(&town.plan(&town.all())), full(WhyFull::UpstreamCode));
    town.run_all();
    town.node("events.ff").incremental.as_mut().unwrap().on_code_change = OnCodeChange::Incremental;
    town.edit("stg.ff");
    town.edit("events.ff");
    let plan = town.plan(&town.all());
    assert_eq!(mode(&plan), EXTENDED);
    assert!(summary(&plan).starts_with("extended: SQL changed: models/events.ff.sql"), "{}", summary(&plan));
}

#[test]
fn a_comment_changes_no_row_and_builds_nothing_in_full() {
    let mut town = town();
    town.run_all();
    //: A change of comments and layout is none of code.
    for name in ["stg.ff", "events.ff"] {
        town.node(name).text.push_str("-- a remark\n");
    }
    assert_eq!(mode(&town.plan(&town.all())), EXTENDED);
    let skip = Request { cosmetic_skip: true, ..town.all() };
    assert_eq!(mode(&town.plan(&skip)).0, Action::Skip);
}

#[test]
fn what_was_being_extended_when_a_run_ended_is_extended_again() {
    let mut town = town();
    town.run_all();
    town.held.get_mut("events.ff").unwrap().meta.as_mut().unwrap().progress = Progress::Extending;
    let plan = town.plan(&town.all());
    assert_eq!((mode(&plan), summary(&plan).as_str()), (EXTENDED, "extended: build interrupted: demo.events"));
    town.edit("seed");
    assert_eq!(mode(&town.plan(&town.all())), EXTENDED);
    town.edit("events.ff");
    assert_eq!(mode(&town.plan(&town.all())), full(WhyFull::Reasons));
}

#[test]
fn what_is_asked_for_and_what_stands_can_ask_for_all_rows() {
    let mut town = town();
    town.run_all();
    town.edit("seed");
    let changed = town.all();
    let all = |request: Request| Request { selected: changed.selected.clone(), ..request };
    let forced = all(Request { forced: town.ids(&["events.ff"]), ..Request::default() });
    assert_eq!(mode(&town.plan(&forced)), full(WhyFull::Reasons));
    for cache in [CacheMode::Off, CacheMode::Wo] {
        assert_eq!(mode(&town.plan(&all(Request { mode: cache, ..Request::default() }))), full(WhyFull::Reasons));
    }
    assert_eq!(mode(&town.plan(&all(Request { mode: CacheMode::Ro, ..Request::default() }))), EXTENDED);
    let held = town.held["events.ff"].clone();
    for damage in [
        |found: &mut Found| *found = Found::default(),
        |found: &mut Found| found.meta = None,
        |found: &mut Found| found.meta.as_mut().unwrap().fingerprint = crate::digest::Digest([7; 32]),
        |found: &mut Found| found.meta.as_mut().unwrap().progress = Progress::Begun,
        |found: &mut Found| found.kind = Some(crate::dialect::RelationKind::View),
    ] {
        let mut found = held.clone();
        damage(&mut found);
        town.held.insert("events.ff".into(), found);
        assert_eq!(mode(&town.plan(&town.all())), full(WhyFull::Reasons));
    }
    town.held.insert("events.ff".into(), held);
    town.node("events.ff").incremental = Some(how(Strategy::FullRefresh));
    assert_eq!(mode(&town.plan(&town.all())), full(WhyFull::Strategy));
    // A record of an fft that knew no logic tells nothing of it.
    town.node("events.ff").incremental = Some(how(Strategy::Merge));
    town.entry("events.ff").logic = None;
    assert_eq!(mode(&town.plan(&town.all())), full(WhyFull::UpstreamCode));
}

#[test]
fn readers_of_what_was_extended_are_built_though_its_data_is_what_it_was() {
    let mut town = town();
    let before = town.node("seed").text.clone();
    town.run_all();
    town.edit("seed");
    town.run(&town.only(&["seed", "stg.ff", "events.ff"]));
    town.node("seed").text = before;
    let plan = town.plan(&town.all());
    assert_eq!(mode(&plan), EXTENDED);
    //: What reads an extended table is built whenever that was: under equal inputs its rows may be others, since they come
    //: of its past too.
    assert_eq!(plan.decisions[3].action, Action::Build, "{:?}", plan.decisions[3].causes());
    let told: Vec<String> = plan.decisions[3].causes().iter().map(said).collect();
    assert_eq!(told, ["upstream rebuilt: events.ff (in this run, extended, so that its rows come of its past too)"]);
}

/// What a run leaves of the code that made each relation's rows: one text a node for each way in which they came about.
#[derive(Default)]
struct Made(BTreeMap<String, BTreeSet<String>>);

impl Made {
    /// The code that rows of a node would come from now: its own, and all that its upstream relations hold.
    fn now(&self, town: &Town, id: usize) -> String {
        let spec = &town.specs[id];
        let own = if spec.upstream.is_empty() { "data" } else { spec.text.as_str() };
        let up = |name: &String| format!("{name}: {:?}", self.0.get(name));
        format!("{own} over {}", spec.upstream.iter().map(up).collect::<Vec<_>>().join(", "))
    }

    fn run(&mut self, town: &Town, plan: &Plan) {
        for decision in plan.decisions.iter().filter(|decision| decision.action == Action::Build) {
            let now = self.now(town, decision.node);
            let rows = self.0.entry(town.specs[decision.node].name.clone()).or_default();
            if decision.how != Some(How::Extend) {
                rows.clear();
            }
            rows.insert(now);
        }
    }
}

proptest! {
    /// Whatever is edited and whichever nodes are run: no table ever holds rows of two codes.
    #[test]
    fn no_table_is_extended_by_rows_of_other_code(
        edges in proptest::collection::vec(any::<u16>(), 3..8),
        incremental in any::<u16>(),
        turns in proptest::collection::vec((0..6u8, any::<u16>()), 1..14),
    ) {
        let name = |id: usize| if edges[id] & ((1 << id) - 1) == 0 { format!("s{id}") } else { format!("m{id}.ff") };
        let upstream = |id: usize| (0..id).filter(|up| edges[id] >> up & 1 == 1).map(name).collect::<Vec<_>>().join(" ");
        let nodes: Vec<(String, String)> = (0..edges.len()).map(|id| (name(id), upstream(id))).collect();
        let mut town = Town::new(&nodes.iter().map(|(name, up)| (name.as_str(), up.as_str())).collect::<Vec<_>>());
        let models = town.specs.iter_mut().enumerate().filter(|(_, spec)| !spec.upstream.is_empty());
        for (_, spec) in models.filter(|(id, _)| incremental >> id & 1 == 1) {
            spec.materialization = Materialization::Incremental;
            spec.incremental = Some(how(Strategy::Merge));
        }
        let mut made = Made::default();
        for (what, bits) in [(2, u16::MAX)].into_iter().chain(turns) {
            let meant: Vec<String> = (0..edges.len()).filter(|id| bits >> id & 1 == 1).map(name).collect();
            match what {
                0 => meant.iter().take(1).for_each(|name| town.edit(name)),
                1 => meant.iter().filter(|name| name.starts_with('s')).for_each(|name| town.edit(name)),
                2 | 3 => {
                    let plan = town.run_all();
                    made.run(&town, &plan);
                }
                4 => {
                    let selected = town.ids(&meant.iter().map(String::as_str).collect::<Vec<_>>());
                    let plan = town.run(&Request { selected, ..Request::default() });
                    made.run(&town, &plan);
                }
                _ => meant.iter().take(1).for_each(|name| drop(town.held.remove(name))),
            }
            for (name, codes) in &made.0 {
                prop_assert_eq!(codes.len(), 1, "{} holds rows of {:?}", name, codes);
            }
        }
    }
}

//! The histories of snapshots: held against a model that keeps versions in a list, and through processes that die.

use super::death::Dying;
use super::*;
use crate::engine::{History, Versions};
use crate::graph::{Checked, HardDeletes, Snapshot, SnapshotStrategy};
use jiff::{Span, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A row of the query: its key, what it says, and the day of the year 2001 on which it was updated.
type Given = (u64, &'static str, u64);

/// A moment: a day that a row tells, or a run by its number. Every run is later than every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Day(u64),
    Run(u64),
}

impl Moment {
    /// As the database has it.
    fn text(self) -> String {
        match self {
            Moment::Day(day) => format!("2001-01-{day:02} 00:00:00"),
            Moment::Run(run) => began(run).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }
}

/// When a run began.
fn began(run: u64) -> Timestamp {
    let first: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    first + Span::new().minutes(i64::try_from(run).unwrap())
}

/// A version as the model keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    key: u64,
    said: &'static str,
    updated: Moment,
    from: Moment,
    to: Option<Moment>,
    deleted: bool,
}

/// What a history is to be, by the words of the documentation alone.
#[derive(Default)]
struct Model(Vec<Version>);

impl Model {
    /// Takes note of what a query gave to a run; gives what became of versions.
    fn run(&mut self, run: u64, rows: &[Given], snapshot: &Snapshot) -> Versions {
        let mut told = Versions::default();
        let timed = matches!(snapshot.strategy, SnapshotStrategy::Timestamp(_));
        for (key, said, day) in rows {
            let current = self.0.iter().position(|one| one.key == *key && one.to.is_none());
            let updated = if timed { Moment::Day(*day) } else { Moment::Run(run) };
            let is_other = current.is_none_or(|at| {
                let before = &self.0[at];
                before.deleted || if timed { updated > before.updated } else { *said != before.said }
            });
            if !is_other {
                told.unchanged += 1;
                continue;
            }
            // No version begins before the one before it does, or before that ended.
            let before = current.map(|at| self.0[at].from);
            let floor = before.or_else(|| self.0.iter().filter(|one| one.key == *key).filter_map(|one| one.to).max());
            let from = if floor.is_none_or(|floor| updated > floor) { updated } else { Moment::Run(run) };
            if let Some(at) = current {
                self.0[at].to = Some(from);
                told.closed += 1;
            }
            self.0.push(Version { key: *key, said, updated, from, to: None, deleted: false });
            told.new += 1;
        }
        if snapshot.hard_deletes != HardDeletes::Ignore {
            for at in 0..self.0.len() {
                let one = self.0[at].clone();
                if one.to.is_some() || one.deleted || rows.iter().any(|(key, ..)| *key == one.key) {
                    continue;
                }
                self.0[at].to = Some(Moment::Run(run));
                told.closed += 1;
                if snapshot.hard_deletes == HardDeletes::NewRecord {
                    self.0.push(Version { from: Moment::Run(run), to: None, deleted: true, ..one });
                    told.new += 1;
                }
            }
        }
        told
    }

    /// Leaves the last versions of each key.
    fn prune(&mut self, keep: usize) -> u64 {
        let before = self.0.len();
        let all = self.0.clone();
        // The order in which they were added is that in which they hold.
        let newer = |at: usize| all[at + 1..].iter().filter(|one| one.key == all[at].key).count();
        let kept = (0..all.len()).filter(|at| newer(*at) < keep);
        self.0 = kept.map(|at| all[at].clone()).collect();
        (before - self.0.len()) as u64
    }

    /// Each version as a line, in an order of their own.
    fn lines(&self) -> Vec<Vec<String>> {
        let line = |one: &Version| {
            let to = one.to.map_or(String::new(), Moment::text);
            let current = one.to.is_none().to_string();
            vec![
                one.key.to_string(),
                one.said.into(),
                one.from.text(),
                to,
                current,
                one.updated.text(),
                one.deleted.to_string(),
            ]
        };
        let mut lines: Vec<_> = self.0.iter().map(line).collect();
        lines.sort();
        lines
    }
}

/// The same of the table.
fn lines(session: &mut Session, snapshot: &Snapshot) -> Vec<Vec<String>> {
    let deleted = if snapshot.hard_deletes == HardDeletes::NewRecord { "_ff_is_deleted" } else { "1 = 0" };
    let time = |column: &str| format!("coalesce(substr(cast({column} as varchar), 1, 19), '')");
    let flag = |value: &str| format!("case when {value} then 'true' else 'false' end");
    let columns = [
        "cast(id as varchar)".to_string(),
        "said".into(),
        time("_ff_valid_from"),
        time("_ff_valid_to"),
        flag("_ff_is_current"),
        time("_ff_updated_at"),
        flag(deleted),
    ];
    let named: Vec<String> = columns.iter().enumerate().map(|(at, column)| format!("{column} as c{at}")).collect();
    let mut found = texts(session, &format!("select {} from versions", named.join(", ")));
    found.sort();
    found
}

fn query(rows: &[Given]) -> String {
    let row = |(key, said, day): &Given| format!("({key}, '{}', '2001-01-{day:02}')", said.replace('\'', "''"));
    // A list of rows has one at least.
    let rows: Vec<String> = [(0, "nobody", 1)].iter().chain(rows).map(row).collect();
    format!(
        "select cast(id as bigint) as id, cast(said as varchar) as said, cast(day as timestamp) as at
         from (values {}) as given (id, said, day) where id > 0",
        rows.join(", ")
    )
}

fn keep(
    session: &mut Session,
    snapshot: &Snapshot,
    rows: &[Given],
    run: u64,
    keep_last: Option<usize>,
) -> Result<Built, EngineError> {
    let existing = session.relations().unwrap().kind(&named("versions"));
    keep_over(session, snapshot, rows, run, keep_last, existing)
}

/// The same over what is known to be there.
fn keep_over(
    session: &mut Session,
    snapshot: &Snapshot,
    rows: &[Given],
    run: u64,
    keep_last: Option<usize>,
    existing: Option<RelationKind>,
) -> Result<Built, EngineError> {
    let (name, query) = (named("versions"), query(rows));
    let (pending, confirm) = (&|_: &RelationName| false, &|_: super::super::ListFiles<'_>| Ok(()));
    session.build(&Build {
        relation: &name,
        kind: RelationKind::Table,
        content: Content::Query(&query),
        growth: None,
        layout: None,
        lasting: false,
        settings: None,
        history: Some(History { snapshot, moment: began(run), anew: false, keep_last }),
        discards: false,
        hooks: Default::default(),
        existing,
        row: Row { run_id: format!("run-{run}"), ..row(&name, &query) },
        pending,
        confirm,
    })
}

fn snapshots() -> Vec<Snapshot> {
    let strategies =
        [SnapshotStrategy::Timestamp("at".into()), SnapshotStrategy::Check(Checked::Named(vec!["said".into()]))];
    let hard_deletes = [HardDeletes::Ignore, HardDeletes::Close, HardDeletes::NewRecord];
    let one = |strategy: &SnapshotStrategy, hard_deletes| {
        let (key, strategy) = (vec!["id".to_string()], strategy.clone());
        Snapshot { key, strategy, hard_deletes }
    };
    strategies.iter().flat_map(|strategy| hard_deletes.map(|deletes| one(strategy, deletes))).collect()
}

/// Numbers that look like chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Random inserts, updates and deletes: the table's versions are those of the model after every run, and a second run over
/// the same rows changes nothing.
pub fn versions_are_those_of_a_simple_model(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let said = ["a", "b", "it's", ""];
    for (number, snapshot) in snapshots().iter().enumerate() {
        for seed in 0..4 {
            let mut chance = Chance(seed * 31 + number as u64);
            let (mut model, mut rows) = (Model::default(), Vec::<Given>::new());
            for step in 1..=10 {
                rows.retain(|_| chance.below(5) > 0);
                for row in &mut rows {
                    if chance.below(3) == 0 {
                        (row.1, row.2) = (said[chance.below(4) as usize], (row.2 + chance.below(3)).min(28));
                    }
                }
                for key in 1..=6 {
                    if rows.iter().all(|(known, ..)| *known != key) && chance.below(3) == 0 {
                        rows.push((key, said[chance.below(4) as usize], 1 + chance.below(20)));
                    }
                }
                let pruned = (chance.below(4) == 0).then(|| 1 + chance.below(3) as usize);
                for (run, again) in [(2 * step, false), (2 * step + 1, true)] {
                    let case = format!("{snapshot:?}, history {seed}, step {step}, again {again}: {rows:?}");
                    let pruned = pruned.filter(|_| !again);
                    let mut expected = model.run(run, &rows, snapshot);
                    expected.pruned = pruned.map_or(0, |keep| model.prune(keep));
                    let built = keep(&mut session, snapshot, &rows, run, pruned)
                        .unwrap_or_else(|error| panic!("{error:?}: {case}"));
                    assert_eq!(built.versions, Some(expected), "{case}");
                    assert_eq!(built.measures.rows(), Some(model.0.len() as u64), "{case}");
                    assert_eq!(lines(&mut session, snapshot), model.lines(), "{case}");
                    assert!(!again || (expected.new, expected.closed) == (0, 0), "{case}");
                }
            }
            subject.execute("drop table versions");
        }
    }
}

/// What stands after a process died at any call is what stood before or what was to be, with the row of the ledger that
/// belongs to it; the next run ends with what was to be.
pub fn versions_survive_a_death_at_any_call(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let snapshot = &snapshots()[5];
    let (before, after): (&[Given], &[Given]) =
        (&[(1, "a", 1), (2, "b", 1), (3, "c", 1)], &[(1, "z", 2), (2, "b", 1), (4, "d", 1)]);
    let mut model = Model::default();
    model.run(1, before, snapshot);
    let old = model.lines();
    model.run(2, after, snapshot);
    let new = model.lines();
    let mut deaths = 0;
    for at in 0.. {
        let mut ended = false;
        for behind in [false, true] {
            keep(&mut session, snapshot, before, 1, None).unwrap();
            let left = Arc::new(AtomicUsize::new(at));
            let inner = subject.engine().driver.connect().unwrap();
            let dying = Dying::new(inner, left.clone(), behind);
            let mut dying = Session::new(Box::new(dying), subject.engine().shared.clone());
            ended = keep_over(&mut dying, snapshot, after, 2, Some(9), Some(RelationKind::Table)).is_ok()
                && left.load(Ordering::SeqCst) > 0;
            drop(dying);
            let (stands, held) = (lines(&mut session, snapshot), session.held().unwrap());
            let expected = if stands == old { "run-1" } else { "run-2" };
            assert!(stands == old || stands == new, "call {at}, behind {behind}: {stands:#?}");
            let runs: Vec<&str> =
                held.iter().filter(|row| row.relation.name == "versions").map(|row| row.run_id.as_str()).collect();
            assert_eq!(runs, [expected], "call {at}, behind {behind}");
            keep(&mut session, snapshot, after, 2, None).unwrap();
            assert_eq!(lines(&mut session, snapshot), new, "call {at}, behind {behind}");
            subject.execute("drop table versions");
            deaths += usize::from(!ended);
        }
        if ended {
            break;
        }
    }
    assert!(deaths > 20, "{deaths}");
}

/// Columns are added, types stay those of the table, and a table that is no history isn't taken for one.
pub fn a_history_takes_new_columns_and_loses_none(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let snapshot = Snapshot {
        key: vec!["ID".into()],
        strategy: SnapshotStrategy::Check(Checked::All),
        hard_deletes: HardDeletes::Ignore,
    };
    let name = named("widening");
    let run = |session: &mut Session, query: &str, number: u64, history: bool| {
        let (pending, confirm) = (&|_: &RelationName| false, &|_: super::super::ListFiles<'_>| Ok(()));
        let existing = session.relations().unwrap().kind(&name);
        let history =
            history.then_some(History { snapshot: &snapshot, moment: began(number), anew: false, keep_last: None });
        session.build(&Build {
            relation: &name,
            kind: RelationKind::Table,
            content: Content::Query(query),
            growth: None,
            layout: None,
            lasting: false,
            settings: None,
            history,
            discards: false,
            hooks: Default::default(),
            existing,
            row: row(&name, query),
            pending,
            confirm,
        })
    };
    run(&mut session, "select 1 as id, 9 as other", 1, false).unwrap();
    // A table that fft makes anew each time holds nothing to keep.
    run(&mut session, "select 1 as id, cast(2.5 as decimal(9, 2)) as price", 2, true).unwrap();
    let again = run(&mut session, "select cast(1 as bigint) as id, cast(2.5 as decimal(12, 4)) as price", 3, true);
    assert_eq!(again.unwrap().versions, Some(Versions { unchanged: 1, ..Versions::default() }), "the same value");
    let wider = run(&mut session, "select 1 as id, 'x' as note", 4, true).unwrap();
    assert_eq!(wider.versions, Some(Versions { new: 1, closed: 1, ..Versions::default() }));
    let names: Vec<String> = columns(&mut session, "widening").into_iter().map(|(name, _)| name).collect();
    let own = ["_ff_valid_from", "_ff_valid_to", "_ff_is_current", "_ff_snapshot_hash", "_ff_updated_at"];
    assert_eq!(names, ["id", "price"].iter().chain(&own).chain(&["note"]).map(ToString::to_string).collect::<Vec<_>>());
    let error = run(&mut session, "select 1 as id", 5, false).unwrap_err();
    assert!(error.message.contains("holds the history of a snapshot"), "{}", error.message);
    let error = session.drop_relation(&named("widening")).unwrap_err();
    assert!(error.message.contains("isn't dropped"), "{}", error.message);
    assert_eq!(text(&mut session, "select cast(count(*) as varchar) as n from widening"), "2");
}

//! Tables that are extended.

use super::*;
use crate::engine::{Before, Growth};
use crate::graph::{Incremental, OnCodeChange, OnSchemaChange, Strategy};
use ::arrow::array::{Int64Array, RecordBatch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Builds that follow each other, each of a run of its own.
pub struct History(usize);

impl History {
    pub fn new(first: usize) -> History {
        History(first)
    }

    /// The run of the last build.
    pub fn run(&self) -> String {
        format!("run-{}", self.0)
    }

    fn row(&mut self, name: &str, content: &str) -> Row {
        self.0 += 1;
        let built_at = format!("2026-01-02T{:02}:{:02}:{:02}Z", self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        Row { run_id: self.run(), built_at, ..row(&named(name), content) }
    }

    /// Builds a table whole.
    pub fn build(&mut self, session: &mut Session, name: &str, query: &str) {
        let row = self.row(name, query);
        put(session, &named(name), RelationKind::Table, Content::Query(query), row).unwrap();
    }

    /// Extends it.
    pub fn extend(
        &mut self,
        session: &mut Session,
        name: &str,
        content: Content<'_>,
        how: &Incremental,
        filters: bool,
    ) -> Result<Built, EngineError> {
        let held = session.held().unwrap();
        self.extend_from(session, &held, name, content, how, filters)
    }

    /// The same where this is known to stand.
    pub fn extend_from(
        &mut self,
        session: &mut Session,
        held: &[Row],
        name: &str,
        content: Content<'_>,
        how: &Incremental,
        filters: bool,
    ) -> Result<Built, EngineError> {
        let row = self.row(name, &format!("{name} {}", self.0));
        let stands = held.iter().find(|row| row.relation.name == name).expect("it was built");
        let (fingerprint, built_at, run_id) = (stands.fingerprint, stands.built_at.clone(), stands.run_id.clone());
        let before = Before { fingerprint, built_at, run_id };
        let (pending, confirm) = (&|_: &RelationName| false, &|_: crate::engine::ListFiles<'_>| Ok(()));
        session.build(&Build {
            relation: &named(name),
            kind: RelationKind::Table,
            content,
            growth: Some(Growth { how, filters, before: &before }),
            lasting: true,
            layout: None,
            settings: None,
            history: None,
            discards: false,
            existing: Some(RelationKind::Table),
            hooks: Default::default(),
            row,
            pending,
            confirm,
        })
    }
}

pub fn how(strategy: Strategy, on_schema_change: OnSchemaChange) -> Incremental {
    Incremental {
        strategy,
        unique_key: if strategy == Strategy::Append { Vec::new() } else { vec!["id".into()] },
        updated_at: vec!["ts".into()],
        on_schema_change,
        on_code_change: OnCodeChange::Full,
    }
}

/// Numbers that only look random.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % bound
    }
}

/// Rows of `id, v, ts` as a query. Each value is one of the type that the first build had.
fn query(rows: &[[u64; 3]]) -> String {
    let one = |[id, v, ts]: &[u64; 3]| {
        format!("select cast({id} as bigint) as id, cast({v} as bigint) as v, cast({ts} as bigint) as ts")
    };
    rows.iter().map(one).collect::<Vec<_>>().join(" union all ")
}

/// The data of a source as it comes in.
struct Source {
    random: Random,
    now: u64,
    /// Rows that change, by key, and rows that only come.
    orders: BTreeMap<u64, [u64; 3]>,
    log: Vec<[u64; 3]>,
}

impl Source {
    fn turn(&mut self) {
        // Several rows may have the same time.
        self.now += self.random.below(2);
        for _ in 0..=self.random.below(3) {
            let (key, value) = (self.random.below(6), self.random.below(100));
            self.orders.insert(key, [key, value, self.now]);
            self.log.push([self.random.below(2), 1, self.now]);
        }
    }

    fn orders(&self) -> String {
        query(&self.orders.values().copied().collect::<Vec<_>>())
    }
}

pub fn after_any_history_a_table_holds_what_a_full_build_gives(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let (seeds, turns) = if subject.expects().quick { (0..6, 6) } else { (0..1, 4) };
    let (mut history, ignore) = (History::new(0), OnSchemaChange::Ignore);
    for seed in seeds {
        let mut source = Source { random: Random(seed), now: 0, orders: BTreeMap::new(), log: Vec::new() };
        source.turn();
        for name in ["merged", "whole", "replaced"] {
            history.build(&mut session, name, &source.orders());
        }
        history.build(&mut session, "added", &query(&source.log));
        for turn in 0..turns {
            source.turn();
            let (orders, log) = (source.orders(), query(&source.log));
            let since = format!("select * from ({orders}) as o where ts >= (select max(ts) from replaced)");
            for (name, given, all, strategy, filters) in [
                ("merged", &orders, &orders, Strategy::Merge, true),
                ("whole", &orders, &orders, Strategy::Merge, false),
                ("replaced", &since, &orders, Strategy::DeleteInsert, false),
                ("added", &log, &log, Strategy::Append, true),
            ] {
                let how = how(strategy, ignore);
                let built = history.extend(&mut session, name, Content::Query(given), &how, filters).unwrap();
                let of = |from: &str| format!("select id, v, ts from {from} as t order by id, v, ts");
                let full = texts(&mut session, &of(&format!("({all})")));
                assert_eq!(texts(&mut session, &of(name)), full, "{name}, history {seed}, turn {turn}");
                assert_eq!(built.measures.rows(), Some(full.len() as u64), "{name}, history {seed}, turn {turn}");
            }
        }
    }
}

pub fn what_an_extension_did_is_told(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut history = History::new(0);
    history.build(&mut session, "t", &query(&[[1, 1, 5], [2, 2, 6]]));
    let merge = how(Strategy::Merge, OnSchemaChange::Ignore);
    let new = query(&[[1, 9, 5], [2, 3, 6], [3, 3, 7]]);
    let increment = history.extend(&mut session, "t", Content::Query(&new), &merge, true).unwrap().increment.unwrap();
    assert_eq!((increment.rows_new, increment.rows_updated), (1, 1), "the oldest isn't read");
    assert_eq!(increment.since[0].value.as_deref(), Some("6"));
    let append = how(Strategy::Append, OnSchemaChange::Ignore);
    let increment = history.extend(&mut session, "t", Content::Query(&new), &append, true).unwrap().increment.unwrap();
    assert_eq!((increment.rows_new, increment.rows_updated), (0, 0), "all of it stands");
    let replaced = how(Strategy::DeleteInsert, OnSchemaChange::Ignore);
    let rows = query(&[[3, 1, 8], [3, 2, 8], [4, 4, 8]]);
    let built = history.extend(&mut session, "t", Content::Query(&rows), &replaced, false).unwrap();
    let increment = built.increment.unwrap();
    assert_eq!((increment.rows_new, increment.rows_updated, built.measures.rows()), (1, 2, Some(5)));
    let held = session.held().unwrap();
    assert_eq!((held.len(), &held[0].run_id, held[0].state), (1, &history.run(), State::Built));
    // What was made for it is gone.
    let left = session.relations().unwrap().found.into_keys().filter(|name| name.name.starts_with("_ff_delta"));
    assert_eq!(left.collect::<Vec<_>>(), []);
}

pub fn keys_that_are_none_are_named_before_anything_changes(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut history = History::new(0);
    history.build(&mut session, "t", &query(&[[1, 1, 5], [2, 2, 6]]));
    let (before, held) = (texts(&mut session, "select * from t order by id"), session.held().unwrap());
    let key = vec!["id".to_string(), "ts".into()];
    let merge = Incremental { unique_key: key, ..how(Strategy::Merge, OnSchemaChange::Ignore) };
    let null = query(&[[1, 1, 5]]).replace("cast(5 as bigint)", "cast(null as bigint)");
    for (new, words) in [
        (query(&[[2, 3, 6], [1, 7, 5], [2, 4, 6]]), "new rows hold a key twice, of `id, ts`: 2, 6"),
        (null, "new rows have no key, `id, ts` being null: this many: 1"),
    ] {
        let error = history.extend(&mut session, "t", Content::Query(&new), &merge, false).unwrap_err();
        assert!(error.message.starts_with(words), "{error}");
        assert_eq!(texts(&mut session, "select * from t order by id"), before);
        assert_eq!(session.held().unwrap(), held);
    }
    let left = session.relations().unwrap().found.into_keys().filter(|name| name.name.starts_with("_ff_delta"));
    assert_eq!(left.collect::<Vec<_>>(), []);
}

pub fn other_columns_are_brought_over_as_is_asked_for(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut history = History::new(0);
    let text = dialect(subject).text_type();
    let new = format!(
        "select cast(1 as bigint) as id, cast(7 as bigint) as n, cast('x' as {text}) as v union all select 2, 8, 'y'"
    );
    let refused = "has other columns than the model gives now: `n` new; `gone` gone; `v` of another type";
    for (on_change, expected) in [
        (OnSchemaChange::Ignore, Err("has `gone`, which the model no longer gives")),
        (OnSchemaChange::Fail, Err(refused)),
        (OnSchemaChange::SyncAllColumns, Ok("id,n,v: 1,7,x 2,8,y 3,,6")),
    ] {
        let stands = "select cast(1 as bigint) as id, cast(5 as bigint) as gone, cast(5 as bigint) as v union all select 3, 6, 6";
        history.build(&mut session, "t", stands);
        for strategy in [Strategy::Merge, Strategy::DeleteInsert] {
            let extended = history.extend(&mut session, "t", Content::Query(&new), &how(strategy, on_change), false);
            match (extended, expected) {
                (Err(error), Err(words)) => assert!(error.message.contains(words), "{error}"),
                (extended, expected) => {
                    drop(extended.unwrap());
                    assert_eq!(told(&mut session), expected.unwrap(), "{strategy:?}");
                }
            }
        }
    }
    // What is missing stays in rows that stand, and is null in new ones.
    for (strategy, expected) in [
        (Strategy::Merge, "gone,id,n,v: 5,1,7,9 ,2,8,9 6,3,,6"),
        (Strategy::DeleteInsert, "gone,id,n,v: ,1,7,9 ,2,8,9 6,3,,6"),
    ] {
        let stands = "select cast(1 as bigint) as id, cast(5 as bigint) as gone, cast(5 as bigint) as v union all select 3, 6, 6";
        history.build(&mut session, "t", stands);
        let new = format!(
            "select cast(1 as bigint) as id, cast(7 as bigint) as n, cast('9' as {text}) as v union all select 2, 8, '9'"
        );
        let how = how(strategy, OnSchemaChange::AppendNewColumns);
        let increment =
            history.extend(&mut session, "t", Content::Query(&new), &how, false).unwrap().increment.unwrap();
        assert_eq!(told(&mut session), expected, "{strategy:?}");
        assert_eq!(increment.columns_added.len(), 1, "{increment:?}");
    }
}

/// The columns of `t` by their names, and its rows by their keys.
fn told(session: &mut Session) -> String {
    let mut names: Vec<String> = columns(session, "t").into_iter().map(|(name, _)| name).collect();
    names.sort();
    let rows = texts(session, &format!("select {} from t order by id", names.join(", ")));
    let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    format!("{}: {}", names.join(","), rows.join(" "))
}

pub fn rows_that_no_query_gives_are_brought_in(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let mut history = History::new(0);
    let rows = |rows: &[[i64; 2]]| {
        let column = |at: usize| Arc::new(rows.iter().map(|row| row[at]).collect::<Int64Array>()) as _;
        RecordBatch::try_from_iter([("id", column(0)), ("ts", column(1))]).unwrap()
    };
    history.build(&mut session, "t", "select cast(1 as bigint) as id, cast(5 as bigint) as ts");
    for (given, filters, strategy, expected) in [
        (rows(&[[1, 4], [2, 6]]), true, Strategy::Merge, [["1", "5"], ["2", "6"]].as_slice()),
        (rows(&[[1, 4]]), false, Strategy::Merge, &[["1", "4"], ["2", "6"]]),
        (rows(&[[3, 6], [2, 6], [9, 1]]), true, Strategy::Append, &[["1", "4"], ["2", "6"], ["3", "6"]]),
        (rows(&[]), true, Strategy::DeleteInsert, &[["1", "4"], ["2", "6"], ["3", "6"]]),
    ] {
        let content = Content::Arrow { schema: given.schema(), batches: std::slice::from_ref(&given) };
        let how = how(strategy, OnSchemaChange::Ignore);
        drop(history.extend(&mut session, "t", content, &how, filters).unwrap());
        assert_eq!(texts(&mut session, "select id, ts from t order by id"), expected, "{strategy:?}");
    }
}

//! Processes that die in the middle of a build; here on an engine whose relations say themselves what they hold.

use super::*;
use crate::dialect::Statement;
use crate::engine::{
    CatalogRelation, Connection, ErrorKind, Estimate, Interrupt, JustBuilt, Load, Measures, Observe, Relations,
    Replaces, Standing, TakeBatch,
};
use crate::graph::{OnSchemaChange, Strategy};
use crate::plan::{Column, Identity};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A connection of a process that dies at a call: before what it does, or behind it, so that nobody hears of it.
pub struct Dying {
    inner: Box<dyn Observe>,
    /// Calls to come before that.
    left: Arc<AtomicUsize>,
    behind: bool,
    /// Only those count that change something.
    by_changes: bool,
    dead: bool,
}

impl Dying {
    pub fn new(inner: Box<dyn Observe>, left: Arc<AtomicUsize>, behind: bool) -> Dying {
        Dying { inner, left, behind, by_changes: false, dead: false }
    }

    fn call<T>(&mut self, call: impl FnOnce(&mut dyn Observe) -> Result<T, EngineError>) -> Result<T, EngineError> {
        let dead = || Err(EngineError::new(ErrorKind::Connection, "the process is dead"));
        if self.dead {
            return dead();
        }
        let last = self.left.load(Ordering::SeqCst) == 0;
        self.dead = last;
        if last && !self.behind {
            return dead();
        }
        let result = call(&mut *self.inner);
        if last {
            return dead();
        }
        self.left.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

impl Dying {
    /// A call that changes nothing.
    fn look<T>(&mut self, call: impl FnOnce(&mut dyn Observe) -> Result<T, EngineError>) -> Result<T, EngineError> {
        if self.by_changes && !self.dead { call(&mut *self.inner) } else { self.call(call) }
    }
}

impl Connection for Dying {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.call(|inner| inner.run(statement))
    }

    fn rows(&mut self, query: &Statement, exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.look(|inner| inner.rows(query, exactly, take))
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.call(|inner| inner.load(load))
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        self.look(|inner| inner.dry_run(content))
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.call(|inner| inner.begin())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        self.call(|inner| inner.commit())
    }

    fn rollback(&mut self) {
        // Of a dead process the engine does it, once the connection is gone.
        if !self.dead {
            self.inner.rollback();
        }
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        self.inner.interrupt()
    }
}

impl Observe for Dying {
    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        self.call(|inner| inner.make_schemas(schemas))
    }

    fn relations(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        self.look(|inner| inner.relations(schemas))
    }

    fn stands(&mut self, relation: &RelationName) -> Result<Option<RelationKind>, EngineError> {
        self.call(|inner| inner.stands(relation))
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        self.look(|inner| inner.standing(relation))
    }

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        self.look(|inner| inner.columns(relation))
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        self.call(|inner| inner.identify(built))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        self.look(|inner| inner.catalog(schemas))
    }
}

/// What a run found and its build did, over a table `t` of one column `a`: what it holds, and what is said of it.
fn build(session: &mut Session, kind: RelationKind, number: usize, run: &str) -> Result<Built, EngineError> {
    let query = format!("select {number} as a");
    let row = Row { run_id: run.into(), ..row(&named("t"), &query) };
    put_over(session, &named("t"), kind, Content::Query(&query), row, None)
}

/// What stands under the name is what is said of it, or nothing is said.
fn is_told_apart(session: &mut Session) {
    let relations = session.relations().unwrap();
    let said: Vec<Digest> = session.held().unwrap().into_iter().map(|row| row.fingerprint).collect();
    let stands = relations.kind(&named("t")).map(|_| text(session, "select a from t"));
    let expected = stands.map(|value| Digest::of(format!("select {value} as a").as_bytes()));
    assert_eq!(said, expected.into_iter().collect::<Vec<_>>());
}

pub fn a_process_may_die_at_any_call(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    session.claim("shop").unwrap();
    let kinds = [RelationKind::Table, RelationKind::View];
    for (number, (before, after)) in kinds.iter().flat_map(|before| kinds.map(|after| (*before, after))).enumerate() {
        for at in 0.. {
            let mut ended = false;
            for behind in [false, true] {
                let run = |what: &str| format!("run-{number}-{at}-{behind}-{what}");
                build(&mut session, before, 1, &run("before")).unwrap();
                let left = Arc::new(AtomicUsize::new(at));
                let inner = subject.engine().driver.connect().unwrap();
                let dying = Dying::new(inner, left.clone(), behind);
                let mut dying = Session::new(Box::new(dying), subject.engine().shared.clone());
                ended = build(&mut dying, after, 2, &run("dying")).is_ok() && left.load(Ordering::SeqCst) > 0;
                is_told_apart(&mut session);
            }
            if ended {
                break;
            }
        }
    }
    // The next run drops what was left.
    session.relations().unwrap();
    session.prepare(&BTreeSet::new()).unwrap();
    let left = session.relations().unwrap().found.into_keys().filter(|name| name.name.starts_with("_ff_new"));
    assert_eq!(left.collect::<Vec<_>>(), []);
}

/// What stands behind any change of a dying extension is the table as it was with what was said of it, the table extended
/// with what is then said, or one of both and the word that nobody knows which. The next run extends it, and no row is
/// there twice. Where there are transactions, the engine itself sees to that.
pub fn an_extension_may_die_at_any_change(subject: &dyn Subject) {
    if subject.engine().traits().replaces == Replaces::Transaction {
        return;
    }
    let mut session = session(subject.engine());
    session.claim("shop").unwrap();
    let all = |session: &mut Session| texts(session, "select id, v from t order by id, v");
    for at in 0.. {
        let mut history = increment::History::new(100 * at);
        history.build(&mut session, "t", "select 1 as id, 1 as v union all select 2, 2");
        let (before, held) = (all(&mut session), session.held().unwrap());
        let left = Arc::new(AtomicUsize::new(at));
        let inner = subject.engine().driver.connect().unwrap();
        let dying = Dying { inner, left: left.clone(), behind: true, by_changes: true, dead: false };
        let mut dying = Session::new(Box::new(dying), subject.engine().shared.clone());
        let query = "select 2 as id, 3 as v union all select 3, 3";
        let how = increment::how(Strategy::DeleteInsert, OnSchemaChange::Ignore);
        let ended = history.extend_from(&mut dying, &held, "t", Content::Query(query), &how, false).is_ok();
        let (stands, said) = (all(&mut session), session.held().unwrap());
        let after = [["1", "1"], ["2", "3"], ["3", "3"]].map(|row| row.map(String::from).to_vec()).to_vec();
        assert_eq!(said.len(), 1, "{at}: {said:?}");
        match said[0].state {
            State::Built if said[0].run_id == held[0].run_id => assert_eq!(stands, before, "{at}"),
            State::Built => assert_eq!((&stands, &said[0].run_id), (&after, &history.run()), "{at}"),
            State::Extending => {
                assert!(stands == before || stands == after, "{at}: {stands:?}");
                assert_eq!((&said[0].run_id, said[0].fingerprint), (&held[0].run_id, held[0].fingerprint), "{at}");
            }
            State::Building => panic!("{at}: {said:?}"),
        }
        history.extend(&mut session, "t", Content::Query(query), &how, false).unwrap();
        assert_eq!(all(&mut session), after, "{at}");
        assert_eq!(session.held().unwrap()[0].state, State::Built, "{at}");
        if ended && left.load(Ordering::SeqCst) > 0 {
            break;
        }
    }
    session.relations().unwrap();
    session.prepare(&BTreeSet::new()).unwrap();
    let left = session.relations().unwrap().found.into_keys().filter(|name| name.name.starts_with("_ff_delta"));
    assert_eq!(left.collect::<Vec<_>>(), []);
}

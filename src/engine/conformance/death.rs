//! Processes that die in the middle of a build, on an engine whose relations say themselves what they hold.

use super::*;
use crate::dialect::Statement;
use crate::engine::{
    CatalogRelation, Connection, ErrorKind, Estimate, Interrupt, JustBuilt, Load, Measures, Observe, Relations,
    Standing, TakeBatch,
};
use crate::plan::Identity;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A connection of a process that dies at a call: before what it does, or behind it, so that nobody hears of it.
struct Dying {
    inner: Box<dyn Observe>,
    /// Calls to come before that.
    left: Arc<AtomicUsize>,
    behind: bool,
    dead: bool,
}

impl Dying {
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

impl Connection for Dying {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.call(|inner| inner.run(statement))
    }

    fn rows(&mut self, query: &Statement, exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.call(|inner| inner.rows(query, exactly, take))
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.call(|inner| inner.load(load))
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        self.call(|inner| inner.dry_run(content))
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
        self.call(|inner| inner.relations(schemas))
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        self.call(|inner| inner.standing(relation))
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        self.call(|inner| inner.identify(built))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        self.call(|inner| inner.catalog(schemas))
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
                let dying = Dying { inner, left: left.clone(), behind, dead: false };
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

//! An engine in memory, with the traits and the failures that a test orders: how it replaces relations, how it keeps its
//! ledger, at which call the process dies that uses it.
//!
//! It reads the statements that fft itself writes. What a query gives is no rows but a text that tells them: its own words
//! with what each relation in it gave, so that equal texts are equal rows.

mod connection;
mod database;
mod statement;

pub use database::{Database, Death, Moment, Stored};

use super::{Bound, Claims, Degree, Driver, Engine, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{Dialect, Settable};
use connection::FakeConnection;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A database that all who have a clone of this share, as several checkouts do.
#[derive(Clone)]
pub struct Fake {
    traits: Traits,
    pub(super) database: Arc<Mutex<Database>>,
    /// Wakes statements that never end.
    let_go: Arc<(Mutex<bool>, Condvar)>,
}

impl Fake {
    pub fn new(replaces: Replaces, keeping: Keeping) -> Fake {
        let traits = Traits {
            replaces,
            keeping,
            views: Bound::ByName,
            exclusive: false,
            by_schema: false,
            deletes_rows: true,
            measures_reads: true,
            estimates: Degree::Can,
            row_digest: Degree::Cannot("holds no rows"),
            data_versions: Degree::Cannot("holds no rows"),
            increments: match (replaces, keeping) {
                (Replaces::Transaction, _) | (Replaces::Statement, Keeping::OnRelation) => Degree::Can,
                _ => Degree::Cannot("isn't extended"),
            },
            shows_statements: true,
            claims: Claims::First,
            jobs: Jobs::OF_THIS_MACHINE,
        };
        Fake { traits, database: Arc::new(Mutex::new(Database::new(replaces))), let_go: Arc::default() }
    }

    /// The database as another process opens it.
    pub fn engine(&self) -> Engine {
        Engine::new(Box::new(self.clone()), Arc::new(|| Duration::ZERO))
    }

    /// Another database that holds the same.
    pub fn copy(&self) -> Fake {
        Fake { database: Arc::new(Mutex::new(self.database().clone())), ..self.clone() }
    }

    pub fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets statements end that wait.
    pub fn let_go(&self) {
        *self.let_go.0.lock().unwrap() = true;
        self.let_go.1.notify_all();
    }

    fn wait(&self) {
        drop(self.let_go.1.wait_while(self.let_go.0.lock().unwrap(), |gone| !*gone));
    }
}

impl Driver for Fake {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(FakeSql)
    }

    fn target(&self) -> String {
        "fake".into()
    }

    fn traits(&self) -> Traits {
        self.traits
    }

    fn home(&self) -> Home {
        database::home()
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        self.database().alive()?;
        Ok(Box::new(FakeConnection::new(self.clone())))
    }
}

/// SQL as the standard has it.
pub struct FakeSql;

impl Dialect for FakeSql {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn default_schema(&self) -> &'static str {
        "main"
    }

    fn reserved(&self) -> &'static [&'static str] {
        &["select", "table"]
    }

    fn settable(&self) -> Settable {
        Settable { grants: Ok(&["select"]), ..Settable::NOTHING }
    }

    fn keeps_history(&self) -> bool {
        true
    }

    fn safe_cast(&self, expr: &str, _sql_type: &str, _default: Option<&str>) -> String {
        expr.into()
    }
}

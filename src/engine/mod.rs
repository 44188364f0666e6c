//! Databases, each behind the same few rooms.
//!
//! | room | what it holds |
//! |---|---|
//! | [`crate::dialect`] | an engine's SQL as pure text |
//! | `connection` | [`Connection`], what a driver does, and [`Observe`], what an engine tells of its database |
//! | `traits` | [`Traits`]: what an engine can do, as data |
//! | `recipe` | pure functions from a step and what stands to actions, and who carries them out |
//! | `ledger` | `_ff_meta`: what each relation holds, in one implementation for all engines |
//! | `session` | [`Session`]: what a run does over one connection |
//! | `seed` | seed files as every engine loads them |
//! | `claim` | one run at a time, on engines without locks that end with a connection |
//! | `rest` | what engines share that are spoken with by HTTP |
//! | `spark_sql` | what engines share that are Spark: its plans, errors, types and the queries that only it understands |
//! | `list` | the engines of this build |
//!
//! An engine is a folder here and a file in `dialect/`, and a line of the list; nothing else names one.

mod access;
mod beside;
mod bigquery;
mod claim;
mod connection;
mod content;
mod databricks;
mod error;
mod exact;
mod ledger;
mod list;
mod measure;
mod recipe;
mod relation;
mod rest;
mod row;
mod said;
mod section;
mod seed;
mod session;
mod snowflake;
#[cfg(feature = "spark")]
mod spark;
mod spark_sql;
mod traits;

#[cfg(test)]
mod conformance;
#[cfg(feature = "duckdb")]
mod duckdb;
#[cfg(test)]
pub(crate) mod fake;
mod postgres;

pub use access::Access;
#[cfg(test)]
pub use claim::ended_process;
pub use claim::{is_gone, this_process};
pub use connection::{Claim, Connection, Interrupt, Lent, Load, Observe, Reader, Standing, TakeBatch, all_came};
pub use content::{
    Build, BuildHooks, Built, Confirm, Content, Growth, History, JustBuilt, ListFiles, SeedContent, Versions,
};
pub use error::{Condition, EngineError, ErrorKind};
pub use list::{Kind, engines, features, find, versions};
pub use measure::Measures;
pub use relation::{
    Before, CatalogRelation, DataVersion, Estimate, Home, Mark, RelationKind, Relations, Scan, SchemaName,
};
pub use row::{Row, State};
pub use said::Said;
pub use seed::header;
pub use session::{Aside, Session};
pub use traits::{Bound, Claims, Degree, Jobs, Keeping, Replaces, Traits};

use crate::dialect::Dialect;
use crate::world::Stopwatch;
use ledger::Ledger;
use recipe::Recipe;
use relation::{ROWS_WATCHED, VALUES_WATCHED};
use session::Shared;
use std::sync::Arc;

/// A database as one profile names it, as its driver has opened it.
pub trait Driver: Send + Sync {
    fn dialect(&self) -> Arc<dyn Dialect>;

    /// Which database this is, without secrets and independent of the checkout's path: what a cache entry belongs to.
    fn target(&self) -> String;

    fn traits(&self) -> Traits;

    /// Where names are looked for that don't say it.
    fn home(&self) -> Home;

    /// How relations are replaced, where the traits don't say enough.
    fn recipe(&self) -> Arc<dyn Recipe> {
        recipe::by_traits(&self.traits())
    }

    /// What is to be told of the settings before anything is built.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Opens a connection of its own for one thread.
    fn connect(&self) -> Result<Box<dyn Observe>, EngineError>;
}

/// An open database: opens sessions, each for the work of one thread.
pub struct Engine {
    driver: Box<dyn Driver>,
    shared: Shared,
}

impl Engine {
    pub(crate) fn new(driver: Box<dyn Driver>, stopwatch: Stopwatch) -> Engine {
        let (dialect, traits) = (driver.dialect(), driver.traits());
        let name = dialect.name();
        let ledger = Ledger::new(dialect, driver.home(), &traits);
        let recipe = driver.recipe();
        let notes = driver.notes().into();
        Engine { driver, shared: Shared { name, traits, ledger, recipe, stopwatch, notes } }
    }

    /// `duckdb`, `postgres` …
    pub fn name(&self) -> &'static str {
        self.shared.name
    }

    /// Which database this is, without secrets and independent of the checkout's path: what a cache entry belongs to.
    pub fn target(&self) -> String {
        self.driver.target()
    }

    pub fn dialect(&self) -> &dyn Dialect {
        self.shared.ledger.dialect()
    }

    /// The same, to be shared.
    pub fn shared_dialect(&self) -> Arc<dyn Dialect> {
        self.driver.dialect()
    }

    pub fn traits(&self) -> &Traits {
        &self.shared.traits
    }

    /// Opens a session of its own for one thread.
    pub fn session(&self) -> Result<Session, EngineError> {
        Ok(Session::new(self.driver.connect()?, self.shared.clone()))
    }
}

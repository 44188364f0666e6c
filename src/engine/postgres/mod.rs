//! Postgres: a connection of its own for each session, to the server that the profile's `dsn` names.
//!
//! A relation is replaced so that nobody who reads it at the same time sees it missing, half-filled or mixed: see
//! [`build`]. Every session counts time in UTC, so that results don't depend on the server's zone, and looks for names
//! without a schema in the profile's schema, then in `public`, where extensions have their functions.

mod build;
mod claim;
mod copy;
mod dependent;
mod digest;
mod dsn;
mod error;
mod estimate;
mod interrupt;
mod meta;
mod seed;
mod session;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod tls;

use super::{Access, Capabilities, Engine, EngineError, Session};
use crate::dialect::{Dialect, Postgres};
use crate::project::Project;
use crate::world::World;
use ::postgres::Client;
use dependent::Left;
use session::{Names, PostgresSession, Shared};
use settings::Settings;
use std::sync::{Arc, Mutex};

/// The database of one profile.
struct PostgresEngine {
    settings: Arc<Settings>,
    /// The connection that the server was tried with: the first session takes it.
    first: Mutex<Option<Client>>,
    shared: Shared,
}

/// Connects to the database that the profile names.
pub(super) fn open(world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Engine>, EngineError> {
    let settings = Settings::read(world, project)?;
    let mut client = connect(&settings)?;
    let database = client.query_typed("select current_database()::text", &[])?[0].get(0);
    let names = Arc::new(Names { database, schema: settings.schema.clone() });
    Ok(Box::new(PostgresEngine {
        settings: Arc::new(settings),
        first: Mutex::new(Some(client)),
        shared: Shared { names, left: Left::default(), stopwatch: world.stopwatch() },
    }))
}

impl Engine for PostgresEngine {
    fn name(&self) -> &'static str {
        Postgres.name()
    }

    // Developers of one database have schemas of their own, each with its `_ff_meta`.
    fn target(&self) -> String {
        format!("postgres:{}/{}", self.settings.shown, self.settings.schema)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { bound_views: true, estimates: true, row_digest: true }
    }

    fn session(&self) -> Result<Box<dyn Session>, EngineError> {
        let first = self.first.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let client = match first {
            Some(client) => client,
            None => connect(&self.settings)?,
        };
        Ok(Box::new(PostgresSession::new(client, self.settings.tls.clone(), self.shared.clone())))
    }
}

fn connect(settings: &Settings) -> Result<Client, EngineError> {
    let connected = settings.config.connect(settings.tls.clone());
    let mut client = connected.map_err(|error| error::unreachable(&settings.shown, &error))?;
    client.batch_execute(&format!(
        "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; \
         set client_min_messages = warning; set search_path = {}, public",
        Postgres.quote(&settings.schema)
    ))?;
    Ok(client)
}

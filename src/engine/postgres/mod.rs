//! Postgres: a connection of its own for each session, to the server that the profile's `dsn` names.
//!
//! A relation is replaced so that nobody who reads it at the same time sees it missing, half-filled or mixed: see
//! [`recipe`]. Every session counts time in UTC, so that results don't depend on the server's zone, and looks for names
//! without a schema in the profile's schema, then in `public`, where extensions have their functions.

mod claim;
mod connection;
mod copy;
mod digest;
mod dsn;
mod error;
mod estimate;
mod handle;
mod interrupt;
mod left;
mod recipe;
mod seed;
mod settings;
mod source;
mod standing;
#[cfg(test)]
mod tests;
mod tls;

use super::recipe::Recipe;
use super::{Access, Bound, Claims, Degree, Driver, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{Dialect, LetterCase, Postgres};
use crate::project::Project;
use crate::world::World;
use ::postgres::Client;
use handle::PostgresConnection;
use left::Left;
use settings::Settings;
use std::sync::{Arc, Mutex, PoisonError};

/// The database of one profile.
struct PostgresDriver {
    settings: Arc<Settings>,
    /// The connection that the server was tried with: the first session takes it.
    first: Mutex<Option<Client>>,
    home: Arc<Home>,
    /// Relations that were replaced and that others still read.
    left: Left,
}

/// Connects to the database that the profile names.
pub(super) fn open(world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Driver>, EngineError> {
    let settings = Settings::read(world, project)?;
    let mut client = connect(&settings)?;
    let catalog: String = client.query_typed("select current_database()::text", &[])?[0].get(0);
    let schema = settings.schema.clone();
    let home = Home { catalogs: vec![catalog.clone()], catalog, schema, letter_case: LetterCase::Lowered };
    Ok(Box::new(PostgresDriver {
        settings: Arc::new(settings),
        first: Mutex::new(Some(client)),
        home: Arc::new(home),
        left: Left::default(),
    }))
}

impl Driver for PostgresDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(Postgres)
    }

    // Developers of one database have schemas of their own, each with its ledger.
    fn target(&self) -> String {
        format!("postgres:{}/{}", self.settings.shown, self.settings.schema)
    }

    fn traits(&self) -> Traits {
        Traits {
            replaces: Replaces::Transaction,
            keeping: Keeping::InTransaction,
            views: Bound::ByIdentity,
            exclusive: false,
            by_schema: false,
            deletes_rows: true,
            measures_reads: false,
            estimates: Degree::Can,
            row_digest: Degree::Can,
            data_versions: Degree::Can,
            increments: Degree::Can,
            shows_statements: true,
            claims: Claims::First,
            jobs: Jobs::OF_THIS_MACHINE,
        }
    }

    fn home(&self) -> Home {
        (*self.home).clone()
    }

    fn recipe(&self) -> Arc<dyn Recipe> {
        Arc::new(recipe::InPlaceOrSwap)
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let client = match first {
            Some(client) => client,
            None => connect(&self.settings)?,
        };
        let (tls, home, left) = (self.settings.tls.clone(), self.home.clone(), self.left.clone());
        Ok(Box::new(PostgresConnection::new(client, tls, home, left)))
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

//! One run at a time builds a project in a schema, on engines without locks that end with a connection: by a table.
//!
//! `create table` without `or replace` fails where the table is, so that of two runs one has it. Its rows tell who holds
//! it and when that run was last heard of, by the server's clock: the statement that makes it writes the first, and a
//! [`Hold`] adds one every minute over a connection of its own, until it drops the table. A run that died is told by its
//! silence, or at once where its process was one of this machine; whoever finds that gives the table another name first,
//! which only one can.

mod hold;
mod process;
mod table;
#[cfg(test)]
mod tests;

pub(super) use hold::{Connect, Hold, Lost};
#[cfg(test)]
pub use process::ended as ended_process;
pub use process::{is_gone, this_process};
pub(super) use table::Place;

use super::{Claim, Condition, Connection, EngineError, Home, Observe};
use crate::dialect::Dialect;
use std::sync::Arc;
use std::time::Duration;
use table::{Entry, Table};

/// How often it is tried to get a claim that comes and goes.
const ATTEMPTS: usize = 3;

/// When a holder is heard of again, and when it counts as gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    pub renewal: Duration,
    /// A renewal may be late by a minute; a claim that has ended is kept for five more.
    pub silence: Duration,
}

impl Default for Pulse {
    fn default() -> Pulse {
        Pulse { renewal: Duration::from_secs(60), silence: Duration::from_secs(7 * 60) }
    }
}

/// Takes the claim of a project on the schema of `home`, which the first run of all finds missing and makes, or tells who
/// holds it.
pub(super) fn claim_home(
    connection: &mut dyn Observe,
    dialect: Arc<dyn Dialect>,
    home: &Home,
    project: &str,
    connect: &dyn Fn() -> Connect,
    lost: &Lost,
) -> Result<Result<Hold, Claim>, EngineError> {
    let Home { catalog, schema, .. } = home;
    let place = Place { dialect, catalog: catalog.clone(), schema: schema.clone(), project: project.into() };
    let claimed = claim(connection, place.clone(), connect(), lost, Pulse::default());
    if claimed.as_ref().is_err_and(|error| error.is(Condition::NoSuchRelation)) {
        connection.make_schemas(&[(catalog.clone(), schema.clone())].into())?;
        return claim(connection, place, connect(), lost, Pulse::default());
    }
    claimed
}

/// Takes the claim on `place`, whose schema is there, or tells who holds it. `lost` learns of a claim that is held and
/// then taken by another run.
pub(super) fn claim(
    connection: &mut dyn Connection,
    place: Place,
    connect: Connect,
    lost: &Lost,
    pulse: Pulse,
) -> Result<Result<Hold, Claim>, EngineError> {
    let own = Entry::new();
    let table = Table::new(place);
    let mut refused = None;
    for _ in 0..ATTEMPTS {
        let made = table.make(connection, &own);
        if made.is_ok() {
            return Ok(Ok(Hold::new(table, own, connect, lost.clone(), pulse)));
        }
        let found = match table.read(connection, &table.relation) {
            Ok(found) => found,
            Err(error) if error.is(Condition::NoSuchRelation) => None,
            Err(error) => return Err(error),
        };
        match found {
            // The answer alone was lost.
            Some(holder) if holder.entry.id == own.id => {
                return Ok(Ok(Hold::new(table, own, connect, lost.clone(), pulse)));
            }
            Some(holder) if holder.silent < pulse.silence && !process::is_gone(&holder.entry.process) => {
                return Ok(Err(Claim::Taken(table.words(&holder))));
            }
            Some(gone) => table.take_away(connection, &gone.entry)?,
            None => refused = made.err(),
        }
    }
    match refused {
        Some(error) => Err(error),
        None => Ok(Err(Claim::Taken(format!("the schema {}", table.place.schema)))),
    }
}

//! The project's database: opened, claimed and looked at, and what the stages ask of it between.
//!
//! Building is the scheduler's (`execute/`), which opens sessions of its own.

use super::lock::Hold;
use super::{Checkout, Failure, Purpose, redacted};
use crate::engine::{
    Access, CatalogRelation, Claims, Engine, EngineError, ErrorKind, Relations, Row, SchemaName, Session,
};
use crate::name::RelationName;
use crate::watch::text_of;
use std::collections::BTreeSet;

/// An open database, with a session on it.
pub struct Database {
    engine: Engine,
    session: Session,
    /// It is to be claimed before it is written to.
    unclaimed: bool,
}

/// What a database has.
pub struct Look {
    pub relations: Relations,
    /// The ledger, without records.
    pub rows: Vec<Row>,
}

/// The profile's engine, once no other process holds its database.
pub fn engine(checkout: &Checkout, hold: &Hold<'_>, access: Access) -> Result<Engine, EngineError> {
    let Checkout { world, project, kind, .. } = checkout;
    hold.open(project, || kind.open(&**world, project, access))
}

impl Database {
    /// Opens the database, and claims it where it will be changed, or where that is done first of all.
    pub fn open(checkout: &Checkout, hold: &Hold<'_>, purpose: Purpose) -> Result<Database, EngineError> {
        let access = if purpose.writes() { Access::Build } else { Access::Look };
        let engine = engine(checkout, hold, access)?;
        let session = engine.session()?;
        let mut database = Database { engine, session, unclaimed: purpose.writes() };
        if purpose == Purpose::Database || database.engine.traits().claims == Claims::First {
            database.claim(checkout, hold)?;
        }
        Ok(database)
    }

    pub fn is_unclaimed(&self) -> bool {
        self.unclaimed
    }

    /// Claims the database where that is yet to be done; whether it was.
    pub fn claim(&mut self, checkout: &Checkout, hold: &Hold<'_>) -> Result<bool, EngineError> {
        let unclaimed = std::mem::take(&mut self.unclaimed);
        if unclaimed {
            hold.claim(&mut self.session, &checkout.project)?;
        }
        Ok(unclaimed)
    }

    /// What there is.
    pub fn look(&mut self) -> Result<Look, EngineError> {
        let relations = self.session.relations()?;
        let rows = self.session.ledger(&relations, false)?;
        Ok(Look { relations, rows })
    }

    /// What was seen, with what these schemas have.
    pub fn widen(&mut self, seen: Look, schemas: &BTreeSet<SchemaName>) -> Result<Look, EngineError> {
        if self.session.looks_at(schemas) { self.look() } else { Ok(seen) }
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The rows of a relation, given as SQL text; `None` where that can't be told.
    pub fn count(&mut self, relation: &str) -> Option<u64> {
        let text = self.engine.dialect().text_type();
        let query = format!("select cast(count(*) as {text}) as n from {relation}");
        let read = self.session.read(&query).ok();
        read.and_then(|batches| text_of(&batches).parse().ok())
    }

    /// What there is in these schemas.
    pub fn described(
        &mut self,
        schemas: &BTreeSet<SchemaName>,
    ) -> Result<(Relations, Vec<CatalogRelation>), EngineError> {
        self.describe(schemas).or_else(|error| match error.kind {
            // Lost in the course of the run, perhaps: a new session tells.
            ErrorKind::Connection => {
                self.session = self.engine.session()?;
                self.describe(schemas)
            }
            _ => Err(error),
        })
    }

    fn describe(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<(Relations, Vec<CatalogRelation>), EngineError> {
        Ok((self.session.relations()?, self.session.catalog(schemas)?))
    }

    /// Makes the schemas and the ledger, before the first node: engines don't take two makers at once. Gives what is to be
    /// told of it.
    pub fn prepare(&mut self, checkout: &Checkout, schemas: &BTreeSet<SchemaName>) -> Result<Vec<String>, Failure> {
        self.session.prepare(schemas).map_err(|error| redacted(&checkout.project, error))
    }

    /// Drops relations in whatever order the database allows: one that another reads is tried again once that is gone.
    pub fn drop_all(&mut self, mut waiting: Vec<RelationName>) -> Result<(), EngineError> {
        while !waiting.is_empty() {
            let mut refused = Vec::new();
            let mut problem = None;
            let before = waiting.len();
            for relation in waiting {
                match self.session.drop_relation(&relation) {
                    Ok(()) => {}
                    Err(error) if error.kind == ErrorKind::Statement => {
                        refused.push(relation);
                        problem = Some(error);
                    }
                    Err(error) => return Err(error),
                }
            }
            waiting = refused;
            match problem {
                Some(error) if waiting.len() == before => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

//! Relations that were replaced and that others still read: views that the run has yet to build over the new ones.

use crate::dialect::{Dialect, Postgres};
use crate::engine::EngineError;
use crate::name::RelationName;
use ::postgres::Client;
use ::postgres::types::Type;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The comment of a relation that was replaced and kept, by which a later run knows that fft may drop it.
pub(super) const MARK: &str = "fft: replaced, and kept for views that are yet to be built over the new one";

/// All of them, shared by the sessions of a database, with the words that drop each.
#[derive(Clone, Default)]
pub(super) struct Left(Arc<Mutex<BTreeMap<RelationName, &'static str>>>);

impl Left {
    pub fn add(&self, relation: RelationName, keyword: &'static str) {
        self.lock().insert(relation, keyword);
    }

    /// Adds what earlier runs left: what bears the mark that they gave it. A name proves nothing.
    pub fn find(&self, client: &mut Client) -> Result<(), EngineError> {
        let sql = "select n.nspname::text, c.relname::text, c.relkind = 'v'
                   from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relname like '\\_ff\\_old\\_%' and c.relkind in ('r', 'v')
                     and obj_description(c.oid, 'pg_class') = $1";
        for row in client.query_typed(sql, &[(&MARK, Type::TEXT)])? {
            let relation = RelationName::new(None, Some(row.get(0)), row.get(1));
            self.add(relation, if row.get(2) { "view" } else { "table" });
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RelationName, &'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what nobody reads any more.
pub(super) fn sweep(client: &mut Client, left: &Left) -> Result<(), EngineError> {
    // One may be all that reads another.
    loop {
        let waiting: Vec<_> = left.lock().iter().map(|(relation, keyword)| (relation.clone(), *keyword)).collect();
        let mut dropped = false;
        for (relation, keyword) in waiting {
            match client.batch_execute(&format!("drop {keyword} if exists {}", Postgres.relation(&relation))) {
                Ok(()) => {
                    left.lock().remove(&relation);
                    dropped = true;
                }
                // Still read, or not ours.
                Err(error) if error.as_db_error().is_some() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if !dropped {
            return Ok(());
        }
    }
}

//! The ledger where rows can only be added: one at a time, each in a file of its own, and the table made anew before it
//! has too many of them.
//!
//! Only an engine whose relations have marks keeps it so: what is lost when a process dies while the table is made anew
//! are details of builds, never what a relation holds.

use super::table::{TABLE, Table};
use crate::dialect::RelationKind;
use crate::engine::row::Row;
use crate::engine::{Condition, EngineError, Observe};
use std::sync::{Arc, Mutex, PoisonError};

/// Rows added, or overtaken by others, from which on the table is made anew; few in tests, which then see it happen.
const MANY: usize = if cfg!(test) { 8 } else { 64 };

/// What the table is called while it is made anew, and what was, until it stands.
const NEXT: &str = "_ff_meta_next";
const BEFORE: &str = "_ff_meta_before";

/// Shared by all sessions of a database: rows that one table has too many of. Two that add at the same time would be in
/// each other's way.
#[derive(Clone, Default)]
pub struct Appends(Arc<Mutex<usize>>);

impl Appends {
    /// Takes note of rows found that others have overtaken.
    pub fn superseded(&self, rows: usize) {
        let mut many = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *many = (*many).max(rows);
    }

    pub fn add(&self, connection: &mut dyn Observe, table: &Table<'_>, row: &Row) -> Result<(), EngineError> {
        let mut many = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.run(&table.insert(row))?;
        *many += 1;
        if *many >= MANY {
            make_anew(connection, table)?;
            *many = 0;
        }
        Ok(())
    }
}

fn make_anew(connection: &mut dyn Observe, table: &Table<'_>) -> Result<(), EngineError> {
    let (dialect, kind) = (table.dialect, RelationKind::Table);
    let (next, before) = (table.sibling(NEXT), table.sibling(BEFORE));
    let steps = [
        dialect.drop(kind, &next),
        table.newest(&next),
        dialect.drop(kind, &before),
        dialect.rename(kind, &table.sibling(TABLE), BEFORE),
        dialect.rename(kind, &next, TABLE),
        dialect.drop(kind, &before),
    ];
    steps.iter().try_for_each(|step| connection.run(step).map(drop))
}

/// Gives the table its name back that a process had taken away when it died; whether there was one.
pub fn recover(connection: &mut dyn Observe, table: &Table<'_>) -> Result<bool, EngineError> {
    match connection.run(&table.dialect.rename(RelationKind::Table, &table.sibling(BEFORE), TABLE)) {
        Ok(_) => Ok(true),
        Err(error) if error.is(Condition::NoSuchRelation) => Ok(false),
        Err(error) => Err(error),
    }
}

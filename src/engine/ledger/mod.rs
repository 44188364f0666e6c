//! The ledger `_ff_meta`: what each relation of a database holds, whoever built it and from which machine.
//!
//! A row belongs to a relation, which has one; whoever replaces a relation removes what was said of it before. Each catalog
//! that an engine writes to has a table of its own, in the profile's default schema, all of whose columns are texts. How a
//! row keeps in step with its relation is told by [`Keeping`]:
//!
//! - `InTransaction`: both change together;
//! - `OnRelation`: the relation's own mark counts, and rows that say something else are put right by [`reconcile`];
//! - `Bracketed`: a row in the state [`State::Building`](super::State) stands before the relation is touched, and the one
//!   that says what it holds comes after. Rows are added before older ones go, and of several the newest counts: a ledger
//!   that loses a row would give up what fft has built.
//!
//! Where rows can only be added, the newest of a relation counts as well, and the table is made anew from time to time.

mod append;
mod known;
mod old;
mod reconcile;
mod table;
#[cfg(test)]
mod tests;

pub(super) use reconcile::reconcile;

use super::row::Row;
use super::{Condition, EngineError, Home, Keeping, Observe, Traits};
use crate::dialect::{Dialect, Statement};
use crate::name::RelationName;
use append::Appends;
use arrow::array::RecordBatch;
use known::Known;
use std::sync::Arc;
use table::{Table, from_batch};

/// What a database has of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Missing,
    Present,
    /// One of an earlier version, with so many of the columns that were added over time.
    Old(usize),
}

/// The ledger of a database: the statements that change it, and how it is read.
#[derive(Clone)]
pub(super) struct Ledger {
    dialect: Arc<dyn Dialect>,
    home: Home,
    keeping: Keeping,
    /// Relations that have rows, where nobody but this process changes them.
    known: Option<Known>,
    /// What was added, where rows can only be added.
    appends: Option<Appends>,
}

impl Ledger {
    pub fn new(dialect: Arc<dyn Dialect>, home: Home, traits: &Traits) -> Ledger {
        let known = traits.exclusive.then(Known::default);
        let appends = (!traits.deletes_rows).then(Appends::default);
        Ledger { dialect, home, keeping: traits.keeping, known, appends }
    }

    pub fn dialect(&self) -> &dyn Dialect {
        &*self.dialect
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Whether relations say themselves what they hold.
    pub fn marks(&self) -> bool {
        self.keeping == Keeping::OnRelation
    }

    /// Whether all is known that a process can know which has the database to itself.
    pub fn is_known(&self) -> bool {
        self.known.as_ref().is_none_or(Known::is_filled)
    }

    /// Whether a build is made known before it touches anything.
    pub fn brackets(&self) -> bool {
        self.keeping == Keeping::Bracketed
    }

    /// Makes the table of a catalog, or brings it to its present form, in the open transaction where the engine has one.
    /// Gives what is to be told.
    pub fn make(&self, connection: &mut dyn Observe, needed: &Needed) -> Result<Option<String>, EngineError> {
        let table = self.table(&needed.catalog);
        match needed.form {
            Form::Present => Ok(None),
            Form::Missing => {
                if self.appends.is_none() || !append::recover(connection, &table)? {
                    table.create().iter().try_for_each(|one| connection.run(one).map(drop))?;
                }
                Ok(None)
            }
            Form::Old(added) => {
                let rows = self.read_old(connection, &needed.catalog, added, true)?;
                let inserts = rows.iter().map(|row| table.insert(row));
                let anew = [table.drop()].into_iter().chain(table.create()).chain(inserts);
                anew.into_iter().try_for_each(|one| connection.run(&one).map(drop))?;
                Ok(Some(format!("the table {} was brought to its present form", table.name())))
            }
        }
    }

    /// What [`Ledger::make`] has to do for a catalog. Not to be asked within a transaction, which a table that isn't there
    /// could end.
    pub fn needed(&self, connection: &mut dyn Observe, catalog: &str) -> Result<Needed, EngineError> {
        Ok(Needed { catalog: catalog.into(), form: self.form(connection, catalog)? })
    }

    fn form(&self, connection: &mut dyn Observe, catalog: &str) -> Result<Form, EngineError> {
        let table = self.table(catalog);
        let mut try_one = |columns: &str| {
            let select = Statement::from(format!("select {columns} from {} where 1 = 0", table.name()));
            match connection.rows(&select, false, &mut |_| Ok(())) {
                Ok(()) => Ok(Some(true)),
                Err(error) if error.is(Condition::NoSuchColumn) => Ok(Some(false)),
                Err(error) if error.is(Condition::NoSuchRelation) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match try_one(table::LAST)? {
            None => return Ok(Form::Missing),
            Some(true) => return Ok(Form::Present),
            Some(false) => {}
        }
        for added in old::VERSIONS {
            if try_one(&old::columns(added, true).join(", "))? == Some(true) {
                return Ok(Form::Old(added));
            }
        }
        let message = format!("the table {} has columns that fft didn't give it", table.name());
        let error = EngineError::new(super::ErrorKind::Settings, message);
        Err(error.hint("it is fft's record of what relations hold: give yours another name, or another schema to fft"))
    }

    /// Puts `row` in the place of every other one of its relation.
    pub fn record(&self, connection: &mut dyn Observe, row: &Row) -> Result<(), EngineError> {
        match &self.appends {
            Some(appends) => appends.add(connection, &self.table_of(&row.relation), row),
            None => self.replace(row).iter().try_for_each(|statement| connection.run(statement).map(drop)),
        }
    }

    fn replace(&self, row: &Row) -> Vec<Statement> {
        let table = self.table_of(&row.relation);
        let others = match &self.known {
            Some(known) => known.replace(&row.relation),
            None => true,
        };
        let mut statements = vec![table.insert(row)];
        if others && self.keeping == Keeping::InTransaction {
            statements.insert(0, table.delete(&row.relation));
        } else if others {
            statements.push(table.delete_others(row));
        }
        statements
    }

    /// Forgets all that is said of a relation. Where rows can't be deleted its mark has gone with it, without which they
    /// tell nothing.
    pub fn forget(&self, connection: &mut dyn Observe, relation: &RelationName) -> Result<(), EngineError> {
        if let Some(known) = &self.known {
            known.remove(relation);
        }
        if self.appends.is_none() {
            connection.run(&self.table_of(relation).delete(relation))?;
        }
        Ok(())
    }

    /// Takes note that a transaction which was to change rows has failed.
    pub fn failed(&self) {
        if let Some(known) = &self.known {
            known.clear();
        }
    }

    /// Every row, in the order of nodes; without records where those aren't wanted. A row that fft didn't write says
    /// nothing that could be relied on.
    pub fn read(&self, connection: &mut dyn Observe, records: bool) -> Result<Vec<Row>, EngineError> {
        let mut found = Vec::new();
        for catalog in &self.home.catalogs {
            found.extend(self.read_catalog(connection, catalog, records)?);
        }
        if let Some(known) = &self.known {
            known.fill(found.iter().map(|row| row.relation.clone()));
        }
        if self.keeping != Keeping::InTransaction {
            let all = found.len();
            found = reconcile::newest(found);
            if let Some(appends) = &self.appends {
                appends.superseded(all - found.len());
            }
        }
        Ok(reconcile::in_order(found))
    }

    fn read_catalog(
        &self,
        connection: &mut dyn Observe,
        catalog: &str,
        records: bool,
    ) -> Result<Vec<Row>, EngineError> {
        match self.rows(connection, catalog, &self.table(catalog).select(records), from_batch) {
            Err(error) if error.is(Condition::NoSuchRelation) => Ok(Vec::new()),
            Err(error) if error.is(Condition::NoSuchColumn) => match self.form(connection, catalog)? {
                Form::Old(added) => self.read_old(connection, catalog, added, records),
                Form::Missing | Form::Present => Err(error),
            },
            read => read,
        }
    }

    fn read_old(
        &self,
        connection: &mut dyn Observe,
        catalog: &str,
        added: usize,
        records: bool,
    ) -> Result<Vec<Row>, EngineError> {
        let select = self.table(catalog).select_columns(&old::select(added, records, self.dialect.text_type()));
        self.rows(connection, catalog, &select, old::from_batch)
    }

    /// The rows that a query of a catalog's table gives. One that is opened under another name has rows of its name from
    /// before, which tell nothing.
    fn rows(
        &self,
        connection: &mut dyn Observe,
        catalog: &str,
        select: &Statement,
        from_batch: fn(&RecordBatch) -> Vec<Row>,
    ) -> Result<Vec<Row>, EngineError> {
        let mut found = Vec::new();
        connection.rows(select, false, &mut |batch| {
            found.extend(from_batch(&batch));
            Ok(())
        })?;
        found.retain(|row| self.is_in(catalog, &row.relation));
        Ok(found)
    }

    fn is_in(&self, catalog: &str, relation: &RelationName) -> bool {
        let of = relation.catalog.as_deref().unwrap_or_default();
        self.home.letter_case.found(of) == self.home.letter_case.found(catalog)
    }

    /// The catalog whose table has the rows of a relation.
    pub fn catalog_of(&self, relation: &RelationName) -> String {
        let known = self.home.catalogs.iter().find(|catalog| self.is_in(catalog, relation));
        known.unwrap_or(&self.home.catalog).clone()
    }

    fn table_of(&self, relation: &RelationName) -> Table<'_> {
        self.table(&self.catalog_of(relation))
    }

    fn table(&self, catalog: &str) -> Table<'_> {
        Table { dialect: &*self.dialect, catalog: catalog.into(), schema: &self.home.schema }
    }
}

/// What a catalog's table lacks.
pub(super) struct Needed {
    pub catalog: String,
    form: Form,
}

impl Needed {
    /// Whether there is a table, in whatever form.
    pub fn is_there(&self) -> bool {
        self.form != Form::Missing
    }
}

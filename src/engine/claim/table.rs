//! The table of a claim as SQL, and what its rows tell.

use super::process::Process;
use crate::dialect::{Create, Dialect, RelationKind, Statement};
use crate::digest::Digest;
use crate::engine::{Condition, Connection, EngineError};
use crate::name::RelationName;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use std::sync::Arc;
use std::time::Duration;

/// What is claimed.
#[derive(Clone)]
pub struct Place {
    pub dialect: Arc<dyn Dialect>,
    pub catalog: String,
    pub schema: String,
    pub project: String,
}

/// Who holds a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// No other run has it.
    pub id: String,
    /// `process 7 on host`
    pub words: String,
    /// As [`Process::text`] calls it; empty where that isn't told.
    pub process: String,
}

impl Entry {
    /// This process's.
    pub fn new() -> Entry {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("invariant: the operating system gives random bytes");
        let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        let host = host.map_or(String::new(), |name| format!(" on {name}"));
        Entry {
            id: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            words: format!("process {}{host}", std::process::id()),
            process: Process::this().map_or(String::new(), |process| process.text()),
        }
    }
}

/// What the table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub entry: Entry,
    /// Since it was last heard of.
    pub silent: Duration,
}

pub struct Table {
    pub place: Place,
    pub relation: RelationName,
}

impl Table {
    pub fn new(place: Place) -> Table {
        let name = format!("_ff_claim_{}", plain(&place.project));
        let relation = RelationName::new(Some(&place.catalog), Some(&place.schema), &name);
        Table { place, relation }
    }

    fn dialect(&self) -> &dyn Dialect {
        &*self.place.dialect
    }

    /// A row as a query.
    fn row(&self, entry: &Entry) -> String {
        let (dialect, kind) = (self.dialect(), self.dialect().text_type());
        let text = |value: &str| format!("cast({} as {kind})", dialect.string_literal(value));
        // A column more would be none that the claim of an older fft has.
        let holder = format!("{} {}", entry.id, entry.process);
        format!("select {} as holder, {} as words, current_timestamp as heard", text(&holder), text(&entry.words))
    }

    /// Fails where the table is.
    pub fn make(&self, connection: &mut dyn Connection, entry: &Entry) -> Result<(), EngineError> {
        let row = self.row(entry);
        let made = self.dialect().create(&Create::new(RelationKind::Table, &self.relation, &row));
        connection.run(&made.text.into()).map(drop)
    }

    /// Says that the holder is there.
    pub fn renew(&self, connection: &mut dyn Connection, entry: &Entry) -> Result<(), EngineError> {
        let text = format!("insert into {} {}", self.dialect().relation(&self.relation), self.row(entry));
        connection.run(&text.into()).map(drop)
    }

    pub fn drop(&self, connection: &mut dyn Connection) -> Result<(), EngineError> {
        connection.run(&self.dialect().drop(RelationKind::Table, &self.relation)).map(drop)
    }

    /// Who holds `table`: of several that it names the one that made it.
    pub fn read(&self, connection: &mut dyn Connection, table: &RelationName) -> Result<Option<Holder>, EngineError> {
        let text = format!(
            "select holder, max(words) as words, min(heard) as since, max(heard) as heard, max(current_timestamp) as now \
             from {} group by holder",
            self.dialect().relation(table)
        );
        let mut found: Vec<(i64, Holder)> = Vec::new();
        connection.rows(&Statement::from(text), false, &mut |batch| {
            found.extend(holders(&batch));
            Ok(())
        })?;
        Ok(found.into_iter().min_by_key(|(since, _)| *since).map(|(_, holder)| holder))
    }

    /// Takes the table of a run that is gone out of the way. Of several that want to, one gives it the other name.
    pub fn take_away(&self, connection: &mut dyn Connection, gone: &Entry) -> Result<(), EngineError> {
        let name = format!("{}_{}", self.relation.name, Digest::of(gone.id.as_bytes()).short());
        let aside = RelationName { name, ..self.relation.clone() };
        let rename = self.dialect().rename(RelationKind::Table, &self.relation, &aside.name);
        match connection.run(&rename) {
            Ok(_) => {}
            // Another one was first.
            Err(error) if error.condition.is_some() => return Ok(()),
            Err(error) => return Err(error),
        }
        let taken = self.read(connection, &aside)?;
        if taken.is_some_and(|taken| taken.entry.id != gone.id) {
            // That of a run which had it meanwhile.
            return connection.run(&self.dialect().rename(RelationKind::Table, &aside, &self.relation.name)).map(drop);
        }
        connection.run(&self.dialect().drop(RelationKind::Table, &aside)).map(drop)
    }

    /// What is claimed and by whom.
    pub fn words(&self, holder: &Holder) -> String {
        let ago = holder.silent.as_secs();
        format!("the schema {} ({}, last heard of {ago} s ago)", self.place.schema, holder.entry.words)
    }

    /// Who holds the claim now.
    pub fn holder(&self, connection: &mut dyn Connection) -> Result<Option<Holder>, EngineError> {
        match self.read(connection, &self.relation) {
            Err(error) if error.is(Condition::NoSuchRelation) => Ok(None),
            read => read,
        }
    }
}

/// The holders of a batch, with the time since when each is one.
fn holders(batch: &RecordBatch) -> Vec<(i64, Holder)> {
    let column = |name: &str, kind: &DataType| cast(batch.column_by_name(name)?, kind).ok();
    let text = |name: &str| column(name, &DataType::Utf8);
    let time = |name: &str| column(name, &DataType::Timestamp(TimeUnit::Microsecond, None));
    let columns = || Some((text("holder")?, text("words")?, time("since")?, time("heard")?, time("now")?));
    let Some((ids, words, since, heard, now)) = columns() else { return Vec::new() };
    let micros = |array: &arrow::array::ArrayRef, row| array.as_primitive::<TimestampMicrosecondType>().value(row);
    let one = |row| {
        let id = ids.as_string::<i32>().value(row);
        let (id, process) = id.split_once(' ').unwrap_or((id, ""));
        let words = words.as_string::<i32>().value(row).into();
        let entry = Entry { id: id.into(), words, process: process.into() };
        let silent = micros(&now, row).saturating_sub(micros(&heard, row));
        (micros(&since, row), Holder { entry, silent: Duration::from_micros(silent.try_into().unwrap_or(0)) })
    };
    (0..batch.num_rows()).filter(|row| ids.is_valid(*row) && heard.is_valid(*row)).map(one).collect()
}

/// A project's name as every engine takes it unquoted; one that must be changed for that stays apart from others.
fn plain(project: &str) -> String {
    let plain: String =
        project.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect();
    if plain == project { plain } else { format!("{plain}_{}", &Digest::of(project.as_bytes()).short()[..6]) }
}

//! What the fake engine holds, and what its statements do to it.

use super::statement::{Change, Name, Select, Values, parse};
use crate::dialect::{LetterCase, RelationKind, Statement};
use crate::digest::Digest;
use crate::engine::{Condition, EngineError, ErrorKind, Home, Replaces};
use crate::name::RelationName;
use crate::plan::Identity;
use crate::syntax::relation;
use crate::syntax::sql::Lexicon;
use std::collections::{BTreeMap, BTreeSet};

/// Names without a catalog or schema are in this one.
pub fn home() -> Home {
    let catalog = "db".to_string();
    Home { catalogs: vec![catalog.clone()], catalog, schema: "main".into(), letter_case: LetterCase::Lowered }
}

/// When a process dies, counted in calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    pub call: usize,
    pub moment: Moment,
}

/// Beside what the call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Before,
    /// The engine has done it, and nobody hears of it.
    After,
}

#[derive(Clone, Debug)]
pub enum Stored {
    /// Made from a query: what that gave.
    Table(String),
    /// Made with columns: its rows.
    Rows(Vec<Values>),
    /// A snapshot's: what its query gave each time that it gave something else.
    History(Vec<String>),
    /// Its query.
    View(String),
}

#[derive(Clone, Debug)]
pub struct Relation {
    pub stored: Stored,
    pub comment: Option<String>,
    /// Who may read it.
    pub readers: BTreeSet<String>,
    /// No other relation has it or ever had it.
    number: usize,
}

impl Relation {
    pub fn kind(&self) -> RelationKind {
        match self.stored {
            Stored::Table(_) | Stored::Rows(_) | Stored::History(_) => RelationKind::Table,
            Stored::View(_) => RelationKind::View,
        }
    }

    pub fn identity(&self) -> Identity {
        Identity { rows: None, token: Some(Digest::of(self.number.to_string().as_bytes())), content: None }
    }
}

type Relations = BTreeMap<RelationName, Relation>;

#[derive(Clone)]
pub struct Database {
    replaces: Replaces,
    relations: Relations,
    made: usize,
    /// What is brought back when the transaction fails, and, above it, what its savepoints are.
    before: Vec<Relations>,
    calls: usize,
    death: Option<Death>,
    dead: bool,
    /// Every statement that was sent.
    pub sent: Vec<String>,
}

impl Database {
    pub fn new(replaces: Replaces) -> Database {
        Database {
            replaces,
            relations: Relations::new(),
            made: 0,
            before: Vec::new(),
            calls: 0,
            death: None,
            dead: false,
            sent: Vec::new(),
        }
    }

    /// A new process, which dies at that call from now on.
    pub fn begin_process(&mut self, death: Option<Death>) {
        (self.calls, self.death, self.dead) = (0, death, false);
    }

    /// Whether the process has died.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    pub fn alive(&self) -> Result<(), EngineError> {
        if self.dead { Err(EngineError::new(ErrorKind::Connection, "the process is dead")) } else { Ok(()) }
    }

    /// One call of the process: does `body`, unless the process dies first.
    pub fn call<T>(&mut self, body: impl FnOnce(&mut Database) -> Result<T, EngineError>) -> Result<T, EngineError> {
        self.alive()?;
        self.calls += 1;
        let dies = self.death.filter(|death| death.call == self.calls).map(|death| death.moment);
        if dies == Some(Moment::Before) {
            self.die();
        }
        self.alive()?;
        let result = body(self);
        if dies == Some(Moment::After) {
            self.die();
        }
        self.alive()?;
        result
    }

    /// What the engine does when a connection is gone.
    fn die(&mut self) {
        self.dead = true;
        if !self.before.is_empty() {
            self.relations = self.before.swap_remove(0);
            self.before.clear();
        }
    }

    pub fn begin(&mut self) {
        assert_eq!(self.replaces, Replaces::Transaction, "this engine has no transactions");
        assert!(self.before.is_empty(), "a transaction is open");
        self.before.push(self.relations.clone());
    }

    pub fn commit(&mut self) {
        self.before.clear();
    }

    pub fn rollback(&mut self) {
        if !self.before.is_empty() {
            self.relations = self.before.swap_remove(0);
            self.before.clear();
        }
    }

    pub fn set_savepoint(&mut self) {
        self.before.push(self.relations.clone());
    }

    pub fn end_savepoint(&mut self, keep: bool) {
        let before = self.before.pop().expect("a savepoint is set");
        if !keep {
            self.relations = before;
        }
    }

    pub fn relations(&self) -> &BTreeMap<RelationName, Relation> {
        &self.relations
    }

    pub fn get(&self, name: &RelationName) -> Option<&Relation> {
        self.relations.get(&home().resolve(name))
    }

    /// What reading a relation gives now.
    pub fn content(&self, name: &RelationName) -> Result<String, EngineError> {
        match self.get(name).map(|relation| &relation.stored) {
            None => Err(missing(name)),
            Some(Stored::Table(content)) => Ok(content.clone()),
            Some(Stored::Rows(rows)) => Ok(format!("{rows:?}")),
            Some(Stored::History(versions)) => Ok(versions.join(" then ")),
            Some(Stored::View(query)) => self.evaluate(query),
        }
    }

    /// What a query gives: its words and, behind them, what each relation that it names gives.
    pub fn evaluate(&self, query: &str) -> Result<String, EngineError> {
        let words = query.split_whitespace().collect::<Vec<_>>().join(" ");
        let names = relation::named(query, Lexicon::STANDARD);
        let read = names.iter().filter_map(|parts| RelationName::of(parts));
        let read = read.map(|name| Ok(format!(" | {} = {}", name.name, self.content(&name)?)));
        let read = read.collect::<Result<Vec<_>, EngineError>>()?;
        if read.is_empty() {
            Ok(words)
        } else {
            Ok(Digest::of(format!("{words}{}", read.concat()).as_bytes()).to_string())
        }
    }

    /// Puts a relation there, as somebody else does it.
    pub fn put(&mut self, name: &str, stored: Stored) {
        let name = home().resolve(&RelationName::new(None, None, name));
        self.make(name, stored, None);
    }

    /// The same with what it says of itself.
    pub fn put_marked(&mut self, name: &RelationName, stored: Stored, comment: Option<String>) {
        self.make(home().resolve(name), stored, comment);
    }

    fn make(&mut self, name: RelationName, stored: Stored, comment: Option<String>) {
        self.made += 1;
        self.relations.insert(name, Relation { stored, comment, readers: BTreeSet::new(), number: self.made });
    }

    /// Runs a statement of those that fft writes.
    pub fn run(&mut self, statement: &Statement) -> Result<(), EngineError> {
        self.sent.push(statement.text.clone());
        let change = parse(statement);
        match change {
            Change::Create { kind, name, replace, comment, query } => {
                self.create(kind, &name, replace, comment, query)?;
            }
            Change::CreateEmpty { name } => {
                let name = resolve(&name);
                if !self.relations.contains_key(&name) {
                    self.make(name, Stored::Rows(Vec::new()), None);
                }
            }
            Change::Drop { kind, name, if_exists } => {
                let name = resolve(&name);
                match self.relations.get(&name).map(Relation::kind) {
                    None if if_exists => {}
                    None => return Err(missing(&name)),
                    Some(found) if found != kind => return Err(refused(format!("{name} is a {}", found.keyword()))),
                    Some(_) => drop(self.relations.remove(&name)),
                }
            }
            Change::Rename { name, to } => {
                let name = resolve(&name);
                let new = RelationName { name: to, ..name.clone() };
                if self.relations.contains_key(&new) {
                    return Err(refused(format!("{new} is there already")));
                }
                let relation = self.relations.remove(&name).ok_or_else(|| missing(&name))?;
                self.relations.insert(new, relation);
            }
            Change::Comment { name, comment } => {
                let name = resolve(&name);
                self.relations.get_mut(&name).ok_or_else(|| missing(&name))?.comment = Some(comment);
            }
            Change::CreateTemporary { .. } | Change::Update { .. } | Change::Add { .. } | Change::Merge { .. } => {
                self.grow(change)?;
            }
            Change::Grant { name, role, gives } => self.grant(&name, role, gives)?,
            Change::Insert { name, values } => self.rows(&name)?.push(values),
            Change::Delete { name, equal, but } => {
                let are =
                    |row: &Values, wanted: &Values| wanted.iter().all(|(column, value)| row.get(column) == Some(value));
                let goes = |row: &Values| are(row, &equal) && but.as_ref().is_none_or(|but| !are(row, but));
                self.rows(&name)?.retain(|row| !goes(row));
            }
        }
        Ok(())
    }

    /// What extending a table is made of.
    fn grow(&mut self, change: Change) -> Result<(), EngineError> {
        match change {
            Change::CreateTemporary { name, query } => {
                let name = resolve(&name);
                let stored = self.stored(&name, &query)?;
                self.make(name, stored, None);
                Ok(())
            }
            // Versions of a history come to their end, and others are added.
            Change::Update { name, .. } if self.history(&name).is_ok() => Ok(()),
            Change::Add { name, from } if self.history(&name).is_ok() => {
                let added = self.content(&from.0)?;
                self.history(&name)?.extend((!added.is_empty()).then_some(added));
                Ok(())
            }
            Change::Update { name, from } => {
                let content = self.content(&resolve(&from))?;
                self.bring(&name, format!("a part of {content}"))
            }
            // As a query that gives all rows is merged: the table then holds what the query gives.
            Change::Add { name, from } | Change::Merge { name, from } => {
                let content = self.content(&resolve(&from))?;
                self.bring(&name, content)
            }
            _ => unreachable!("it is no part of extending a table"),
        }
    }

    /// Gives a table other rows where it stands.
    fn bring(&mut self, name: &Name, content: String) -> Result<(), EngineError> {
        let name = resolve(name);
        let relation = self.relations.get_mut(&name).ok_or_else(|| missing(&name))?;
        relation.stored = Stored::Table(content);
        Ok(())
    }

    fn create(
        &mut self,
        kind: RelationKind,
        name: &Name,
        replace: bool,
        comment: Option<String>,
        query: String,
    ) -> Result<(), EngineError> {
        let name = resolve(name);
        let stands = self.relations.get(&name).map(Relation::kind);
        match stands {
            Some(_) if !replace => return Err(refused(format!("{name} is there already"))),
            Some(other) if other != kind => return Err(refused(format!("{name} is a {}", other.keyword()))),
            Some(RelationKind::Table) if self.replaces == Replaces::Swap => {
                return Err(refused(format!("{name} can't be replaced")));
            }
            _ => {}
        }
        let stored = match kind {
            RelationKind::View => {
                self.evaluate(&query)?;
                Stored::View(query)
            }
            RelationKind::Table => self.stored(&name, &query)?,
        };
        self.make(name, stored, comment);
        Ok(())
    }

    fn grant(&mut self, name: &Name, role: String, gives: bool) -> Result<(), EngineError> {
        let name = resolve(name);
        let readers = &mut self.relations.get_mut(&name).ok_or_else(|| missing(&name))?.readers;
        if gives {
            readers.insert(role)
        } else {
            readers.remove(&role)
        };
        Ok(())
    }

    /// What a table holds that is made of a query. One made of the rows that wait for a snapshot is a history; what is made
    /// of those and of a history is what the rows add to it.
    fn stored(&self, name: &RelationName, query: &str) -> Result<Stored, EngineError> {
        let named = relation::named(query, Lexicon::STANDARD);
        let read: Vec<RelationName> = named.iter().filter_map(|parts| RelationName::of(parts)).collect();
        let Some(rows) = read.iter().find(|one| one.name == "_ff_rows") else {
            return Ok(Stored::Table(self.evaluate(query)?));
        };
        let rows = self.content(rows)?;
        if name.name != "_ff_changes" {
            return Ok(Stored::History(vec![rows]));
        }
        let last = read.iter().find_map(|one| match &self.get(one)?.stored {
            Stored::History(versions) => versions.last(),
            _ => None,
        });
        Ok(Stored::Table(if last == Some(&rows) { String::new() } else { rows }))
    }

    fn history(&mut self, name: &Name) -> Result<&mut Vec<String>, EngineError> {
        let name = resolve(name);
        match self.relations.get_mut(&name).map(|relation| &mut relation.stored) {
            Some(Stored::History(versions)) => Ok(versions),
            Some(_) => Err(refused(format!("{name} is no history"))),
            None => Err(missing(&name)),
        }
    }

    fn rows(&mut self, name: &Name) -> Result<&mut Vec<Values>, EngineError> {
        let name = resolve(name);
        match self.relations.get_mut(&name).map(|relation| &mut relation.stored) {
            Some(Stored::Rows(rows)) => Ok(rows),
            Some(_) => Err(refused(format!("{name} has other columns"))),
            None => Err(missing(&name)),
        }
    }

    /// Rows of a table that was made with columns: of those that are asked for.
    pub fn select(&mut self, select: &Select) -> Result<Vec<Vec<Option<String>>>, EngineError> {
        let rows = self.rows(&select.name)?;
        let row = |row: &Values| select.columns.iter().map(|column| row.get(column).cloned().flatten()).collect();
        Ok(if select.none { Vec::new() } else { rows.iter().map(row).collect() })
    }
}

fn resolve(name: &Name) -> RelationName {
    home().resolve(&name.0)
}

fn missing(name: &RelationName) -> EngineError {
    let error = EngineError::new(ErrorKind::Statement, format!("there is no {name}"));
    EngineError { condition: Some(Condition::NoSuchRelation), ..error }
}

fn refused(words: String) -> EngineError {
    EngineError { condition: Some(Condition::Refused), ..EngineError::new(ErrorKind::Statement, words) }
}

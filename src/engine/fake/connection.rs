//! A process's connection to the fake engine.

use super::Fake;
use super::database::{Database, Stored, home};
use super::statement::parse_select;
use crate::dialect::Statement;
use crate::engine::{
    CatalogRelation, Connection, Content, EngineError, ErrorKind, Estimate, Interrupt, JustBuilt, Load, Mark, Measures,
    Observe, Relations, SchemaName, Standing, TakeBatch,
};
use crate::graph::version::OWN;
use crate::name::RelationName;
use crate::plan::{Column, Identity};
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) struct FakeConnection(Fake);

impl FakeConnection {
    pub fn new(fake: Fake) -> FakeConnection {
        FakeConnection(fake)
    }

    fn call<T>(&mut self, body: impl FnOnce(&mut Database) -> Result<T, EngineError>) -> Result<T, EngineError> {
        self.0.database().call(body)
    }

    /// A call of what the engine never refuses.
    fn done(&mut self, body: impl FnOnce(&mut Database)) -> Result<(), EngineError> {
        self.call(|database| {
            body(database);
            Ok(())
        })
    }
}

impl FakeConnection {
    /// What is asked of rows that wait for a snapshot: none of them is wrong, and the one that there is is new.
    fn told_of_versions(&mut self, query: &Statement, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.call(|_| Ok(()))?;
        let faults = query.text.contains(" as key ");
        let column = |(name, text)| {
            let texts = if faults { Vec::new() } else { vec![text] };
            (name, Arc::new(StringArray::from(texts)) as ArrayRef)
        };
        let told = [("added", "1"), ("changed", "0"), ("gone", "0"), ("given", "1")];
        take(RecordBatch::try_from_iter(told.map(column)).expect("columns of one length"))
    }
}

impl Connection for FakeConnection {
    /// A query over `broken` panics, one over `endless` waits.
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        if statement.query.is_some() && statement.text.contains("broken as") {
            panic!("out of bounds at cTdacDJ2WHc5Sw==");
        }
        if statement.query.is_some() && statement.text.contains("endless as") {
            self.0.wait();
        }
        self.call(|database| database.run(statement))?;
        // What its users pay for.
        Ok(Measures::default().with_rows(1).with("slot_ms", 1200))
    }

    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        // Of what is asked of new rows, none is ever amiss.
        let answer = match () {
            () if query.text.contains(" as told") => Some(vec![Some("1")]),
            () if query.text.contains(" as refuted") => Some(Vec::new()),
            () => None,
        };
        if let Some(answer) = answer {
            self.call(|_| Ok(()))?;
            let texts = Arc::new(StringArray::from(answer)) as ArrayRef;
            return take(RecordBatch::try_from_iter([("told", texts)]).expect("a column"));
        }
        if query.text.contains("_ff_rows")
            || query.text.contains("_ff_is_current")
            || query.text.contains(" as versions")
        {
            return self.told_of_versions(query, take);
        }
        let select = parse_select(query);
        let rows = self.call(|database| database.select(&select))?;
        let column = |at: usize| {
            let texts: StringArray = rows.iter().map(|row| row[at].clone()).collect();
            (select.columns[at].as_str(), Arc::new(texts) as ArrayRef)
        };
        take(RecordBatch::try_from_iter((0..select.columns.len()).map(column)).expect("columns of one length"))
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.call(|database| {
            database.put_marked(load.into, Stored::Table("rows that no query gives".into()), load.mark.clone());
            Ok(Measures::default().with_rows(1))
        })
    }

    fn dry_run(&mut self, _content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        Err(EngineError::new(ErrorKind::Connection, "the server is too busy for that"))
    }

    fn begin(&mut self) -> Result<(), EngineError> {
        self.done(|database| database.begin())
    }

    fn commit(&mut self) -> Result<(), EngineError> {
        self.done(|database| database.commit())
    }

    fn rollback(&mut self) {
        // Of a dead process the engine has done it.
        drop(self.done(|database| database.rollback()));
    }

    fn set_savepoint(&mut self) -> Result<(), EngineError> {
        self.done(|database| database.set_savepoint())
    }

    fn end_savepoint(&mut self, keep: bool) -> Result<(), EngineError> {
        self.done(|database| database.end_savepoint(keep))
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        struct Deaf;
        impl Interrupt for Deaf {
            fn interrupt(&self) {}
        }
        Arc::new(Deaf)
    }
}

impl Observe for FakeConnection {
    fn make_schemas(&mut self, _schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        self.call(|_| Ok(()))
    }

    fn relations(&mut self, _schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        self.call(|database| {
            let mut relations = Relations { home: home(), ..Relations::default() };
            for (name, relation) in database.relations() {
                relations.found.insert(name.clone(), relation.kind());
                relations.identity.insert(name.clone(), relation.identity());
                let mark = relation.comment.as_deref().and_then(Mark::parse);
                relations.marks.extend(mark.map(|mark| (name.clone(), mark)));
            }
            Ok(relations)
        })
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        self.call(|database| Ok(database.get(relation).map(|found| Standing::plain(found.kind()))))
    }

    /// Those that all of a test's models have, and of a history its own.
    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        let is_time = |name: &str| OWN.contains(&name) && (name.contains("valid") || name.contains("updated"));
        let column =
            |name: &str| Column { name: name.into(), r#type: if is_time(name) { "timestamp" } else { "text" }.into() };
        self.call(|database| {
            let Some(found) = database.get(relation) else { return Ok(Vec::new()) };
            let history = matches!(found.stored, Stored::History(_));
            Ok(["own", "more"].into_iter().chain(OWN.into_iter().filter(|_| history)).map(column).collect())
        })
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        self.call(|database| Ok(database.get(built.relation).map(|found| found.identity())))
    }

    fn catalog(&mut self, _schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        Ok(Vec::new())
    }
}

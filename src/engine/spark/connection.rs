//! What one session of the server does, and what it tells of the catalog.

use super::error::Failure;
use super::handle::SparkConnection;
use super::load;
use crate::dialect::{Dialect, Statement};
use crate::engine::claim::{self, Lost};
use crate::engine::seed::size;
use crate::engine::spark_sql::{explain, explained, told};
use crate::engine::{
    CatalogRelation, Claim, Connection, Content, DataVersion, EngineError, ErrorKind, Estimate, Interrupt, JustBuilt,
    Lent, Load, Measures, Observe, Relations, SchemaName, Standing, TakeBatch,
};
use crate::name::RelationName;
use crate::plan::{Column, Identity};
use arrow::array::AsArray;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What Spark calls it when it looks for files that were there before.
const FILES_GONE: &str = "[FAILED_READ_FILE.FILE_NOT_EXIST]";

/// The temporary view that a Python model leaves its DataFrame as.
const FRAME: &str = "_ff_frame";

/// A query of a model, or with values, between brackets.
fn bracketed(dialect: &dyn Dialect, query: &Statement) -> Statement {
    let text = dialect.without_terminator(&query.text);
    let around = Statement::bracketed("", &text);
    let start = around.query.clone().map_or(0, |within| within.start);
    let within = query.query.clone().unwrap_or(0..text.len());
    Statement { query: Some(start + within.start..start + within.end), values: query.values.clone(), ..around }
}

impl Connection for SparkConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.lost.check()?;
        self.go_home_for(statement)?;
        let ran = self.send(statement)?;
        match &statement.makes {
            Some(table) => Ok(ran.and(self.count(table)?)),
            None => Ok(ran),
        }
    }

    // Every value comes as it is.
    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.go_home_for(query)?;
        let statement = bracketed(self.dialect(), query);
        let mut taken = false;
        let read = self.select(&statement, &mut |batch| {
            taken = true;
            take(batch)
        });
        match read {
            // Another session has made the table anew, of whose files this one has kept a list.
            Err(error) if !taken && error.message.starts_with(FILES_GONE) => {
                self.client.renew().map_err(Failure::of_ours)?;
                self.select(&statement, take)
            }
            read => read,
        }
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.lost.check()?;
        // The view of each batch is the session's own.
        self.client.pin(true);
        let loaded = load::load(self, load);
        self.client.pin(false);
        loaded
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => {
                let statement = explain(&self.dialect().without_terminator(query));
                self.go_home_for(&statement)?;
                let mut plan = String::new();
                self.select(&statement, &mut |batch| {
                    let texts = batch.column(0).as_string_opt::<i32>();
                    plan.extend(texts.into_iter().flatten().flatten());
                    Ok(())
                })?;
                explained(&plan).map_err(|words| told(&words, None, &statement))
            }
            Content::Seed(content) => Ok(Some(Estimate::of_file(content.path, size(content)?))),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        self.client.interrupt()
    }
}

impl Observe for SparkConnection {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        let (settings, home, lost) = (self.settings.clone(), self.home.clone(), self.lost.clone());
        let connect = || -> claim::Connect {
            let (settings, home) = (settings.clone(), home.clone());
            Box::new(move || {
                let connection = SparkConnection::new(settings.clone(), home.clone(), Lost::default())?;
                Ok(Box::new(connection) as Box<dyn Connection>)
            })
        };
        let dialect = Arc::new(settings.dialect.clone());
        Ok(match claim::claim_home(self, dialect, &home, project, &connect, &lost)? {
            Ok(hold) => {
                self.hold = Some(hold);
                // A session goes on reading the files of a table that it has read before, whatever others have added.
                self.client.renew().map_err(Failure::of_ours)?;
                Claim::Held
            }
            Err(taken) => taken,
        })
    }

    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        for (catalog, schema) in schemas {
            let database = self.database(catalog, schema);
            self.send(&format!("create database if not exists {database}").into())?;
        }
        Ok(())
    }

    fn relations(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        let mut relations = Relations { home: self.home.clone(), ..Relations::default() };
        for (catalog, schema) in schemas {
            for (name, described) in self.show(catalog, schema, "*")? {
                relations.found.insert(name.clone(), described.kind());
                relations.identity.extend(described.identity().map(|identity| (name.clone(), identity)));
                relations.marks.extend(described.mark.map(|mark| (name, mark)));
            }
        }
        Ok(relations)
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        Ok(self.describe(relation)?.map(|described| {
            let kind = described.kind();
            Standing { format: described.format, ..Standing::plain(kind) }
        }))
    }

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        let described = self.describe(relation)?.map(|described| described.columns).unwrap_or_default();
        Ok(described.into_iter().map(|(name, r#type)| Column { name, r#type }).collect())
    }

    fn identify(&mut self, built: &JustBuilt<'_>) -> Result<Option<Identity>, EngineError> {
        Ok(self.describe(built.relation)?.and_then(|described| described.identity()))
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        let mut found = Vec::new();
        let wanted: BTreeSet<_> = schemas.iter().map(|schema| self.home.schema(schema)).collect();
        for (catalog, schema) in wanted {
            let shown = self.show(&catalog, &schema, "*")?;
            found.extend(shown.into_iter().map(|(relation, described)| CatalogRelation {
                relation,
                kind: described.kind(),
                rows: described.rows,
                bytes: described.bytes,
                columns: described.columns,
            }));
        }
        Ok(found)
    }

    fn lend(&mut self) -> Result<Option<Lent>, EngineError> {
        self.lost.check()?;
        self.go_home()?;
        self.client.lend();
        Ok(Some(Lent { address: self.settings.address(&self.client.session_id()), view: FRAME }))
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        match self.version(relation) {
            Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
            version => version,
        }
    }
}

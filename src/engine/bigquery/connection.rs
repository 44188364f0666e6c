//! What one connection does, and what it tells of the project.

use super::handle::BigQueryConnection;
use super::{load, relations, version};
use crate::dialect::{BigQuery, Statement};
use crate::engine::claim::{self, Place, Pulse};
use crate::engine::seed;
use crate::engine::{
    CatalogRelation, Claim, Condition, Connection, Content, DataVersion, EngineError, ErrorKind, Estimate, Home,
    Interrupt, Load, Measures, Observe, Relations, SchemaName, Standing, TakeBatch,
};
use crate::name::RelationName;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Connection for BigQueryConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.send(statement)
    }

    // Every value comes as it is, or not at all.
    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.take(query, take)
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.shared.lost.check()?;
        load::load(self, load)
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => self.estimate(query).map(Some),
            Content::Seed(content) => Ok(Some(Estimate::of_file(content.path, seed::size(content)?))),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn limit(&mut self, bytes: Option<u64>) {
        (self.most, self.planned) = (bytes, None);
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(self.stop.clone())
    }
}

impl Observe for BigQueryConnection {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        let Home { catalog, schema, .. } = self.shared.home.clone();
        let place = || Place {
            dialect: Arc::new(BigQuery),
            catalog: catalog.clone(),
            schema: schema.clone(),
            project: project.into(),
        };
        let (shared, lost) = (self.shared.clone(), self.shared.lost.clone());
        let connect = move || -> claim::Connect {
            let shared = shared.clone();
            Box::new(move || Ok(Box::new(BigQueryConnection::new(shared.clone())) as Box<dyn Connection>))
        };
        let mut claimed = claim::claim(self, place(), connect(), &lost, Pulse::default());
        if claimed.as_ref().is_err_and(|error| error.is(Condition::NoSuchRelation)) {
            // The first run of all: there is no dataset yet.
            self.make_schemas(&[(catalog.clone(), schema.clone())].into())?;
            claimed = claim::claim(self, place(), connect(), &lost, Pulse::default());
        }
        match claimed? {
            Ok(hold) => {
                self.hold = Some(hold);
                Ok(Claim::Held)
            }
            Err(taken) => Ok(taken),
        }
    }

    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        relations::make_datasets(self, schemas)
    }

    fn relations(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<Relations, EngineError> {
        relations::all(self, schemas)
    }

    fn standing(&mut self, relation: &RelationName) -> Result<Option<Standing>, EngineError> {
        relations::standing(self, relation)
    }

    fn catalog(&mut self, schemas: &BTreeSet<SchemaName>) -> Result<Vec<CatalogRelation>, EngineError> {
        relations::described(self, schemas)
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        match version::of(self, relation) {
            Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
            other => other,
        }
    }
}

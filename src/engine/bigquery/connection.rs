//! What one connection does, and what it tells of the project.

use super::handle::BigQueryConnection;
use super::{load, relations, version};
use crate::dialect::{BigQuery, Statement};
use crate::engine::claim;
use crate::engine::seed;
use crate::engine::{
    CatalogRelation, Claim, Connection, Content, DataVersion, EngineError, ErrorKind, Estimate, Interrupt, Load,
    Measures, Observe, Relations, SchemaName, Standing, TakeBatch,
};
use crate::name::RelationName;
use crate::plan::Column;
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
        let shared = self.shared.clone();
        let connect = || -> claim::Connect {
            let shared = shared.clone();
            Box::new(move || Ok(Box::new(BigQueryConnection::new(shared.clone())) as Box<dyn Connection>))
        };
        let claimed = claim::claim_home(self, Arc::new(BigQuery), &shared.home, project, &connect, &shared.lost)?;
        Ok(match claimed {
            Ok(hold) => {
                self.hold = Some(hold);
                Claim::Held
            }
            Err(taken) => taken,
        })
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

    fn columns(&mut self, relation: &RelationName) -> Result<Vec<Column>, EngineError> {
        relations::columns(self, relation)
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

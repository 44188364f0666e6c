//! What one connection does, and what it tells of the warehouse.

use super::handle::DatabricksConnection;
use super::{load, relations};
use crate::dialect::Statement;
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

impl Connection for DatabricksConnection {
    fn run(&mut self, statement: &Statement) -> Result<Measures, EngineError> {
        self.send(statement)
    }

    // Every value comes as it is, or not at all.
    fn rows(&mut self, query: &Statement, _exactly: bool, take: TakeBatch<'_>) -> Result<(), EngineError> {
        self.take(query, take)
    }

    fn load(&mut self, load: &Load<'_>) -> Result<Measures, EngineError> {
        self.shared.lost.check()?;
        self.last = None;
        load::load(self, load)
    }

    fn dry_run(&mut self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        match content {
            Content::Query(query) => self.estimate(query),
            Content::Seed(content) => Ok(Some(Estimate::of_file(content.path, seed::size(content)?))),
            Content::Arrow { .. } => Ok(None),
        }
    }

    fn interrupt(&self) -> Arc<dyn Interrupt> {
        Arc::new(self.stop.clone())
    }
}

impl Observe for DatabricksConnection {
    fn claim(&mut self, project: &str) -> Result<Claim, EngineError> {
        let shared = self.shared.clone();
        let connect = || -> claim::Connect {
            let shared = shared.clone();
            Box::new(move || Ok(Box::new(DatabricksConnection::new(shared.clone())) as Box<dyn Connection>))
        };
        let claimed = claim::claim_home(self, Arc::new(shared.dialect), &shared.home, project, &connect, &shared.lost)?;
        Ok(match claimed {
            Ok(hold) => {
                self.hold = Some(hold);
                Claim::Held
            }
            Err(taken) => taken,
        })
    }

    fn make_schemas(&mut self, schemas: &BTreeSet<(String, String)>) -> Result<(), EngineError> {
        relations::make_schemas(self, schemas)
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

    fn measured(&mut self, _relation: &RelationName) -> Measures {
        let (measures, Some(last)) = (Measures::default(), self.last.take()) else { return Measures::default() };
        if let Some(bytes) = self.read_bytes(&last.statement) {
            return measures.with_bytes(bytes);
        }
        match last.query.and_then(|query| self.estimate(&query).ok().flatten()) {
            Some(estimate) => measures.with_estimated_bytes(estimate.bytes()),
            None => measures,
        }
    }

    fn data_version(&mut self, relation: &RelationName) -> Result<DataVersion, EngineError> {
        match relations::version(self, relation) {
            Err(error) if error.kind == ErrorKind::Statement => Ok(DataVersion::unreadable()),
            other => other,
        }
    }
}

//! Databricks: a SQL warehouse over the workspace's own interface for statements, files and the history of queries.
//!
//! Each request is a session of its own there: nothing is set, and names without a schema are told with each. A relation is
//! replaced by one statement that marks it, and the mark counts.

mod api;
mod connection;
mod error;
mod handle;
mod load;
mod relations;
mod rows;
mod settings;
mod statement;
#[cfg(test)]
mod tests;

use super::claim::Lost;
use super::recipe::Recipe;
use super::spark_sql::Stored;
use super::{Access, Bound, Claims, Degree, Driver, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{Dialect, LetterCase};
use crate::project::Project;
use crate::world::World;
use api::Api;
use handle::{DatabricksConnection, Shared};
use settings::Settings;
use std::sync::Arc;

const NAME: &str = "databricks";

/// The warehouse of one profile.
struct DatabricksDriver {
    /// `host/catalog/schema`
    shown: String,
    shared: Arc<Shared>,
}

/// Takes the warehouse that the profile names. Nothing is sent yet: a warehouse that sleeps is woken by the first
/// statement.
pub(super) fn open(world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Driver>, EngineError> {
    Ok(Box::new(DatabricksDriver::new(Settings::read(world, project)?)))
}

impl DatabricksDriver {
    fn new(settings: Settings) -> DatabricksDriver {
        let host = settings.host.host_str().unwrap_or_default();
        let (catalog, schema) = (settings.catalog.clone(), settings.schema.clone());
        let shown = format!("{host}/{catalog}/{schema}");
        let dialect = settings.dialect;
        let home = Home { catalogs: vec![catalog.clone()], catalog, schema, letter_case: LetterCase::Ignored };
        let shared = Shared::new(Api::new(settings), dialect, home, Lost::default());
        DatabricksDriver { shown, shared: Arc::new(shared) }
    }

    fn connect_to(&self) -> DatabricksConnection {
        DatabricksConnection::new(self.shared.clone())
    }
}

impl Driver for DatabricksDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(self.shared.dialect)
    }

    // Developers of one warehouse have schemas of their own, each with its ledger.
    fn target(&self) -> String {
        format!("{NAME}:{}", self.shown)
    }

    fn traits(&self) -> Traits {
        Traits {
            replaces: Replaces::Statement,
            keeping: Keeping::OnRelation,
            views: Bound::ByName,
            exclusive: false,
            by_schema: true,
            deletes_rows: true,
            measures_reads: true,
            estimates: Degree::Can,
            row_digest: Degree::NotYet("would have to read each table again for that, which costs as much as it saves"),
            data_versions: Degree::Can,
            increments: Degree::Can,
            shows_statements: true,
            claims: Claims::ToWrite,
            // A warehouse takes ten at a time, and its connections cost nothing.
            jobs: Jobs { usual: Some(8), most: None },
        }
    }

    fn home(&self) -> Home {
        self.shared.home.clone()
    }

    fn recipe(&self) -> Arc<dyn Recipe> {
        Arc::new(Stored::default())
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        Ok(Box::new(self.connect_to()))
    }
}

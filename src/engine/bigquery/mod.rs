//! BigQuery: one project, over the service's own interface for jobs, tables and datasets.
//!
//! A statement is a job under a name of its own, by which the service knows it again. A relation is replaced by one
//! statement that marks it in its labels, and the mark counts.

mod account;
mod answer;
mod api;
mod connection;
mod error;
mod handle;
mod job;
mod load;
mod recipe;
mod relations;
mod rows;
mod settings;
mod stored;
#[cfg(test)]
mod tests;
mod version;

use super::recipe::Recipe;
use super::{Access, Bound, Claims, Degree, Driver, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{BigQuery, Dialect, LetterCase};
use crate::project::Project;
use crate::world::World;
use handle::{BigQueryConnection, Shared};
use settings::Settings;
use std::sync::Arc;

const NAME: &str = "bigquery";

/// The project of one profile.
struct BigQueryDriver {
    shared: Arc<Shared>,
    notes: Vec<String>,
}

/// Takes the project that the profile names. Nothing is sent yet.
pub(super) fn open(world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Driver>, EngineError> {
    Ok(Box::new(BigQueryDriver::new(Settings::read(world, project)?)))
}

impl BigQueryDriver {
    fn new(mut settings: Settings) -> BigQueryDriver {
        let (catalog, schema) = (settings.project.clone(), settings.dataset.clone());
        let home = Home { catalogs: vec![catalog.clone()], catalog, schema, letter_case: LetterCase::Kept };
        let notes = std::mem::take(&mut settings.notes);
        BigQueryDriver { shared: Arc::new(Shared::new(&mut settings, home)), notes }
    }

    fn connect_to(&self) -> BigQueryConnection {
        BigQueryConnection::new(self.shared.clone())
    }
}

impl Driver for BigQueryDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(BigQuery)
    }

    // Developers of one project have datasets of their own, each with its ledger.
    fn target(&self) -> String {
        let Home { catalog, schema, .. } = &self.shared.home;
        format!("{NAME}:{catalog}/{schema}")
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
            claims: Claims::First,
            // Statements of a project run side by side, and connections to it cost nothing.
            jobs: Jobs { usual: Some(8), most: None },
        }
    }

    fn home(&self) -> Home {
        self.shared.home.clone()
    }

    fn recipe(&self) -> Arc<dyn Recipe> {
        Arc::new(recipe::Laid(super::recipe::by_traits(&self.traits())))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        Ok(Box::new(self.connect_to()))
    }
}

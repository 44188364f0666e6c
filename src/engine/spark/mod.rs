//! Spark by Spark Connect: a session of the server for each session of fft.
//!
//! What a table of Parquet files holds is told by a property that stands in the statement which makes it. A new table is
//! made beside, what stands is dropped, the name is given: old rows under the old mark, nothing, new rows under the new
//! one. Where the format of tables can replace one in one statement, that is done. Every session counts time in UTC and
//! refuses what the standard refuses (`spark.sql.ansi.enabled`).

mod client;
mod connection;
mod error;
mod handle;
mod load;
mod relation;
mod settings;
#[cfg(test)]
mod tests;

use super::claim::Lost;
use super::recipe::Recipe;
use super::spark_sql::Stored;
use super::{Access, Bound, Claims, Degree, Driver, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{Dialect, LetterCase};
use crate::project::Project;
use crate::world::World;
use handle::SparkConnection;
use settings::Settings;
use std::sync::Arc;

/// The catalog of one profile.
struct SparkDriver {
    settings: Arc<Settings>,
    /// What all connections must know of the claim.
    lost: Lost,
}

/// Finds the server that the profile names.
pub(super) fn open(_world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Driver>, EngineError> {
    let settings = Settings::read(project)?;
    client::reach(&settings)?;
    Ok(Box::new(SparkDriver { settings: Arc::new(settings), lost: Lost::default() }))
}

impl Driver for SparkDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(self.settings.dialect.clone())
    }

    fn target(&self) -> String {
        let Settings { shown, catalog, database, .. } = &*self.settings;
        format!("spark:{shown}/{catalog}/{database}")
    }

    fn traits(&self) -> Traits {
        let swaps = self.settings.swaps();
        Traits {
            replaces: if swaps { Replaces::Swap } else { Replaces::Statement },
            keeping: Keeping::OnRelation,
            views: Bound::ByName,
            exclusive: false,
            by_schema: true,
            deletes_rows: !swaps,
            measures_reads: false,
            estimates: Degree::Can,
            row_digest: Degree::NotYet("doesn't tell yet whether two tables hold the same rows"),
            data_versions: Degree::Can,
            increments: Degree::NotYet("isn't extended by fft yet"),
            shows_statements: true,
            claims: Claims::ToWrite,
            jobs: Jobs::OF_THIS_MACHINE,
        }
    }

    fn home(&self) -> Home {
        let Settings { catalog, database, .. } = &*self.settings;
        Home {
            catalog: catalog.clone(),
            schema: database.clone(),
            letter_case: LetterCase::Ignored,
            catalogs: vec![catalog.clone()],
        }
    }

    fn recipe(&self) -> Arc<dyn Recipe> {
        Arc::new(Stored::default())
    }

    fn notes(&self) -> Vec<String> {
        self.settings.notes.clone()
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        Ok(Box::new(SparkConnection::new(self.settings.clone(), self.home(), self.lost.clone())?))
    }
}

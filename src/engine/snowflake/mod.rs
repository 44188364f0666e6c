//! Snowflake: an account over its own interface for statements (SQL API v2).
//!
//! Each request is a session of its own there: database, warehouse, role and time zone are told with each. A relation is
//! replaced by one statement that marks it in its comment, and the mark counts.
//!
//! | file | what it holds |
//! |---|---|
//! | `settings` | the profile's section |
//! | `identity` | who asks: signed tokens of a key pair, or an access token |
//! | `api`, `answer` | requests, and what is told |
//! | `statement` | one statement to its end |
//! | `error` | what the account says, as errors with their place |
//! | `rows`, `value` | rows of results as Arrow |
//! | `load`, `text` | rows in memory and seeds into tables, as texts in bindings |
//! | `names` | names as the account has them |
//! | `relations`, `explain` | what stands there, and what a query would read |

mod answer;
mod api;
mod connection;
mod error;
mod explain;
mod handle;
mod identity;
mod load;
mod names;
mod relations;
mod rows;
mod settings;
mod statement;
#[cfg(test)]
mod tests;
mod text;
mod value;

use super::claim::Lost;
use super::{Access, Bound, Claims, Degree, Driver, EngineError, Home, Jobs, Keeping, Observe, Replaces, Traits};
use crate::dialect::{Dialect, LetterCase, Snowflake};
use crate::project::Project;
use crate::world::World;
use api::Api;
use handle::{Shared, SnowflakeConnection};
use settings::Settings;
use std::sync::Arc;

const NAME: &str = "snowflake";

/// What is told where a profile names Snowpark.
const NO_SNOWPARK: &str = "the profile's engine is called `snowflake_snowpark`, and there is no Snowpark in fft: SQL models \
     are statements that Snowflake runs, Python models run beside fft, on rows that they are given and give back";

/// The account of one profile.
struct SnowflakeDriver {
    /// `account/database/schema`
    shown: String,
    shared: Arc<Shared>,
    notes: Vec<String>,
}

/// Takes the account that the profile names. Nothing is sent yet: a warehouse that sleeps is woken by the first statement.
pub(super) fn open(world: &dyn World, project: &Project, _access: Access) -> Result<Box<dyn Driver>, EngineError> {
    Ok(Box::new(SnowflakeDriver::new(Settings::read(world, project)?)))
}

impl SnowflakeDriver {
    fn new(settings: Settings) -> SnowflakeDriver {
        let (catalog, schema) = (settings.database.clone(), settings.schema.clone());
        let shown = format!("{}/{catalog}/{schema}", settings.account.to_lowercase());
        let notes = settings.snowpark.then(|| NO_SNOWPARK.to_string()).into_iter().collect();
        let home =
            Home { catalogs: vec![catalog.clone()], catalog, schema: schema.clone(), letter_case: LetterCase::Raised };
        let makes_schemas = settings.makes_schemas;
        let shared = Shared { api: Arc::new(Api::new(settings)), home, lost: Lost::default(), makes_schemas };
        SnowflakeDriver { shown, shared: Arc::new(shared), notes }
    }

    fn connect_to(&self) -> SnowflakeConnection {
        SnowflakeConnection::new(self.shared.clone())
    }
}

impl Driver for SnowflakeDriver {
    fn dialect(&self) -> Arc<dyn Dialect> {
        Arc::new(Snowflake)
    }

    // Developers of one database have schemas of their own, each with its ledger.
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
            claims: Claims::First,
            // A warehouse runs eight at a time, and connections cost nothing.
            jobs: Jobs { usual: Some(8), most: None },
        }
    }

    fn home(&self) -> Home {
        self.shared.home.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn connect(&self) -> Result<Box<dyn Observe>, EngineError> {
        Ok(Box::new(self.connect_to()))
    }
}

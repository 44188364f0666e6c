//! The `postgres:` section of a profile, checked.

use super::dsn::{Dsn, Problem};
use super::tls;
use crate::dialect::{Dialect, Postgres};
use crate::engine::EngineError;
use crate::engine::section::{Section, wrong};
use crate::project::Project;
use crate::world::World;
use ::postgres::Config;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

const KEYS: &[&str] = &["dsn", "db_schema", "schema"];

/// Where the password is looked for that the connection string leaves out, as by Postgres's own programs.
const PASSWORD: &str = "PGPASSWORD";

/// How long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is and how to reach it.
pub(super) struct Settings {
    pub config: Config,
    pub tls: MakeRustlsConnect,
    /// `host:port/database`.
    pub shown: String,
    /// What names without a schema stand for.
    pub schema: String,
}

impl Settings {
    pub fn read(world: &dyn World, project: &Project) -> Result<Settings, EngineError> {
        let at = &project.profile.at;
        let section = Section::new(&project.profile.settings, Postgres.name(), KEYS, at)?;
        let Some(text) = section.text("dsn")? else {
            let hint = "set it to a URL such as `postgresql://user@host:5432/database`".to_string();
            return Err(wrong(at, "the profile has no `dsn`", Some(hint)));
        };
        let failed = |Problem { message, hint }| wrong(at, format!("`dsn` can't be read: {message}"), hint);
        let mut dsn = Dsn::parse(&text).map_err(failed)?;
        let shown = dsn.shown();
        if let (None, Some(problem)) = (dsn.config.get_password(), project.env.problem(PASSWORD)) {
            return Err(wrong(at, problem, None));
        }
        if let (None, Some(password)) = (dsn.config.get_password(), project.env.get(PASSWORD)) {
            dsn.config.password(password);
        }
        if dsn.config.get_application_name().is_none() {
            dsn.config.application_name("fft");
        }
        if dsn.config.get_connect_timeout().is_none() {
            dsn.config.connect_timeout(PATIENCE);
        }
        let tls = tls::connector(world, project, &dsn)?;
        let schema = match section.text("db_schema")? {
            Some(schema) => schema,
            None => section.text("schema")?.unwrap_or_else(|| Postgres.default_schema().into()),
        };
        Ok(Settings { config: dsn.config, tls, shown, schema })
    }
}

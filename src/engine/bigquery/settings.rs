//! The `bigquery:` section of a profile, checked. What it leaves out is read from the variables that existing projects
//! have, `FF_BQ_PROJECT` and its like.

use super::account::{self, Account};
use crate::engine::EngineError;
use crate::engine::rest::{Clocks, Credentials, address, root};
use crate::engine::section::{Keys, Section, located, wrong};
use crate::project::Project;
use crate::world::{Clock, World};
use std::path::Path;
use url::Url;

const KEYS: &[&str] = &[
    "project",
    "dataset",
    "db_schema",
    "schema",
    "location",
    "credentials",
    "endpoint",
    "allow_create_dataset",
    "use_bigframes",
];

/// How the variables begin that stand for keys.
const VARIABLES: &str = "FF_BQ_";
/// The service.
const SERVICE: &str = "https://bigquery.googleapis.com";
/// Where Google's own tools find a file of credentials.
const CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// An emulator's address, as other tools have it. Nobody is asked there who fft is.
const EMULATOR: &str = "BIGQUERY_EMULATOR_HOST";
const MACHINE: &str = "GCE_METADATA_HOST";
/// Where a person's credentials are whom `gcloud` has let in, below the home folder.
const OF_A_PERSON: &str = ".config/gcloud/application_default_credentials.json";

/// Where the project is and who asks.
pub(super) struct Settings {
    /// The service, or what behaves as it.
    pub endpoint: Url,
    pub credentials: Credentials,
    pub project: String,
    /// What names without a dataset stand for.
    pub dataset: String,
    /// Where datasets are; `None` leaves it to the service.
    pub location: Option<String>,
    pub allow_create_dataset: bool,
    pub notes: Vec<String>,
    pub now: Clock,
}

impl Settings {
    pub fn read(world: &dyn World, project: &Project) -> Result<Settings, EngineError> {
        let at = &project.profile.at;
        let section = Section::new(&project.profile.settings, super::NAME, KEYS, at)?;
        let keys = Keys { section, project, variables: VARIABLES };
        let missing = |key: &str, hint: String| wrong(at, format!("the profile has no `{key}`"), Some(hint));
        let (endpoint, account) = keys.service(world)?;
        let project = keys.text("project")?.or(account.project);
        let project = project.ok_or_else(|| {
            missing("project", "set it, or FF_BQ_PROJECT, to the id of the project that is billed".into())
        })?;
        let mut dataset = keys.section.text("dataset")?;
        for key in ["db_schema", "schema"] {
            dataset = dataset.or(keys.section.text(key)?);
        }
        let dataset = dataset.or(keys.text("dataset")?).ok_or_else(|| {
            missing("dataset", "set it, or FF_BQ_DATASET, to the dataset that nodes are built in".into())
        })?;
        let notes = if keys.flag("use_bigframes")? { vec![BIGFRAMES.to_string()] } else { Vec::new() };
        Ok(Settings {
            endpoint,
            credentials: account.credentials,
            project,
            dataset,
            location: keys.text("location")?,
            allow_create_dataset: keys.flag("allow_create_dataset")?,
            notes,
            now: world.clock(),
        })
    }
}

/// What is told of a profile that asks for BigQuery DataFrames.
const BIGFRAMES: &str = "`use_bigframes` isn't used: Python models run on this machine, in fft's own worker, and get \
                         their inputs as tables of rows";

impl Keys<'_> {
    /// Where the service is, and who asks it.
    fn service(&self, world: &dyn World) -> Result<(Url, Account), EngineError> {
        let at = self.section.at;
        let (endpoint, emulator) = (self.text("endpoint")?, self.variable(EMULATOR));
        if let (None, Some(host)) = (&endpoint, emulator) {
            let text = if host.contains("://") { host } else { format!("http://{host}") };
            let url = Url::parse(&text).map_err(|_| wrong(at, format!("{EMULATOR} is no address"), None))?;
            // It takes whoever comes.
            let account = Account { credentials: Credentials::Fixed("emulator".into()), project: None };
            return Ok((root(&url), account));
        }
        let url = address(endpoint.as_deref().unwrap_or(SERVICE));
        let url = url.map_err(|words| wrong(at, format!("`endpoint` {words}"), None))?;
        Ok((root(&url), self.account(world)?))
    }

    fn account(&self, world: &dyn World) -> Result<Account, EngineError> {
        let at = self.section.at;
        let given = self.section.text("credentials")?;
        let named = given.map(|path| ("`credentials`", path));
        let named = named.or_else(|| self.variable(CREDENTIALS).map(|path| (CREDENTIALS, path)));
        let Some((what, path)) = named else {
            let home = self
                .variable("CLOUDSDK_CONFIG")
                .map(|folder| located(world, Path::new("/"), &folder).join("application_default_credentials.json"));
            let home = home.or_else(|| self.variable("HOME").map(|home| Path::new(&home).join(OF_A_PERSON)));
            return match home.and_then(|path| world.read(&path).ok()) {
                Some(text) => account::of_file(&text, Clocks::of(world))
                    .map_err(|words| wrong(at, format!("the file of credentials that `gcloud` made {words}"), None)),
                None => Ok(account::of_machine(self.variable(MACHINE).as_deref(), Clocks::of(world))),
            };
        };
        let text = world.read(&located(world, &self.project.root, &path)).map_err(|error| {
            let hint = "it is the path of a file, from the project's folder, the root or `~/`";
            wrong(at, format!("the file that {what} names can't be read: {error}"), Some(hint.into()))
        })?;
        account::of_file(&text, Clocks::of(world))
            .map_err(|words| wrong(at, format!("the file that {what} names {words}"), None))
    }
}

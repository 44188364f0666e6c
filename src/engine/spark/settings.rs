//! The `spark:` section of a profile, checked.

use crate::dialect::{Dialect, LAKE_FORMATS, Spark};
use crate::engine::EngineError;
use crate::engine::section::{Section, wrong};
use crate::project::Project;
use serde_json::Value;
use spark_connect_core::ChannelBuilder;

const KEYS: &[&str] = &[
    "master",
    "database",
    "db_schema",
    "schema",
    "catalog",
    "table_format",
    "table_options",
    "extra_conf",
    "app_name",
    "warehouse_dir",
    "use_hive_metastore",
];

/// The variable that says what tables are kept as, where the profile doesn't.
const TABLE_FORMAT: &str = "FF_DBR_TABLE_FORMAT";

/// Keys that say something about a server which fft would have to start.
const OF_THE_SERVER: [&str; 2] = ["warehouse_dir", "use_hive_metastore"];

/// The catalog that Spark has by itself.
const CATALOG: &str = "spark_catalog";

/// Whose sessions they are, where `master` doesn't say it.
const USER: &str = "fft";

/// Formats of Spark's own that hold all that a table of fft's own has.
const PLAIN: [&str; 3] = ["parquet", "orc", "avro"];

/// Where the server is, and how to speak with it.
pub(super) struct Settings {
    pub channel: ChannelBuilder,
    /// What `master` says, which may hold a token.
    master: String,
    /// `host:port`.
    pub shown: String,
    pub catalog: String,
    /// What names without a schema stand for.
    pub database: String,
    pub dialect: Spark,
    /// Spark's own settings of each session.
    pub configuration: Vec<(String, String)>,
    /// Settings that have no effect, in words.
    pub notes: Vec<String>,
}

impl Settings {
    pub fn read(project: &Project) -> Result<Settings, EngineError> {
        let at = &project.profile.at;
        let section = Section::new(&project.profile.settings, Spark::default().name(), KEYS, at)?;
        let (master, channel) = channel(&section)?;
        let shown = channel.endpoint();
        let mut database = None;
        for key in ["database", "db_schema", "schema"] {
            database = database.or(section.text(key)?);
        }
        let table_format = table_format(&section, project)?;
        let set = OF_THE_SERVER.into_iter().filter(|key| section.get(key).is_some());
        let notes = set.map(|key| format!("`{key}` has no effect: it belongs to the server's own configuration"));
        Ok(Settings {
            channel,
            master,
            shown,
            catalog: section.text("catalog")?.unwrap_or_else(|| CATALOG.into()),
            database: database.unwrap_or_else(|| Spark::default().default_schema().into()),
            dialect: Spark { table_format, table_options: pairs(&section, "table_options")? },
            configuration: pairs(&section, "extra_conf")?,
            notes: notes.collect(),
        })
    }

    /// The address of one session of the server, for a client in another language.
    pub fn address(&self, session: &str) -> String {
        let user = self.channel.user_id().unwrap_or_default();
        let master = self.master.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let in_clear = self.channel.token().is_some() && !self.channel.use_ssl();
        // Of all the names of this machine, Python's client sends a token in clear to this one alone.
        let host = if in_clear { "localhost" } else { self.channel.host() };
        let master = master.replacen(self.channel.host(), host, 1);
        let parameters = if master.contains(';') { "" } else { "/" };
        format!("{master}{parameters};user_id={user};session_id={session}")
    }

    /// Whether a table can't be replaced by one statement.
    pub fn swaps(&self) -> bool {
        !self.dialect.is_replaceable(&self.dialect.table_format)
    }
}

/// What tables are kept as.
fn table_format(section: &Section<'_>, project: &Project) -> Result<String, EngineError> {
    let variable = || project.env.get(TABLE_FORMAT).map(str::trim).filter(|value| !value.is_empty());
    let declared = section.text("table_format")?.map(|word| ("table_format", word));
    let told = declared.or_else(|| Some((TABLE_FORMAT, variable()?.to_string())));
    let Some((name, word)) = told else { return Ok(Spark::default().table_format) };
    let format = word.to_lowercase();
    if PLAIN.iter().chain(&LAKE_FORMATS).any(|known| *known == format) {
        return Ok(format);
    }
    let hint = format!("it is one of {}, {}", PLAIN.join(", "), LAKE_FORMATS.join(", "));
    Err(wrong(section.at, format!("`{name}` is `{word}`"), Some(hint)))
}

/// The connection that `master` describes; no error shows it, since it may hold a token.
fn channel(section: &Section<'_>) -> Result<(String, ChannelBuilder), EngineError> {
    let at = section.at;
    let hint =
        || Some("it is the address of a Spark Connect server: `sc://host:15002`, with `/;token=…` behind it".into());
    let Some(master) = section.text("master")? else { return Err(wrong(at, "the profile has no `master`", hint())) };
    if !master.starts_with("sc://") {
        return Err(wrong(at, "`master` doesn't begin with `sc://`", hint()));
    }
    let mut channel = ChannelBuilder::parse(&master).map_err(|_| wrong(at, "`master` can't be read", hint()))?;
    let agent = section.text("app_name")?.unwrap_or_else(|| format!("fft/{}", env!("CARGO_PKG_VERSION")));
    channel.set("user_agent", &agent);
    if channel.get("session_id").is_some() {
        let hint = "take it away: each worker of a run has a session of its own";
        return Err(wrong(at, "`master` names a session", Some(hint.into())));
    }
    // A session belongs to a user: without one, clients in other languages take that of the machine.
    let user = channel.user_id().unwrap_or(USER).to_string();
    channel.set("user_id", &user);
    if channel.token().is_some() && !channel.use_ssl() && !channel.is_loopback() {
        let hint = "write `use_ssl=true` into `master`: without it the token would go over the network in clear";
        return Err(wrong(at, "`master` has a token and doesn't use TLS", Some(hint.into())));
    }
    Ok((master, channel))
}

/// A mapping of names to scalars.
fn pairs(section: &Section<'_>, key: &str) -> Result<Vec<(String, String)>, EngineError> {
    let Some(value) = section.get(key) else { return Ok(Vec::new()) };
    let Value::Object(entries) = value else {
        return Err(wrong(section.at, format!("`{key}` is to be a mapping of names to values"), None));
    };
    let text = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
        _ => Err(wrong(section.at, format!("`{name}` in `{key}` is to be a text, a number or true or false"), None)),
    };
    entries.iter().map(text).collect()
}

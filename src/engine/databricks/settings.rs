//! The `databricks:` section of a profile, checked.

use crate::dialect::{Databricks, LAKE_FORMATS, LakeFormat};
use crate::engine::EngineError;
use crate::engine::rest::{Again, Ask, Clocks, Credentials, Issued, Sender, Stop, Tokens, address, root};
use crate::engine::section::{Keys, Section, wrong};
use crate::project::Project;
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::time::Duration;
use url::Url;

const KEYS: &[&str] = &[
    "host",
    "token",
    "client_id",
    "client_secret",
    "warehouse_id",
    "http_path",
    "catalog",
    "database",
    "db_schema",
    "schema",
    "table_format",
];

/// The variable that says what tables are, where the profile doesn't.
const TABLE_FORMAT: &str = "FF_DBR_TABLE_FORMAT";

/// What a path to a warehouse begins with.
const PATH: &str = "/sql/1.0/warehouses/";

/// The catalog and schema that there are in every workspace.
const CATALOG: &str = "main";
const SCHEMA: &str = "default";

/// Where the warehouse is and who asks it.
pub(super) struct Settings {
    /// The workspace.
    pub host: Url,
    pub credentials: Credentials,
    pub warehouse: String,
    pub catalog: String,
    /// What names without a schema stand for.
    pub schema: String,
    pub dialect: Databricks,
}

impl Settings {
    pub fn read(world: &dyn World, project: &Project) -> Result<Settings, EngineError> {
        let at = &project.profile.at;
        let section = Section::new(&project.profile.settings, super::NAME, KEYS, at)?;
        let missing = |key: &str, hint: &str| wrong(at, format!("the profile has no `{key}`"), Some(hint.into()));
        let host = section
            .text("host")?
            .ok_or_else(|| missing("host", "set it to the workspace's address, `https://….cloud.databricks.com`"))?;
        let host = address(&host).map(|url| root(&url)).map_err(|words| wrong(at, format!("`host` {words}"), None))?;
        let of_path = section.text("http_path")?.map(|path| {
            let id = path.split(PATH).nth(1).map(|id| id.trim_end_matches('/').to_string()).filter(|id| !id.is_empty());
            let hint = "copy it from the warehouse's connection details";
            id.ok_or_else(|| {
                wrong(at, format!("`http_path` isn't that of a SQL warehouse, `{PATH}…`"), Some(hint.into()))
            })
        });
        let warehouse = section.text("warehouse_id")?.map(Ok).or(of_path).transpose()?;
        let warehouse = warehouse.ok_or_else(|| {
            missing("warehouse_id", "set it, or `http_path`, from the warehouse's connection details")
        })?;
        let (token, client, secret) =
            (section.text("token")?, section.text("client_id")?, section.text("client_secret")?);
        let credentials = match (token, client, secret) {
            (Some(token), None, None) => Credentials::Fixed(token),
            (None, Some(client), Some(secret)) => {
                Credentials::Issued(tokens(&host, &client, &secret, Clocks::of(world)))
            }
            (None, None, None) => {
                return Err(missing("token", "set it to an access token, or set `client_id` and `client_secret`"));
            }
            (None, ..) => return Err(wrong(at, "`client_id` and `client_secret` are set together", None)),
            (Some(_), ..) => return Err(wrong(at, "both `token` and `client_id` say who asks; set one", None)),
        };
        let mut schema = None;
        for key in ["database", "db_schema", "schema"] {
            schema = schema.or(section.text(key)?);
        }
        let lower = |name: Option<String>, usual: &str| name.unwrap_or_else(|| usual.into()).to_lowercase();
        let (catalog, schema) = (lower(section.text("catalog")?, CATALOG), lower(schema, SCHEMA));
        let dialect = Databricks { table_format: table_format(&Keys { section, project, variables: "" })? };
        Ok(Settings { host, credentials, warehouse, catalog, schema, dialect })
    }
}

/// What tables are.
fn table_format(keys: &Keys<'_>) -> Result<LakeFormat, EngineError> {
    let declared = keys.section.text("table_format")?.map(|word| ("table_format", word));
    let Some((name, word)) = declared.or_else(|| Some((TABLE_FORMAT, keys.variable(TABLE_FORMAT)?))) else {
        return Ok(LakeFormat::default());
    };
    LakeFormat::parse(&word.to_lowercase()).ok_or_else(|| {
        let hint = format!("it is one of {}", LAKE_FORMATS.join(", "));
        wrong(keys.section.at, format!("`{name}` is `{word}`"), Some(hint))
    })
}

/// Tokens of a service principal.
fn tokens(host: &Url, client: &str, secret: &str, clocks: Clocks) -> Tokens {
    let url = host.join("oidc/v1/token").expect("invariant: a path is joined to an address");
    let basic = format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")));
    let body = b"grant_type=client_credentials&scope=all-apis".to_vec();
    let ask = Ask { again: Again::Always, ..Ask::get(url) }
        .with_body("POST", "application/x-www-form-urlencoded", body)
        .with_header("authorization", basic);
    Tokens::new(clocks, move |sender: &Sender, stop: &Stop| {
        let answer = sender.send(&ask, stop)?;
        let issued: Option<Answer> = serde_json::from_slice(&answer.body).ok();
        match issued.filter(|_| answer.status == 200) {
            Some(told) => Ok(Issued { token: told.access_token, life: Duration::from_secs(told.expires_in) }),
            None => Err(super::error::no_token(answer.status)),
        }
    })
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default = "an_hour")]
    expires_in: u64,
}

fn an_hour() -> u64 {
    3600
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Settings, EngineError> {
        Settings::read(&MemoryWorld::new(), &crate::project::testing::empty().settings(settings))
    }

    #[test]
    fn a_warehouse_is_named_by_its_number_or_its_path() {
        for settings in [
            json!({"host": "adb-1.azuredatabricks.net", "token": "t", "warehouse_id": "abc", "database": "Sales"}),
            json!({"host": "https://adb-1.azuredatabricks.net/?o=1", "token": "t", "http_path": "/sql/1.0/warehouses/abc", "schema": "sales"}),
        ] {
            let read = read(settings).unwrap();
            assert_eq!(read.host.as_str(), "https://adb-1.azuredatabricks.net/");
            assert_eq!(read.dialect, Databricks::DELTA);
            assert_eq!(
                (read.warehouse.as_str(), read.catalog.as_str(), read.schema.as_str()),
                ("abc", "main", "sales")
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_secrets() {
        let whole = json!({"host": "h.example", "token": "hunter2", "warehouse_id": "abc"});
        let with = |key: &str, value: Value| {
            let mut settings = whole.clone();
            settings[key] = value;
            settings
        };
        for (settings, expected) in [
            (with("host", json!("")), "the profile has no `host`"),
            (with("host", json!("http://h.example")), "`host` is to begin with `https://`"),
            (with("host", json!("https://me:hunter2@h.example")), "`host` is to have no user in it"),
            (with("warehouse_id", json!("")), "the profile has no `warehouse_id`"),
            (
                json!({"host": "h", "token": "hunter2", "http_path": "/sql/protocolv1/o/1/2"}),
                "`http_path` isn't that of a SQL warehouse",
            ),
            (with("token", json!("")), "the profile has no `token`"),
            (with("client_id", json!("me")), "both `token` and `client_id`"),
            (
                json!({"host": "h", "warehouse_id": "a", "client_secret": "hunter2"}),
                "`client_id` and `client_secret` are set together",
            ),
            (with("tokn", json!("hunter2")), "unknown key `tokn`"),
            (with("table_format", json!("parquet")), "`table_format` is `parquet`"),
        ] {
            let error = read(settings.clone()).err().unwrap_or_else(|| panic!("{settings}"));
            assert!(error.message.starts_with(expected), "{settings}: {error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let settings = json!({"host": "http://127.0.0.1:80", "token": "t", "warehouse_id": "a"});
        assert_eq!(read(settings.clone()).unwrap().dialect, Databricks::DELTA);
        let project = |word: &str| {
            crate::project::testing::empty().settings(settings.clone()).variable("FF_DBR_TABLE_FORMAT", word)
        };
        let read = |word: &str| Settings::read(&MemoryWorld::new(), &project(word));
        assert_eq!(read("Iceberg").unwrap().dialect.table_format, LakeFormat::Iceberg);
        let told = read("parquet").err().unwrap().to_string();
        assert!(told.contains("`FF_DBR_TABLE_FORMAT` is `parquet`"), "{told}");
    }
}

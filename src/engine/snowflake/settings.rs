//! The `snowflake:` section of a profile, checked. What it leaves out is read from the variables that existing projects
//! have, `FF_SF_ACCOUNT` and its like.

use super::identity::Identity;
use super::names::{declared, written};
use crate::engine::EngineError;
use crate::engine::rest::{Clocks, Key, address, root};
use crate::engine::section::{Keys, Section, located, wrong};
use crate::project::Project;
use crate::world::World;
use url::Url;

const KEYS: &[&str] = &[
    "account",
    "user",
    "private_key_path",
    "token",
    "password",
    "warehouse",
    "database",
    "schema",
    "db_schema",
    "role",
    "host",
    "allow_create_schema",
];

/// How a project that has known Snowpark calls the engine.
const SNOWPARK: &str = "snowflake_snowpark";

/// How the variables begin that stand for keys.
const VARIABLES: &str = "FF_SF_";
const SCHEMA: &str = "public";
/// The key that says whether schemas that are missing may be made.
const MAKES: &str = "allow_create_schema";
const DOMAIN: &str = "snowflakecomputing.com";

/// Where the account is and who asks it.
pub(super) struct Settings {
    pub account: String,
    pub host: Url,
    pub identity: Identity,
    /// As fft writes it, like the schema.
    pub database: String,
    /// What names without a schema stand for.
    pub schema: String,
    /// As the account has it, like the role.
    pub warehouse: Option<String>,
    pub role: Option<String>,
    pub makes_schemas: bool,
    /// The profile calls the engine by Snowpark's name.
    pub snowpark: bool,
}

impl Settings {
    pub fn read(world: &dyn World, project: &Project) -> Result<Settings, EngineError> {
        let at = &project.profile.at;
        let section = Section::new(&project.profile.settings, super::NAME, KEYS, at)?;
        let keys = Keys { section, project, variables: VARIABLES };
        let required = |key: &str, hint: &str| {
            let missing = || wrong(at, format!("the profile has no `{key}`"), Some(hint.into()));
            keys.text(key)?.ok_or_else(missing)
        };
        if keys.section.text("password")?.is_some() {
            let hint = "set `private_key_path` to the private key of a key pair whose public key is the user's \
                        (`alter user … set rsa_public_key = '…'`), or `token` to a programmatic access token";
            return Err(wrong(at, "Snowflake's SQL API, which fft speaks, takes no `password`", Some(hint.into())));
        }
        let account = required("account", "set it to the account's identifier, `organization-account`")?;
        let host = match keys.text("host")? {
            Some(host) => address(&host).map(|url| root(&url)).map_err(|words| ("host", words)),
            None => of_account(&account),
        };
        let host = host.map_err(|(key, words)| wrong(at, format!("`{key}` {words}"), None))?;
        let database = required("database", "set it to the database that nodes are built in")?;
        let mut schema = None;
        for key in ["db_schema", "schema"] {
            schema = schema.or(keys.section.text(key)?);
        }
        let schema = schema.or(keys.text("schema")?).unwrap_or_else(|| SCHEMA.into());
        let written =
            |key: &str, name: &str| written(name).map_err(|words| wrong(at, format!("`{key}` {words}"), None));
        let named = |key: &str| Ok::<_, EngineError>(keys.text(key)?.map(|name| declared(&name)));
        Ok(Settings {
            identity: identity(world, &keys, &account)?,
            database: written("database", &database)?,
            schema: written("schema", &schema)?,
            account,
            host,
            warehouse: named("warehouse")?,
            role: named("role")?,
            makes_schemas: keys.text(MAKES)?.is_none() || keys.flag(MAKES)?,
            snowpark: project.profile.called == SNOWPARK,
        })
    }
}

/// Who asks: a user with a private key, or whoever holds a token.
fn identity(world: &dyn World, keys: &Keys<'_>, account: &str) -> Result<Identity, EngineError> {
    let (at, project) = (keys.section.at, keys.project);
    let (path, token) = (keys.section.text("private_key_path")?, keys.section.text("token")?);
    // What the section says counts; of variables both may be there.
    let (path, token) = match (path, token) {
        (None, None) => {
            let path = keys.text("private_key_path")?;
            let token = if path.is_none() { keys.text("token")? } else { None };
            (path, token)
        }
        declared => declared,
    };
    let path = match (path, token) {
        (None, Some(token)) => return Ok(Identity::of_token(token)),
        (Some(path), None) => path,
        (Some(_), Some(_)) => {
            return Err(wrong(at, "both `private_key_path` and `token` say who asks; set one", None));
        }
        (None, None) => {
            let hint = "set it to the file of the user's private key, or `token` to a programmatic access token";
            return Err(wrong(at, "the profile has no `private_key_path`", Some(hint.into())));
        }
    };
    let Some(user) = keys.text("user")? else {
        let hint = "set it to the user whose key pair it is";
        return Err(wrong(at, "the profile has no `user`", Some(hint.into())));
    };
    let file = located(world, &project.root, &path);
    let unread = |words: String, hint: Option<&str>| {
        // Who puts the key itself there is not to find it in a log.
        wrong(at, format!("the file of `private_key_path` {words}"), hint.map(String::from))
    };
    if path.contains("-----BEGIN") {
        return Err(wrong(at, "`private_key_path` is to be the path of a file, and holds a key itself", None));
    }
    let pem = world.read(&file).map_err(|error| unread(format!("can't be read: {error}"), None))?;
    let key = Key::read(&pem).map_err(|words| {
        unread(words.into(), Some("a key that fft reads is made by `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`, an encrypted one decrypted by `openssl pkcs8 -in KEY -out FILE`"))
    })?;
    Ok(Identity::of_key(key, account, &user, Clocks::of(world)))
}

type Wrong = (&'static str, String);

/// Where an account is reached.
fn of_account(account: &str) -> Result<Url, Wrong> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !account.bytes().all(known) {
        let words = "is an account's identifier alone: `organization-account`, or a locator with its region";
        return Err(("account", words.into()));
    }
    let name = account.to_lowercase().replace('_', "-");
    let name = name.strip_suffix(DOMAIN).map_or(name.as_str(), |name| name.trim_end_matches('.'));
    Url::parse(&format!("https://{name}.{DOMAIN}/")).map_err(|error| ("account", format!("is no account: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::rest::key::tests::PEM;
    use crate::world::MemoryWorld;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Settings, EngineError> {
        let world = MemoryWorld::new().file("/project/key.p8", PEM).file("/project/other.p8", "hunter2");
        Settings::read(&world, &crate::project::testing::empty().settings(settings))
    }

    fn whole() -> Value {
        json!({"account": "My_Org-acct", "user": "ada", "private_key_path": "key.p8", "database": "analytics"})
    }

    fn with(key: &str, value: &str) -> Value {
        let mut settings = whole();
        settings[key] = value.into();
        settings
    }

    #[test]
    fn an_account_has_an_address_of_its_own() {
        let found = read(whole()).unwrap();
        assert_eq!(found.host.as_str(), "https://my-org-acct.snowflakecomputing.com/");
        assert_eq!((found.database.as_str(), found.schema.as_str()), ("analytics", "public"));
        assert_eq!(found.identity.kind, "KEYPAIR_JWT");
        assert!(found.makes_schemas && !found.snowpark);
        let given = json!({
            "account": "xy12345.eu-central-1", "token": "hunter2", "database": "Sales", "schema": "ANALYTICS",
            "warehouse": "compute_wh", "role": "\"My role\"", "allow_create_schema": "false"
        });
        let found = read(given).unwrap();
        assert_eq!(found.host.as_str(), "https://xy12345.eu-central-1.snowflakecomputing.com/");
        assert_eq!((found.database.as_str(), found.schema.as_str()), ("Sales", "analytics"));
        assert_eq!((found.warehouse.as_deref(), found.role.as_deref()), (Some("COMPUTE_WH"), Some("My role")));
        assert_eq!(found.identity.kind, "PROGRAMMATIC_ACCESS_TOKEN");
        assert!(!found.makes_schemas);
        assert_eq!(read(with("host", "privatelink.example/x")).unwrap().host.as_str(), "https://privatelink.example/");
    }

    #[test]
    fn what_the_section_leaves_out_is_read_from_variables() {
        let world = MemoryWorld::new().file("/project/key.p8", PEM);
        let mut project = crate::project::testing::empty().settings(json!({"account": "a-b", "warehouse": ""}));
        let variables = [
            ("FF_SF_ACCOUNT", "other"),
            ("FF_SF_USER", "ada"),
            ("FF_SF_PRIVATE_KEY_PATH", "key.p8"),
            ("FF_SF_DATABASE", "SHOP"),
            ("FF_SF_SCHEMA", "Own"),
            ("FF_SF_WAREHOUSE", "small"),
            ("FF_SF_ALLOW_CREATE_SCHEMA", "0"),
            // Of clients that took one, or have another way.
            ("FF_SF_PASSWORD", "hunter2"),
            ("FF_SF_TOKEN", "hunter2"),
        ];
        project.env = crate::project::testing::environment(&variables, |_| {});
        project.profile.engine = crate::engine::snowflake::NAME.into();
        project.profile.called = SNOWPARK.into();
        let found = Settings::read(&world, &project).unwrap();
        assert_eq!((found.account.as_str(), found.database.as_str(), found.schema.as_str()), ("a-b", "shop", "Own"));
        assert_eq!((found.warehouse.as_deref(), found.makes_schemas, found.snowpark), (Some("SMALL"), false, true));
        assert_eq!(project.default_schema(), Some("Own"));
    }

    #[test]
    fn a_key_may_be_in_the_folder_of_the_user() {
        let world = MemoryWorld::new().file("/home/ada/keys/key.p8", PEM).var("HOME", "/home/ada");
        let project = crate::project::testing::empty().settings(with("private_key_path", "~/keys/key.p8"));
        assert_eq!(Settings::read(&world, &project).unwrap().identity.kind, "KEYPAIR_JWT");
    }

    #[test]
    fn a_variable_that_is_neither_true_nor_false_is_told_by_its_name() {
        let read = |value: &str| {
            let world = MemoryWorld::new().file("/project/key.p8", PEM);
            let mut project = crate::project::testing::empty().settings(whole());
            project.env = crate::project::testing::environment(&[("FF_SF_ALLOW_CREATE_SCHEMA", value)], |_| {});
            Settings::read(&world, &project).map(|settings| settings.makes_schemas).map_err(|error| error.message)
        };
        assert_eq!((read("No"), read("on"), read("")), (Ok(false), Ok(true), Ok(true)));
        let told = "`FF_SF_ALLOW_CREATE_SCHEMA` is to be true or false, not `ja`";
        assert!(read("ja").unwrap_err().starts_with(told));
    }

    #[test]
    fn names_may_stand_in_quotes() {
        let read = |schema: &str| read(with("schema", schema)).map(|settings| settings.schema);
        assert_eq!(read("\"Sales\"").unwrap(), "Sales");
        assert_eq!(read("\"SALES\"").unwrap(), "sales");
        let told = "`schema` is a name of small letters in quotes, which fft has no way to write";
        assert!(read("\"sales\"").unwrap_err().message.starts_with(told));
        let mut project = crate::project::testing::empty().settings(with("schema", "\"Sales\""));
        project.profile.engine = crate::engine::snowflake::NAME.into();
        assert_eq!(project.default_schema(), Some("Sales"));
    }

    #[test]
    fn what_is_wrong_is_told_without_secrets() {
        for (settings, expected) in [
            (with("password", "hunter2"), "Snowflake's SQL API, which fft speaks, takes no `password`"),
            (with("token", "hunter2"), "both `private_key_path` and `token`"),
            (
                with("private_key_path", "-----BEGIN PRIVATE KEY-----\nhunter2"),
                "`private_key_path` is to be the path of a file",
            ),
            (with("private_key_path", "hunter2.p8"), "the file of `private_key_path` can't be read"),
            (with("private_key_path", ""), "the profile has no `private_key_path`"),
            (with("private_key_path", "none.p8"), "the file of `private_key_path` can't be read"),
            (with("private_key_path", "other.p8"), "the file of `private_key_path` holds no private key"),
            (with("user", ""), "the profile has no `user`"),
            (with("account", ""), "the profile has no `account`"),
            (with("account", "https://a.b"), "`account` is an account's identifier alone"),
            (with("database", ""), "the profile has no `database`"),
            (with("host", "http://h.example"), "`host` is to begin with `https://`"),
            (with("host", "https://me:hunter2@h.example"), "`host` is to have no user in it"),
            (with("warehous", "hunter2"), "unknown key `warehous`"),
        ] {
            let error = read(settings.clone()).err().unwrap_or_else(|| panic!("{settings}"));
            assert!(error.message.starts_with(expected), "{settings}: {error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        let error = read(with("password", "hunter2")).err().unwrap();
        assert!(error.hint.is_some_and(|hint| hint.contains("private_key_path") && hint.contains("`token`")));
    }
}

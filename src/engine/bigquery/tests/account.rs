//! Who fft is to the service: keys, persons, machines, and none.

use super::project;
use crate::dialect::Statement;
use crate::engine::bigquery::BigQueryDriver;
use crate::engine::bigquery::settings::Settings;
use crate::engine::rest::stub::{Reply, Seen, Stub};
use crate::engine::{Connection, EngineError, ErrorKind};
use crate::project::EnvVar;
use crate::world::OsWorld;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key made for tests.
const PEM: &str = include_str!("../../rest/key/test.p8");

fn read(settings: Value, variables: &[(&str, &str)]) -> Result<Settings, EngineError> {
    let mut project = project(settings);
    for (name, value) in variables {
        let variable = EnvVar {
            value: value.to_string(),
            origin: "process".into(),
            secret: false,
            exposed: false,
            ignored: false,
        };
        project.env.vars.insert(name.to_string(), variable);
    }
    Settings::read(&OsWorld::new(), &project)
}

fn asked(settings: Settings) -> Result<(), EngineError> {
    BigQueryDriver::new(settings).connect_to().run(&Statement::from("drop table if exists t")).map(drop)
}

/// Answers jobs; `token` answers who asks for a token.
fn service(token: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> Stub {
    Stub::start(move |number, seen| match () {
        () if seen.line().contains("/jobs") => Reply::json(&json!({"status": {"state": "DONE"}})),
        () if seen.line().contains("/datasets/") => Reply::head("404 Not Found"),
        () => token(number, seen),
    })
}

fn issued() -> Reply {
    Reply::json(&json!({"access_token": "ya29.1", "expires_in": 3600}))
}

fn file(folder: &tempfile::TempDir, content: &Value) -> String {
    let path = folder.path().join("account.json");
    std::fs::write(&path, content.to_string()).unwrap();
    path.display().to_string()
}

/// The claims of a request for a token.
fn claims(seen: &Seen) -> Value {
    let body = String::from_utf8(seen.body.clone()).unwrap();
    let assertion = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "assertion").unwrap().1;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[test]
fn a_service_account_signs_who_it_is_by_the_servers_clock_where_its_own_is_wrong() {
    let stub = service(|number, _| match number {
        0 => Reply::head("400 Bad Request\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT"),
        _ => issued(),
    });
    let folder = tempfile::tempdir().unwrap();
    let account = json!({
        "type": "service_account",
        "project_id": "of-the-account",
        "private_key_id": "k1",
        "private_key": PEM,
        "client_email": "fft@p.iam.gserviceaccount.com",
        "token_uri": stub.url("/token"),
    });
    let path = file(&folder, &account);
    let endpoint = stub.url("/");
    let variables =
        [("GOOGLE_APPLICATION_CREDENTIALS", path.as_str()), ("FF_BQ_DATASET", "d"), ("FF_BQ_ENDPOINT", &endpoint)];
    let settings = read(json!({}), &variables).unwrap();
    assert_eq!((settings.project.as_str(), settings.dataset.as_str()), ("of-the-account", "d"));
    asked(settings).unwrap();
    let seen = stub.seen();
    let (first, second) = (claims(&seen[0]), claims(&seen[1]));
    assert_eq!((&first["iss"], &first["aud"]), (&account["client_email"], &account["token_uri"]));
    assert_eq!(first["exp"].as_i64().unwrap() - first["iat"].as_i64().unwrap(), 3600);
    assert_eq!(second["iat"], 1_445_412_480);
    assert!(seen[2].head.contains("Bearer ya29.1"));
}

#[test]
fn a_machine_of_googles_says_itself_who_it_is() {
    let stub = service(|_, _| issued());
    let host = stub.url("").replace("http://", "");
    let endpoint = stub.url("/");
    let variables = [("GCE_METADATA_HOST", host.as_str()), ("FF_BQ_PROJECT", "p"), ("FF_BQ_DATASET", "d")];
    asked(read(json!({"endpoint": endpoint}), &variables).unwrap()).unwrap();
    let first = &stub.seen()[0];
    assert!(
        first.line().starts_with("GET /computeMetadata/v1/instance/service-accounts/default/token"),
        "{}",
        first.line()
    );
    assert!(first.head.to_lowercase().contains("metadata-flavor: google"), "{}", first.head);
    // Where there is none, and nothing else either, that is what is told.
    let variables = [("GCE_METADATA_HOST", "127.0.0.1:9"), ("FF_BQ_PROJECT", "p"), ("FF_BQ_DATASET", "d")];
    let error = asked(read(json!({"endpoint": endpoint}), &variables).unwrap()).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Settings, "there are no credentials for BigQuery"));
}

#[test]
fn an_emulator_asks_nobody_who_it_is() {
    let stub = service(|_, _| Reply::Cut);
    let host = stub.url("").replace("http://", "");
    let variables = [("BIGQUERY_EMULATOR_HOST", host.as_str())];
    asked(read(json!({"project": "p", "dataset": "d"}), &variables).unwrap()).unwrap();
    assert!(stub.seen().iter().all(|seen| seen.line().contains("/datasets/d ") || seen.line().contains("/jobs ")));
}

#[test]
fn what_is_wrong_is_told_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let whole = |account: Value| json!({"project": "p", "dataset": "d", "credentials": file(&folder, &account)});
    let person = json!({"type": "authorized_user", "client_id": "c", "client_secret": "hunter2", "refresh_token": "r"});
    let with = |key: &str, value: Value| {
        let mut settings = whole(person.clone());
        settings[key] = value;
        settings
    };
    let signed = |key: &str| json!({"type": "service_account", "client_email": "a@b", "private_key": key});
    for (settings, expected) in [
        (json!({"dataset": "d", "credentials": file(&folder, &person)}), "the profile has no `project`"),
        (json!({"project": "p", "credentials": file(&folder, &person)}), "the profile has no `dataset`"),
        (with("credentials", json!("nowhere.json")), "the file that `credentials` names can't be read"),
        (with("endpoint", json!("http://example.com")), "`endpoint` is to begin with `https://`"),
        (with("datset", json!("hunter2")), "unknown key `datset`"),
        (with("allow_create_dataset", json!("perhaps")), "`allow_create_dataset` is to be true or false"),
    ] {
        let error = read(settings, &[]).err().unwrap_or_else(|| panic!("{expected}"));
        assert!(error.message.starts_with(expected), "{expected}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    for (account, expected) in [
        (json!("hunter2"), "lacks what credentials"),
        (signed("hunter2"), "has a `private_key` that holds no private key in PEM"),
        (
            json!({"type": "service_account", "private_key": "hunter2"}),
            "lacks what credentials of the type `service_account` have",
        ),
        (json!({"type": "external_account", "secret": "hunter2"}), "holds credentials of the type `external_account`"),
        (
            json!({"type": "authorized_user", "client_id": "c", "client_secret": "hunter2", "refresh_token": "r", "token_uri": "http://x.example/"}),
            "has a `token_uri` that is to begin with `https://`",
        ),
    ] {
        let error = read(whole(account), &[]).err().unwrap_or_else(|| panic!("{expected}"));
        assert!(error.message.contains(expected), "{expected}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn profiles_of_existing_projects_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let person = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"});
    let mut settings = json!({
        "project": "p", "db_schema": "analytics", "location": "EU", "use_bigframes": "true", "allow_create_dataset": "1",
        "credentials": file(&folder, &person),
    });
    let found = read(settings.clone(), &[("FF_BQ_LOCATION", "US"), ("FF_BQ_PROJECT", "q")]).unwrap();
    assert_eq!(
        (found.project.as_str(), found.dataset.as_str(), found.location.as_deref()),
        ("p", "analytics", Some("EU"))
    );
    assert!(found.allow_create_dataset && found.notes[0].contains("`use_bigframes`"), "{:?}", found.notes);
    assert_eq!(found.endpoint.as_str(), "https://bigquery.googleapis.com/");
    settings["use_bigframes"] = json!("false");
    settings["location"] = json!("");
    let found = read(settings, &[("FF_BQ_LOCATION", "US")]).unwrap();
    assert_eq!((found.location.as_deref(), found.notes.len()), (Some("US"), 0));
}

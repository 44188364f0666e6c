//! What the service is asked.

use super::behind::{Behind, create, done, refused, unavailable};
use super::driver;
use crate::dialect::Statement;
use crate::engine::rest::stub::Reply;
use crate::engine::{Connection, Content, DataVersion, ErrorKind, Observe};
use crate::name::RelationName;
use serde_json::{Value, json};

#[test]
fn the_service_holds_a_limit_as_well() {
    let told = json!({"statistics": {"totalBytesProcessed": "50", "query": {
        "referencedTables": [{"projectId": "p", "datasetId": "d", "tableId": "t"}]}}});
    let behind = Behind::new(vec![("dry", vec![Reply::json(&told)]), ("insert", vec![done()])]);
    let mut connection = behind.connect();
    connection.limit(Some(64));
    let estimate = connection.dry_run(&Content::Query("select a from t")).unwrap().unwrap();
    assert_eq!((estimate.bytes(), estimate.scans[0].name.as_str()), (50, "p.d.t"));
    // What a cache would give is no estimate of what making a table reads.
    assert_eq!(behind.all("dry")[0].json()["configuration"]["query"]["useQueryCache"], json!(false));
    let made = |query: &str| Statement {
        makes: Some(RelationName::new(Some("p"), Some("d"), "u")),
        ..Statement::around("create or replace table u as (\n", query, "\n)")
    };
    // It may be run again, and another one may come between.
    for query in ["select a from t", "select * from beside", "select a from t"] {
        connection.run(&made(query)).unwrap();
    }
    connection.limit(Some(64));
    connection.run(&made("select a from t")).unwrap();
    // What is billed is rounded up, and ten megabytes a table at least.
    let limits: Vec<Value> = behind
        .all("insert")
        .iter()
        .map(|seen| seen.json()["configuration"]["query"]["maximumBytesBilled"].clone())
        .collect();
    let most = json!((64 + (11 << 20)).to_string());
    assert_eq!(limits, [most.clone(), Value::Null, most, Value::Null]);
}

/// Outside of the two large regions the service finds a job only where it is.
#[test]
fn a_job_is_looked_for_where_it_was_begun() {
    let begun = json!({"jobReference": {"location": "europe-west3"}, "status": {"state": "RUNNING"}});
    let behind = Behind::new(vec![
        ("insert", vec![Reply::json(&begun), done()]),
        ("job", vec![done()]),
        ("wait", vec![Reply::json(&json!({"jobComplete": true}))]),
    ]);
    let mut settings = behind.settings();
    settings["location"] = json!("");
    let mut connection = driver(&settings).connect_to();
    connection.run(&create()).unwrap();
    connection.run(&create()).unwrap();
    for ask in ["wait", "job"] {
        assert!(behind.all(ask)[0].line().contains("location=europe-west3"), "{ask}");
    }
    // There was no dataset whose place would tell that of the next one.
    assert_eq!(places(&behind), [Value::Null, Value::Null]);
}

fn places(behind: &Behind) -> Vec<Value> {
    behind.all("insert").iter().map(|seen| seen.json()["jobReference"]["location"].clone()).collect()
}

#[test]
fn jobs_run_where_the_dataset_is() {
    let begun = json!({"jobReference": {"location": "US"}, "status": {"state": "DONE"}});
    let place = Reply::json(&json!({"location": "europe-west3"}));
    let answers = vec![("insert", vec![Reply::json(&begun)]), ("dataset", vec![Reply::head("404 Not Found"), place])];
    let behind = Behind::new(answers);
    let mut settings = behind.settings();
    settings["location"] = json!("");
    let mut connection = driver(&settings).connect_to();
    // The first is begun before there is a dataset, and runs elsewhere.
    (0..3).for_each(|_| drop(connection.run(&create()).unwrap()));
    assert_eq!(places(&behind), [Value::Null, json!("europe-west3"), json!("europe-west3")]);
    assert_eq!(behind.count("dataset"), 2, "it is asked until it is told");
    // What the profile says counts.
    let behind = Behind::new(vec![("insert", vec![done()])]);
    behind.connect().run(&create()).unwrap();
    assert_eq!((places(&behind), behind.count("dataset")), (vec![json!("EU")], 0));
}

/// Who may not see a source is told so of it, and the run goes on.
#[test]
fn a_source_that_is_not_shown_is_no_error_of_the_run() {
    let denied =
        || refused("403 Forbidden", "accessDenied", "Access Denied: Table p:crm.users: no bigquery.tables.get");
    let behind = Behind::new(vec![("table", vec![denied()]), ("tables", vec![denied()])]);
    let mut connection = behind.connect();
    let source = RelationName::new(Some("p"), Some("crm"), "users");
    assert_eq!(connection.data_version(&source).unwrap(), DataVersion::unreadable());
    let of = |dataset: &str| [("p".to_string(), dataset.to_string())].into();
    assert!(connection.relations(&of("crm")).unwrap().found.is_empty());
    // What is built has to be seen.
    assert_eq!(connection.relations(&of("d")).unwrap_err().kind, ErrorKind::Settings);
    let behind = Behind::new(vec![("table", vec![refused("403 Forbidden", "quotaExceeded", "no more")])]);
    behind.connect().data_version(&source).unwrap_err();
}

#[test]
fn a_dataset_is_made_only_where_that_is_allowed() {
    let schemas = [("p".to_string(), "d".to_string())].into();
    let behind = Behind::new(vec![]);
    let error = behind.connect().make_schemas(&schemas).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Settings, "there is no dataset p.d"));
    assert_eq!(behind.count("make dataset"), 0);
    let behind =
        Behind::new(vec![("make dataset", vec![Reply::Cut, refused("409 Conflict", "duplicate", "Already Exists")])]);
    let mut settings = behind.settings();
    settings["allow_create_dataset"] = "true".into();
    driver(&settings).connect_to().make_schemas(&schemas).unwrap();
    let body = behind.all("make dataset")[1].json();
    assert_eq!((&body["datasetReference"]["datasetId"], &body["location"]), (&json!("d"), &json!("EU")));
}

#[test]
fn what_stands_is_listed_page_by_page() {
    let list = |names: &[&str], next: Option<&str>| {
        let table = |name: &&str| json!({"tableReference": {"projectId": "p", "datasetId": "d", "tableId": name}, "type": "VIEW"});
        Reply::json(&json!({"tables": names.iter().map(table).collect::<Vec<_>>(), "nextPageToken": next}))
    };
    let behind = Behind::new(vec![("tables", vec![list(&["a"], Some("x")), unavailable(), list(&["b"], None)])]);
    let found = behind.connect().relations(&[("p".to_string(), "d".to_string())].into()).unwrap().found;
    assert_eq!(found.keys().map(|name| name.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(behind.connect().relations(&[("p".to_string(), "gone".to_string())].into()).unwrap().found.len(), 1);
}

#[test]
fn jobs_carry_the_run_and_the_node_as_labels() {
    let behind = Behind::new(vec![("insert", vec![done()])]);
    behind.connect().run(&create().commented("fft 20261122T101500Z-3fa9 stg_users.ff")).unwrap();
    let configuration = behind.all("insert")[0].json()["configuration"].clone();
    assert_eq!(configuration["labels"], json!({"fft_run": "20261122t101500z-3fa9", "fft_node": "stg_users_ff"}));
    assert_eq!(configuration["query"]["useLegacySql"], false);
}

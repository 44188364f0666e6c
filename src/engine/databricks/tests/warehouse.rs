//! What only a warehouse does, on the server that behaves as one.

use super::server::Workspace;
use super::{driver, open};
use crate::dialect::Statement;
use crate::engine::conformance::{Subject, named, session, table, text, view};
use crate::engine::{Claim, Connection, DataVersion, ErrorKind, Observe, RelationKind};
use crate::name::RelationName;
use serde_json::json;

#[test]
fn a_service_principal_gets_a_token_of_its_own() {
    let Some(workspace) = Workspace::new() else { return };
    let mut settings = workspace.settings();
    settings.as_object_mut().unwrap().remove("token");
    settings["client_id"] = workspace.variable("FF_DBR_CLIENT_ID").into();
    settings["client_secret"] = workspace.variable("FF_DBR_CLIENT_SECRET").into();
    let mut session = session(&open(settings.clone()).unwrap());
    assert_eq!(text(&mut session, "select 1 as a"), "1");
    settings["client_secret"] = json!("hunter2");
    let error = open(settings).unwrap().session().unwrap().read("select 1").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Settings);
    assert!(error.message.contains("gives no access token") && !format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn who_is_not_let_in_is_told_so() {
    let Some(workspace) = Workspace::new() else { return };
    let mut settings = workspace.settings();
    settings["token"] = json!("hunter2");
    let error = open(settings.clone()).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Settings, "the workspace doesn't allow that (HTTP 403): Invalid access token")
    );
    settings = workspace.settings();
    settings["warehouse_id"] = json!("another");
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(error.message, "the workspace refuses what it was asked (HTTP 400): another is not a valid endpoint id");
}

#[test]
fn one_run_holds_the_claim_of_a_project() {
    let Some(workspace) = Workspace::new() else { return };
    // The schema isn't there yet.
    let mut first = workspace.engine.session().unwrap();
    assert_eq!(first.claim("shop").unwrap(), Claim::Held);
    let other = open(workspace.settings()).unwrap();
    let mut second = other.session().unwrap();
    let Claim::Taken(words) = second.claim("shop").unwrap() else { panic!("held twice") };
    assert!(words.starts_with(&format!("the schema {} (process ", workspace.schema)), "{words}");
    assert_eq!(second.claim("another project").unwrap(), Claim::Held);
    drop(first);
    assert_eq!(second.claim("shop").unwrap(), Claim::Held);
    drop(second);
    let left = other.session().unwrap().relations().unwrap();
    assert!(left.found.keys().all(|relation| relation.name == "_ff_meta"), "{left:?}");
}

#[test]
fn a_claim_of_a_run_that_died_is_taken_over() {
    let Some(workspace) = Workspace::new() else { return };
    session(&workspace.engine);
    let row = |seconds: u32| {
        format!(
            "select 'dead' as holder, 'process 1' as words, current_timestamp - interval '{seconds}' second as heard"
        )
    };
    workspace.execute(&format!("create table _ff_claim_shop as {}", row(400)));
    let mut session = workspace.engine.session().unwrap();
    assert!(matches!(session.claim("shop").unwrap(), Claim::Taken(words) if words.contains("process 1")));
    workspace.execute(&format!("create or replace table _ff_claim_shop as {}", row(440)));
    assert_eq!(session.claim("shop").unwrap(), Claim::Held);
}

#[test]
fn what_is_dropped_is_dropped_as_what_it_is() {
    let Some(workspace) = Workspace::new() else { return };
    let mut session = session(&workspace.engine);
    table(&mut session, "t", "select 1 as `Type`, 2 as `# Detailed Table Information`").unwrap();
    view(&mut session, "v", "select 1 as a").unwrap();
    let mut connection = driver(&workspace.settings()).connect_to();
    let home = workspace.engine.session().unwrap().relations().unwrap().home;
    let mut stands = |name: &str| {
        connection.standing(&home.full(&named(name))).unwrap().map(|standing| (standing.kind, standing.keyword))
    };
    assert_eq!(stands("t"), Some((RelationKind::Table, "table")));
    assert_eq!(stands("v"), Some((RelationKind::View, "view")));
    assert_eq!(stands("w"), None);
    for name in ["t", "v"] {
        session.drop_relation(&named(name)).unwrap();
        assert_eq!(session.relations().unwrap().kind(&named(name)), None);
    }
}

#[test]
fn a_source_has_another_version_when_its_rows_change() {
    let Some(workspace) = Workspace::new() else { return };
    let mut session = session(&workspace.engine);
    let mut version = |rows: &str| {
        workspace.execute(&format!("create or replace table raw as select * from (values {rows}) as v(a, b, c)"));
        match session.data_version(&named("raw")).unwrap() {
            DataVersion::Known(text) => text,
            DataVersion::Unknown(why) => panic!("{why}"),
        }
    };
    let moment = |micros: &str| format!("timestamp_ntz '2024-01-01 00:00:00.{micros}'");
    let first = version(&format!("(1, 'x', {0}), (2, null, {0})", moment("000001")));
    assert!(first.starts_with("2 rows, "), "{first}");
    assert_eq!(version(&format!("(2, null, {0}), (1, 'x', {0})", moment("000001"))), first);
    for other in [
        format!("(1, 'x', {0}), (2, '', {0})", moment("000001")),
        format!("(1, 'x', {0}), (2, null, {0}), (2, null, {0})", moment("000001")),
        format!("(1, 'x', {}), (2, null, {})", moment("000001"), moment("000002")),
        format!("(1L, 'x', {0}), (2L, null, {0})", moment("000001")),
    ] {
        assert_ne!(version(&other), first, "{other}");
    }
    let none = session.data_version(&named("nothing")).unwrap();
    assert_eq!(none, DataVersion::unreadable());
    let told = RelationName::new(Some("main"), Some("information_schema"), "tables");
    assert_eq!(session.data_version(&told).unwrap(), DataVersion::of_the_database());
}

#[test]
fn rows_come_as_they_are_in_whatever_form() {
    let Some(workspace) = Workspace::new() else { return };
    let query = "select cast(1.5 as decimal(9, 2)) as a, timestamp '2024-01-01 00:00:00.123456' as b, x'00ff' as c, \
                 array(1, null) as d, cast(null as int) as e, 'é' as f";
    session(&workspace.engine);
    let mut connection = driver(&workspace.settings()).connect_to();
    let mut read = |statement: &Statement| {
        let mut found = Vec::new();
        connection.rows(statement, false, &mut |batch| {
            found.push(batch);
            Ok(())
        })?;
        Ok::<_, crate::engine::EngineError>(found.remove(0))
    };
    let rows = read(&Statement::query(query)).unwrap();
    // What is declared of no rows is what rows have, but for the names within lists.
    let none = read(&Statement::query(format!("select * from ({query}) where a > 2"))).unwrap();
    assert_eq!((rows.num_rows(), none.num_rows()), (1, 0));
    for (field, declared) in rows.schema().fields().iter().zip(none.schema().fields()) {
        assert_eq!((field.name(), field.data_type()), (declared.name(), declared.data_type()));
    }
    let plain = "select cast(7 as bigint) as a, date '2024-02-29' as b, true as c, 'x' as d";
    let (inline, linked) = (read(&plain.into()).unwrap(), read(&Statement::query(plain)).unwrap());
    assert_eq!(inline.columns(), linked.columns());
}

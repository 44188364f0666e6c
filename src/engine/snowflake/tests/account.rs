//! What only an account does, on the server that behaves as one.

use super::server::Account;
use super::{driver, open};
use crate::dialect::{Dialect, Layout, Snowflake, Statement};
use crate::engine::conformance::{Subject, named, row, session, table, text, view};
use crate::engine::{Build, Claim, Connection, Content, DataVersion, ErrorKind, Observe, RelationKind};
use crate::name::RelationName;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn an_access_token_does_as_well_as_a_key_pair() {
    let Some(account) = Account::new() else { return };
    let mut settings = account.settings();
    settings.as_object_mut().unwrap().remove("private_key_path");
    settings["token"] = account.variable("FF_SF_TOKEN").into();
    let mut session = session(&open(settings.clone()).unwrap());
    assert_eq!(text(&mut session, "select 1 as a"), "1");
    settings["token"] = json!("hunter2");
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Settings, "the account doesn't know who asks (HTTP 401): Invalid OAuth access token")
    );
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[test]
fn another_key_or_user_is_not_let_in() {
    let Some(account) = Account::new() else { return };
    let mut settings = account.settings();
    settings["user"] = json!("somebody");
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(error.message, "the account doesn't know who asks (HTTP 401): JWT token is invalid");
    let other = account.folder.path().join("other.p8");
    std::fs::write(&other, crate::engine::rest::key::tests::PEM).unwrap();
    let mut settings = account.settings();
    settings["private_key_path"] = other.to_str().into();
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Settings);
}

#[test]
fn one_run_holds_the_claim_of_a_project() {
    let Some(account) = Account::new() else { return };
    // The schema isn't there yet.
    let mut first = account.engine.session().unwrap();
    assert_eq!(first.claim("shop").unwrap(), Claim::Held);
    let other = open(account.settings()).unwrap();
    let mut second = other.session().unwrap();
    let Claim::Taken(words) = second.claim("shop").unwrap() else { panic!("held twice") };
    assert!(words.starts_with(&format!("the schema {} (process ", account.schema)), "{words}");
    assert_eq!(second.claim("another project").unwrap(), Claim::Held);
    drop(first);
    assert_eq!(second.claim("shop").unwrap(), Claim::Held);
    drop(second);
    let left = other.session().unwrap().relations().unwrap();
    assert!(left.found.keys().all(|relation| relation.name == "_ff_meta"), "{left:?}");
}

#[test]
fn a_claim_of_a_run_that_died_is_taken_over() {
    let Some(account) = Account::new() else { return };
    session(&account.engine);
    let row = |seconds: i32| {
        format!(
            "select 'dead' as holder, 'process 1' as words, dateadd('second', -{seconds}, current_timestamp) as heard"
        )
    };
    account.execute(&format!("create table _ff_claim_shop as {}", row(400)));
    let mut session = account.engine.session().unwrap();
    assert!(matches!(session.claim("shop").unwrap(), Claim::Taken(words) if words.contains("process 1")));
    account.execute(&format!("create or replace table _ff_claim_shop as {}", row(440)));
    assert_eq!(session.claim("shop").unwrap(), Claim::Held);
}

#[test]
fn a_schema_is_made_only_where_the_profile_allows_it() {
    let Some(account) = Account::new() else { return };
    let mut settings = account.settings();
    settings["allow_create_schema"] = json!(false);
    let error = open(settings.clone()).unwrap().session().unwrap().prepare(&BTreeSet::new()).unwrap_err();
    assert_eq!(
        (error.kind, error.message),
        (
            ErrorKind::Settings,
            format!("there is no schema test.{}, and `allow_create_schema` is false", account.schema)
        )
    );
    session(&account.engine);
    session(&open(settings).unwrap());
}

#[test]
fn what_is_dropped_is_dropped_as_what_it_is() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    table(&mut session, "t", "select 1 as a").unwrap();
    view(&mut session, "v", "select 1 as a").unwrap();
    let mut connection = driver(&account.settings()).connect_to();
    let home = account.engine.session().unwrap().relations().unwrap().home;
    let mut stands = |name: &str| {
        connection.standing(&home.full(&named(name))).unwrap().map(|standing| (standing.kind, standing.keyword))
    };
    assert_eq!(stands("t"), Some((RelationKind::Table, "table")));
    assert_eq!(stands("T"), stands("t"), "both are the same name");
    assert_eq!(stands("v"), Some((RelationKind::View, "view")));
    assert_eq!(stands("w"), None);
    for name in ["t", "v"] {
        session.drop_relation(&named(name)).unwrap();
        assert_eq!(session.relations().unwrap().kind(&named(name)), None);
    }
}

#[test]
fn names_of_another_case_are_other_relations() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    table(&mut session, "users", "select 1 as a").unwrap();
    table(&mut session, "Orders", "select 2 as a").unwrap();
    // In quotes, past fft.
    account.execute("create table \"items\" as (select 3 as a)");
    let relations = session.relations().unwrap();
    let stands = |name: &str| relations.kind(&named(name)).is_some();
    for (names, are) in
        [(["users", "USERS", "Users"], [true, true, false]), (["orders", "ORDERS", "Orders"], [false, false, true])]
    {
        assert_eq!(names.map(stands), are, "{names:?}");
    }
    assert!(!stands("items") && !stands("ITEMS"), "fft has no way to write it");
    assert_eq!(session.held().unwrap().len(), 2);
}

#[test]
fn a_table_is_kept_as_its_config_says() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let layout = Layout { cluster_by: vec!["a".into(), "b".into()], transient: true, ..Layout::default() };
    for layout in [Some(&layout), None] {
        for kind in [RelationKind::View, RelationKind::Table] {
            let build = Build {
                growth: None,
                lasting: false,
                relation: &named("t"),
                kind,
                content: Content::Query("select 1 as a, 2 as b"),
                hooks: Default::default(),
                layout,
                settings: None,
                history: None,
                discards: false,
                existing: None,
                row: row(&named("t"), "t"),
                pending: &|_| false,
                confirm: &|_| Ok(()),
            };
            session.build(&build).unwrap();
        }
    }
    assert_eq!(text(&mut session, "select b from t"), "2");
}

#[test]
fn a_source_has_another_version_when_its_rows_change() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let mut version = |name: &str| match session.data_version(&named(name)).unwrap() {
        DataVersion::Known(text) => text,
        DataVersion::Unknown(why) => panic!("{why}"),
    };
    account.execute("create table raw as (select 1 as a, 'x' as b)");
    let first = version("raw");
    assert!(first.starts_with("1 rows, last changed at 20"), "{first}");
    assert_eq!(version("RAW"), first);
    account.execute("create table other as (select 1 as a)");
    assert_eq!(version("raw"), first, "what is done elsewhere is nothing to it");
    let mut seen = BTreeSet::from([first]);
    for change in [
        "insert into raw select 2, 'y'",
        "update raw set b = 'z' where a = 2",
        "delete from raw where a = 2",
        "create or replace table raw as (select 1 as a, 'x' as b)",
    ] {
        account.execute(change);
        assert!(seen.insert(version("raw")), "{change}");
    }
    account.execute("create view shown as (select 1 as a)");
    assert!(
        matches!(session.data_version(&named("shown")).unwrap(), DataVersion::Unknown(why) if why.contains("view"))
    );
    assert_eq!(session.data_version(&named("nothing")).unwrap(), DataVersion::unreadable());
    let told = RelationName::new(None, Some("information_schema"), "tables");
    assert_eq!(session.data_version(&told).unwrap(), DataVersion::of_the_database());
}

#[test]
fn what_a_build_has_read_is_told_by_its_number() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    table(&mut session, "t", "select 1 as a, 2 as b").unwrap();
    let built = table(&mut session, "u", "select * from t").unwrap();
    assert_eq!((built.measures.bytes_scanned(), built.measures.bytes_estimated()), (Some(16), false));
    assert!(built.measures.others()["statement_id"].is_string());
}

#[test]
fn rows_come_in_parts() {
    let Some(account) = Account::new() else { return };
    session(&account.engine);
    let mut connection = driver(&account.settings()).connect_to();
    account.execute("create table many as (select seq4() as a from table(generator(rowcount => 25000)))");
    let mut rows = 0;
    let query = Statement::query("select a, cast(a as varchar) as b from many");
    let taken = connection.rows(&query, true, &mut |batch| {
        rows += batch.num_rows();
        Ok(())
    });
    taken.unwrap();
    assert_eq!(rows, 25_000);
}

#[test]
fn a_safe_cast_keeps_every_digit() {
    let Some(account) = Account::new() else { return };
    let mut session = session(&account.engine);
    let moment = "cast('2024-02-29 10:00:00.123456' as timestamp_ntz)";
    for (value, declared, expected) in [
        ("1.5::double", "decimal(5, 2)", Some("1.50")),
        ("99999::double", "decimal(5, 2)", None),
        ("0.1::double", "double", Some("0.1")),
        ("'12.5'", "decimal(5, 2)", Some("12.50")),
        ("'x'", "double", None),
        ("12345678901234567890", "decimal(38, 0)", Some("12345678901234567890")),
        (moment, "timestamp", Some("2024-02-29T10:00:00.123456")),
        (moment, "date", Some("2024-02-29")),
    ] {
        let cast = Snowflake.safe_cast(value, declared, None);
        let found = text(&mut session, &format!("select {cast} as v"));
        assert_eq!(found, expected.unwrap_or_default(), "{value} {declared}");
    }
}

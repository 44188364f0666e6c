//! What only BigQuery does, on the emulator that behaves as it.

use super::server::Dataset;
use super::{driver, open};
use crate::dialect::Layout;
use crate::engine::conformance::arrow::store;
use crate::engine::conformance::seed::load;
use crate::engine::conformance::{Subject, columns, named, row, session, table, text, texts, view};
use crate::engine::{Build, Claim, Content, DataVersion, ErrorKind, Observe, RelationKind, Session};
use crate::name::RelationName;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, StructArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use serde_json::json;
use std::sync::Arc;

#[test]
fn who_is_not_let_in_is_told_so() {
    let Some(dataset) = Dataset::new() else { return };
    let mut settings = dataset.settings();
    settings["project"] = json!("another");
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Settings);
    assert!(error.message.starts_with("BigQuery refuses (HTTP 403): Access Denied: Project another"), "{error}");
    // A key that the service doesn't know.
    let mut account: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dataset.variable("GOOGLE_APPLICATION_CREDENTIALS")).unwrap())
            .unwrap();
    account["private_key"] = include_str!("../../rest/key/test.p8").into();
    let file = dataset.folder.path().join("account.json");
    std::fs::write(&file, account.to_string()).unwrap();
    let mut settings = dataset.settings();
    settings["credentials"] = json!(file.display().to_string());
    let error = open(settings).unwrap().session().unwrap().relations().unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Settings, "Google gives no access token for the credentials (HTTP 400)",)
    );
}

#[test]
fn one_run_holds_the_claim_of_a_project() {
    let Some(dataset) = Dataset::new() else { return };
    let mut settings = dataset.settings();
    // The dataset isn't there yet.
    settings["dataset"] = json!(format!("{}_claimed", dataset.dataset));
    let mut first = open(settings.clone()).unwrap().session().unwrap();
    assert_eq!(first.claim("shop").unwrap(), Claim::Held);
    let other = open(settings).unwrap();
    let mut second = other.session().unwrap();
    let Claim::Taken(words) = second.claim("shop").unwrap() else { panic!("held twice") };
    assert!(words.starts_with(&format!("the schema {}_claimed (process ", dataset.dataset)), "{words}");
    assert_eq!(second.claim("another project").unwrap(), Claim::Held);
    drop(first);
    assert_eq!(second.claim("shop").unwrap(), Claim::Held);
    drop(second);
    let left = other.session().unwrap().relations().unwrap();
    assert!(left.found.keys().all(|relation| relation.name == "_ff_meta"), "{left:?}");
}

#[test]
fn a_claim_of_a_run_that_died_is_taken_over() {
    let Some(dataset) = Dataset::new() else { return };
    let row = |seconds: u32| {
        format!(
            "(select 'dead' as holder, 'process 1' as words, timestamp_sub(current_timestamp, interval {seconds} second) as heard)"
        )
    };
    dataset.execute(&format!("create table _ff_claim_shop as {}", row(400)));
    let mut session = dataset.engine.session().unwrap();
    assert!(matches!(session.claim("shop").unwrap(), Claim::Taken(words) if words.contains("process 1")));
    dataset.execute(&format!("create or replace table _ff_claim_shop as {}", row(440)));
    assert_eq!(session.claim("shop").unwrap(), Claim::Held);
}

#[test]
fn what_is_dropped_is_dropped_as_what_it_is() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    table(&mut session, "t", "select 1 as a").unwrap();
    view(&mut session, "v", "select 1 as a").unwrap();
    let mut connection = driver(&dataset.settings()).connect_to();
    let home = dataset.engine.session().unwrap().relations().unwrap().home;
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
    // Case makes another name of it.
    table(&mut session, "T", "select 1 as a").unwrap();
    assert_eq!(session.relations().unwrap().kind(&named("t")), None);
}

fn version(session: &mut Session, name: &str) -> String {
    match session.data_version(&named(name)).unwrap() {
        DataVersion::Known(text) => text,
        DataVersion::Unknown(why) => panic!("{why}"),
    }
}

#[test]
fn a_source_has_another_version_when_its_rows_change() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    dataset.execute("create table raw as (select 1 as a)");
    let first = version(&mut session, "raw");
    assert!(first.starts_with("1 rows of ") && first == version(&mut session, "raw"), "{first}");
    dataset.execute("insert into raw values (2)");
    let second = version(&mut session, "raw");
    assert_ne!(second, first);
    // Of a view all rows are read.
    dataset.execute("create view seen as (select a, 'x' as b from raw where a > 1)");
    let first = version(&mut session, "seen");
    assert!(first.starts_with("1 rows, "), "{first}");
    dataset.execute("insert into raw values (0)");
    assert_eq!(version(&mut session, "seen"), first);
    dataset.execute("insert into raw values (2)");
    assert_ne!(version(&mut session, "seen"), first);
    assert_eq!(session.data_version(&named("nothing")).unwrap(), DataVersion::unreadable());
    let told = RelationName::new(None, Some("INFORMATION_SCHEMA"), "TABLES");
    assert_eq!(session.data_version(&told).unwrap(), DataVersion::of_the_database());
}

#[test]
fn a_table_is_stored_as_its_model_says() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    let query = "select 1 as a, 2 as b, date '2024-01-01' as day";
    let mut build = |content: Content<'_>, layout: Option<&Layout>| {
        let name = named("t");
        let (pending, confirm) = (&|_: &RelationName| false, &|_: crate::engine::ListFiles<'_>| Ok(()));
        let build = Build {
            growth: None,
            lasting: false,
            relation: &name,
            kind: RelationKind::Table,
            content,
            hooks: Default::default(),
            layout,
            settings: None,
            history: None,
            discards: false,
            existing: None,
            row: row(&name, query),
            pending,
            confirm,
        };
        let built = session.build(&build).unwrap();
        assert_eq!(built.measures.rows(), Some(1));
        let stored = texts(
            &mut session,
            "select column_name, is_partitioning_column, cast(clustering_ordinal_position as string) as place \
             from INFORMATION_SCHEMA.COLUMNS where table_name = 't' and (is_partitioning_column = 'YES' or \
             clustering_ordinal_position is not null) order by column_name",
        );
        let left = session.relations().unwrap().found.into_keys().filter(|name| name.name.starts_with("_ff_")).count();
        assert_eq!(left, 1, "the ledger");
        stored.into_iter().map(|row| row.join(" ")).collect::<Vec<_>>()
    };
    let layout = |partition: Option<&str>, cluster: &[&str]| Layout {
        partition_by: partition.map(String::from),
        cluster_by: cluster.iter().map(|name| name.to_string()).collect(),
        ..Layout::default()
    };
    assert!(build(Content::Query(query), None).is_empty());
    let both = layout(Some("day"), &["b", "a"]);
    assert_eq!(build(Content::Query(query), Some(&both)), ["a NO 2", "b NO 1", "day YES "]);
    assert_eq!(build(Content::Query(query), Some(&both)), ["a NO 2", "b NO 1", "day YES "]);
    assert_eq!(build(Content::Query(query), Some(&layout(None, &["a"]))), ["a NO 1"]);
    // Rows that no query gives are stored so too.
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter([("a", column.clone()), ("b", column)]).unwrap();
    let rows = || Content::Arrow { schema: batch.schema(), batches: std::slice::from_ref(&batch) };
    assert_eq!(build(rows(), Some(&layout(None, &["b"]))), ["b NO 1"]);
    assert!(build(rows(), None).is_empty());
}

#[test]
fn what_was_paid_is_told() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    session.works_for("20261122T101500Z-3fa9", "t.ff");
    table(&mut session, "up", "select 1 as a").unwrap();
    let built = table(&mut session, "t", "select a from up").unwrap();
    let others = built.measures.others();
    assert_eq!(others["bytes_billed"], 10 << 20, "{others:?}");
    assert!(others["slot_ms"].as_u64().is_some_and(|slots| slots > 0), "{others:?}");
    assert!(others["job_id"].as_str().is_some_and(|id| id.starts_with("fft_")), "{others:?}");
}

#[test]
fn a_limit_is_held_by_the_service_as_well() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    for name in ["one", "two"] {
        table(&mut session, name, "select 1 as a").unwrap();
    }
    session.limit(Some(1));
    session.estimate(&Content::Query("select a from one")).unwrap().unwrap();
    // What it reads is more by now, and so is what is billed.
    dataset.execute("create or replace table one as select a from unnest(generate_array(1, 2000000)) as a");
    let error = table(&mut session, "both", "select a from one").unwrap_err();
    assert!(error.message.contains("limit for bytes billed") && error.hint.is_some(), "{error:?}");
    session.estimate(&Content::Query("select a from two")).unwrap().unwrap();
    table(&mut session, "both", "select a from two").unwrap();
}

#[test]
fn a_query_is_one_statement() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    table(&mut session, "t", "select 1 as a").unwrap();
    let error = session.read("select 1 as a; drop table t").unwrap_err();
    assert_eq!((error.kind, error.position), (ErrorKind::Statement, Some(13)));
    session.estimate(&Content::Query("select 1 as a; drop table t")).unwrap_err();
    assert_eq!(text(&mut session, "select a from t"), "1");
}

#[test]
fn odd_rows_of_memory_are_rows() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    let parts: ArrayRef = Arc::new(StructArray::from(vec![
        (Arc::new(Field::new("x", DataType::Int64, true)), Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef),
        (Arc::new(Field::new("y", DataType::Utf8, true)), Arc::new(StringArray::from(vec!["é", "b"])) as ArrayRef),
    ]));
    let large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 0]));
    let batch = RecordBatch::try_from_iter([("Parts", parts), ("c d", large)]).unwrap();
    store(&mut session, &batch.schema(), std::slice::from_ref(&batch)).unwrap();
    let names: Vec<String> = columns(&mut session, "t").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Parts", "c d"]);
    let found =
        texts(&mut session, "select Parts, cast(cast(`c d` as bignumeric) as string) as n from t order by 2 desc");
    assert_eq!(found[0][0], "{x: 1, y: é}");
    assert!(found[0][1].starts_with("18446744073709551615"), "{found:?}");
    let twice = RecordBatch::try_from_iter([
        ("a", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
        ("A", Arc::new(Int64Array::from(vec![1])) as ArrayRef),
    ])
    .unwrap();
    let error = store(&mut session, &twice.schema(), std::slice::from_ref(&twice)).unwrap_err();
    assert!(error.message.contains("two columns are called `a`"), "{error}");
}

#[test]
fn a_seed_of_parquet_is_a_table() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    let rows = RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap();
    let file = dataset.folder.path().join("s.parquet");
    let mut writer =
        ::parquet::arrow::ArrowWriter::try_new(std::fs::File::create(&file).unwrap(), rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    let built = load(&mut session, &file, &[("id", "decimal(5, 1)")]).unwrap();
    assert_eq!(built.measures.rows(), Some(2));
    assert_eq!(columns(&mut session, "t")[0].1, "NUMERIC");
    assert_eq!(text(&mut session, "select count(name) from t"), "1");
    let error = load(&mut session, &file, &[("name", "date")]).unwrap_err();
    assert!(error.message.starts_with("seeds/it's.csv: "), "{error}");
}

/// More rows than one request takes.
#[test]
fn rows_go_and_come_in_parts() {
    let Some(dataset) = Dataset::new() else { return };
    let mut session = session(&dataset.engine);
    let text_of = |row: i64| {
        (0..12).map(|at| char::from(b'a' + ((row * 31 + at * 7) % 26) as u8)).collect::<String>() + &row.to_string()
    };
    let ids = 0..130_000;
    let words = StringArray::from_iter_values(ids.clone().map(|row| text_of(row).repeat(2)));
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(Int64Array::from_iter_values(ids)) as ArrayRef),
        ("word", Arc::new(words) as ArrayRef),
    ])
    .unwrap();
    let parts: Vec<RecordBatch> = (0..13).map(|part| batch.slice(part * 10_000, 10_000)).collect();
    assert_eq!(store(&mut session, &batch.schema(), &parts).unwrap().measures.rows(), Some(130_000));
    let found = session.read("select count(distinct word) as n, sum(id) as s from t").unwrap();
    assert_eq!(found[0].column(0).as_ref(), &Int64Array::from(vec![130_000]) as &dyn arrow::array::Array);
    let all: usize = session.read("select id from t").unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(all, 130_000);
}

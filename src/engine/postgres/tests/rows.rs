//! Values that only Postgres has, and values that it lacks.

use super::*;
use crate::engine::conformance::arrow::store;
use crate::engine::conformance::{columns, texts};
use ::arrow::array::*;
use ::arrow::datatypes::*;
use std::sync::Arc;

#[test]
fn arrow_types_that_postgres_lacks_have_a_place() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let dictionary: DictionaryArray<Int8Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
    let structs = StructArray::from(vec![
        (Arc::new(Field::new("x", DataType::Int64, true)), Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef),
        (
            Arc::new(Field::new("y", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("a"), None, Some("}")])),
        ),
    ]);
    let cases: Vec<(&str, ArrayRef, &str, [&str; 3])> = vec![
        ("seen", Arc::new(StringViewArray::from(vec![Some("a"), None, Some("b")])), "text", ["a", "", "b"]),
        ("i8", Arc::new(Int8Array::from(vec![Some(-128), None, Some(127)])), "smallint", ["-128", "", "127"]),
        ("u32", Arc::new(UInt32Array::from(vec![Some(0), None, Some(u32::MAX)])), "bigint", ["0", "", "4294967295"]),
        (
            "u64",
            Arc::new(UInt64Array::from(vec![Some(0), None, Some(u64::MAX)])),
            "numeric(20,0)",
            ["0", "", "18446744073709551615"],
        ),
        (
            "nan",
            Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(-0.0)])),
            "double precision",
            ["NaN", "", "-0"],
        ),
        (
            "nanos",
            Arc::new(TimestampNanosecondArray::from(vec![Some(1000), None, Some(2000)])),
            "timestamp without time zone",
            ["1970-01-01 00:00:00.000001", "", "1970-01-01 00:00:00.000002"],
        ),
        (
            "zoned",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(0)]).with_timezone("Europe/Berlin")),
            "timestamp with time zone",
            ["1969-12-31 23:59:59.999999+00", "", "1970-01-01 00:00:00+00"],
        ),
        (
            "hour",
            Arc::new(Time32SecondArray::from(vec![Some(1), None, Some(3_600)])),
            "time without time zone",
            ["00:00:01", "", "01:00:00"],
        ),
        (
            "wide",
            Arc::new(
                Decimal256Array::from(vec![Some(i256::from(7)), None, Some(i256::from(-100))])
                    .with_precision_and_scale(60, 2)
                    .unwrap(),
            ),
            "numeric(60,2)",
            ["0.07", "", "-1.00"],
        ),
        ("word", Arc::new(dictionary), "text", ["a", "", "a"]),
        ("nothing", Arc::new(NullArray::new(3)), "integer", ["", "", ""]),
        (
            "span",
            Arc::new(DurationMicrosecondArray::from(vec![Some(1_500_000), None, Some(0)])),
            "interval",
            ["00:00:01.5", "", "00:00:00"],
        ),
        (
            "months",
            Arc::new(IntervalMonthDayNanoArray::from(vec![
                Some(IntervalMonthDayNano::new(14, 3, 1_000_000_000)),
                None,
                Some(IntervalMonthDayNano::new(0, 0, 0)),
            ])),
            "interval",
            ["1 year 2 mons 3 days 00:00:01", "", "00:00:00"],
        ),
        (
            "pair",
            Arc::new(structs),
            "jsonb",
            ["{\"x\": 1, \"y\": \"a\"}", "{\"x\": 2, \"y\": null}", "{\"x\": 3, \"y\": \"}\"}"],
        ),
    ];
    for (name, array, sql_type, values) in cases {
        let schema = Arc::new(Schema::new(vec![Field::new(name, array.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
        store(&mut session, &schema, &[batch]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(columns(&mut session, "t"), [(name.to_string(), sql_type.to_string())]);
        let found = texts(&mut session, &format!("select coalesce({name}::text, '') from t"));
        assert_eq!(found.concat(), values, "{name}");
    }
}

#[test]
fn types_that_arrow_lacks_are_read_as_text() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    database.execute("create type mood as enum ('sad', 'ok'); create domain positive as int check (value > 0)");
    let sql = "select 'ok'::mood as e, '00000000-0000-0000-0000-000000000001'::uuid as u, '{\"a\": [1]}'::jsonb as j,
                      '10.0.0.0/8'::cidr as c, 7::positive as p, 'x'::char(3) as f, array[1.5, null]::numeric[] as n,
                      'a'::\"char\" as b, 5::oid as o, row(1, 'y') as r";
    let rows = texts(&mut session, sql);
    let expected = [
        "ok",
        "00000000-0000-0000-0000-000000000001",
        "{\"a\": [1]}",
        "10.0.0.0/8",
        "7",
        "x  ",
        "{1.5,NULL}",
        "a",
        "5",
        "(1,y)",
    ];
    assert_eq!(rows, [expected]);
    let read = session.read(sql).unwrap();
    let names: Vec<&str> = read[0].schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["e", "u", "j", "c", "p", "f", "n", "b", "o", "r"]);
}

#[test]
fn numbers_without_a_size_get_the_one_that_they_need() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let mut kind = |sql: &str| {
        let read = session.read(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let column = read[0].column(0);
        let shown: Vec<String> =
            (0..column.len()).map(|row| ::arrow::util::display::array_value_to_string(column, row).unwrap()).collect();
        format!("{} {}", column.data_type(), shown.join(" "))
    };
    assert_eq!(kind("select sum(i)::numeric from generate_series(1, 3) i"), "Decimal128(38, 0) 6");
    assert_eq!(kind("select unnest(array[1.25, 100, null, 0.001])"), "Decimal128(38, 3) 1.250 100.000  0.001");
    assert_eq!(kind("select 1.5::numeric(10, 2)"), "Decimal128(10, 2) 1.50");
    assert_eq!(kind(&format!("select {}::numeric", "1".repeat(50))), format!("Decimal256(76, 0) {}", "1".repeat(50)));
    for (sql, words) in [
        ("select 'NaN'::numeric as a", "infinite or none"),
        ("select 'infinity'::date as a", "no infinite times"),
        ("select '-infinity'::timestamp as a", "no infinite times"),
        ("select array[[1], [2]] as a", "several dimensions"),
    ] {
        let error = session.read(sql).unwrap_err();
        assert!(error.message.starts_with("column `a` can't be read: ") && error.message.contains(words), "{error}");
        assert_eq!(text(&mut session, "select 1"), "1");
    }
    assert_eq!(session.read("select").unwrap()[0].num_rows(), 1);
    assert_eq!(session.read("values (1), (2); -- two").unwrap()[0].num_rows(), 2);
}

#[test]
fn names_of_columns_need_no_quotes() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let field = |name: &str| Field::new(name, DataType::Int32, true);
    store(&mut session, &Arc::new(Schema::new(vec![field("Id"), field("Order"), field("Full name")])), &[]).unwrap();
    let names: Vec<String> = columns(&mut session, "t").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["id", "order", "Full name"]);
    text(&mut session, "select count(ID) from t");
}

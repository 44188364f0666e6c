//! Rows in memory into tables and back.

use super::*;
use crate::engine::conformance::arrow::store;
use ::arrow::array::*;
use ::arrow::buffer::OffsetBuffer;
use ::arrow::datatypes::*;
use std::sync::Arc;

fn list(values: Vec<Option<Vec<Option<i32>>>>) -> ListArray {
    ListArray::from_iter_primitive::<Int32Type, _, _>(values)
}

/// Column name, array of three values, DuckDB's type, the values as DuckDB's text.
fn samples() -> Vec<(&'static str, ArrayRef, &'static str, [&'static str; 3])> {
    let micros = vec![Some(1_700_000_000_123_456), None, Some(-1)];
    let structs = StructArray::from(vec![
        (Arc::new(Field::new("x", DataType::Int64, true)), Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef),
        (
            Arc::new(Field::new("y", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("a"), None, Some("c")])),
        ),
    ]);
    let null_structs = StructArray::new(
        vec![Field::new("x", DataType::Int64, true)].into(),
        vec![Arc::new(Int64Array::from(vec![Some(1), Some(2), None]))],
        Some(vec![true, false, true].into()),
    );
    let dictionary: DictionaryArray<Int8Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
    let empty_lists = ListArray::new(
        Arc::new(Field::new("item", DataType::Null, true)),
        OffsetBuffer::from_lengths([0, 0, 1]),
        Arc::new(NullArray::new(1)),
        None,
    );
    vec![
        ("text", Arc::new(StringArray::from(vec![Some("é🦆"), None, Some("")])), "VARCHAR", ["é🦆", "", ""]),
        ("large", Arc::new(LargeStringArray::from(vec![Some("a"), None, Some("b")])), "VARCHAR", ["a", "", "b"]),
        ("seen", Arc::new(StringViewArray::from(vec![Some("a"), None, Some("b")])), "VARCHAR", ["a", "", "b"]),
        ("i8", Arc::new(Int8Array::from(vec![Some(-128), None, Some(127)])), "TINYINT", ["-128", "", "127"]),
        (
            "i64",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)])),
            "BIGINT",
            ["-9223372036854775808", "", "9223372036854775807"],
        ),
        (
            "u64",
            Arc::new(UInt64Array::from(vec![Some(0), None, Some(u64::MAX)])),
            "UBIGINT",
            ["0", "", "18446744073709551615"],
        ),
        ("f32", Arc::new(Float32Array::from(vec![Some(1.5), None, Some(f32::INFINITY)])), "FLOAT", ["1.5", "", "inf"]),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(f64::NAN)])), "DOUBLE", ["0.1", "", "nan"]),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])), "BOOLEAN", ["true", "", "false"]),
        (
            "naive",
            Arc::new(TimestampMicrosecondArray::from(micros.clone())),
            "TIMESTAMP",
            ["2023-11-14 22:13:20.123456", "", "1969-12-31 23:59:59.999999"],
        ),
        (
            "nanos",
            Arc::new(TimestampNanosecondArray::from(vec![Some(1), None, Some(2)])),
            "TIMESTAMP_NS",
            ["1970-01-01 00:00:00.000000001", "", "1970-01-01 00:00:00.000000002"],
        ),
        (
            "zoned",
            Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("Europe/Berlin")),
            "TIMESTAMP WITH TIME ZONE",
            ["2023-11-14 22:13:20.123456+00", "", "1969-12-31 23:59:59.999999+00"],
        ),
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(0), None, Some(19_000)])),
            "DATE",
            ["1970-01-01", "", "2022-01-08"],
        ),
        (
            "millis",
            Arc::new(Date64Array::from(vec![Some(0), None, Some(86_400_000)])),
            "DATE",
            ["1970-01-01", "", "1970-01-02"],
        ),
        (
            "hour",
            Arc::new(Time64MicrosecondArray::from(vec![Some(1), None, Some(3_600_000_000)])),
            "TIME",
            ["00:00:00.000001", "", "01:00:00"],
        ),
        (
            "hour32",
            Arc::new(Time32SecondArray::from(vec![Some(1), None, Some(3_600)])),
            "TIME",
            ["00:00:01", "", "01:00:00"],
        ),
        (
            "money",
            Arc::new(Decimal128Array::from(vec![Some(12345), None, Some(-1)]).with_precision_and_scale(18, 2).unwrap()),
            "DECIMAL(18,2)",
            ["123.45", "", "-0.01"],
        ),
        (
            "wide",
            Arc::new(
                Decimal256Array::from(vec![Some(i256::from(7)), None, Some(i256::from(-1))])
                    .with_precision_and_scale(40, 2)
                    .unwrap(),
            ),
            "DECIMAL(38,2)",
            ["0.07", "", "-0.01"],
        ),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"a\x00"[..]), None, Some(b"")])), "BLOB", ["a\\x00", "", ""]),
        (
            "items",
            Arc::new(list(vec![Some(vec![Some(1), None]), None, Some(vec![])])),
            "INTEGER[]",
            ["[1, NULL]", "", "[]"],
        ),
        (
            "pair",
            Arc::new(structs),
            "STRUCT(x BIGINT, y VARCHAR)",
            ["{'x': 1, 'y': a}", "{'x': 2, 'y': NULL}", "{'x': 3, 'y': c}"],
        ),
        ("holes", Arc::new(null_structs), "STRUCT(x BIGINT)", ["{'x': 1}", "", "{'x': NULL}"]),
        ("word", Arc::new(dictionary), "VARCHAR", ["a", "", "a"]),
        ("nothing", Arc::new(NullArray::new(3)), "INTEGER", ["", "", ""]),
        ("hollow", Arc::new(empty_lists), "INTEGER[]", ["[]", "[]", "[NULL]"]),
        (
            "span",
            Arc::new(DurationMicrosecondArray::from(vec![Some(1_000_000), None, Some(0)])),
            "INTERVAL",
            ["00:00:01", "", "00:00:00"],
        ),
        (
            "months",
            Arc::new(IntervalMonthDayNanoArray::from(vec![
                Some(IntervalMonthDayNano::new(1, 3, 5_000_000_000)),
                None,
                Some(IntervalMonthDayNano::new(-1, 0, -1000)),
            ])),
            "INTERVAL",
            ["1 month 3 days 00:00:05", "", "-1 month -00:00:00.000001"],
        ),
        (
            "whole",
            Arc::new(
                Decimal256Array::from(vec![Some(i256::from_parts(u128::MAX, 0)), None, Some(i256::from(1))])
                    .with_precision_and_scale(39, 0)
                    .unwrap(),
            ),
            "UHUGEINT",
            ["340282366920938463463374607431768211455", "", "1"],
        ),
    ]
}

#[test]
fn every_type_is_stored() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    for (name, array, sql_type, values) in samples() {
        let schema = Arc::new(Schema::new(vec![Field::new(name, array.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
        let built = store(&mut session, &schema, &[batch.slice(0, 1), batch.slice(1, 2)]);
        let built = built.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(built.measures.rows(), Some(3), "{name}");
        let found = texts(&mut session, &format!("select typeof({name}), {name}::varchar from t"));
        assert_eq!(found.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(), values, "{name}");
        assert!(found.iter().all(|row| row[0] == sql_type), "{name}: {found:?}");
        store(&mut session, &schema, &[]).unwrap_or_else(|error| panic!("empty {name}: {error}"));
        assert_eq!(text(&mut session, "select count(*) from t"), "0");
        let sql = "select data_type from duckdb_columns() where table_name = 't'";
        assert_eq!(text(&mut session, sql), sql_type, "empty {name}");
    }
}

#[test]
fn what_cannot_be_kept_is_an_error_of_its_column() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let item = Arc::new(Field::new("item", DataType::Interval(IntervalUnit::MonthDayNano), true));
    let nested = new_empty_array(&DataType::List(item));
    let long = Decimal256Array::from(vec![i256::from_string(&"9".repeat(40)).unwrap()]);
    let columns: [ArrayRef; 4] = [
        nested,
        Arc::new(long.with_precision_and_scale(42, 1).unwrap()),
        Arc::new(Time64NanosecondArray::from(vec![1])),
        Arc::new(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(0, 0, 1)])),
    ];
    for array in columns {
        let schema = Arc::new(Schema::new(vec![Field::new("a", array.data_type().clone(), true)]));
        let batch = RecordBatch::try_new(schema.clone(), vec![array]).unwrap();
        let error = store(&mut session, &schema, &[batch]).unwrap_err();
        assert!(error.message.contains("column `a`"), "{error}");
    }
}

#[test]
fn values_pass_through_arrow_as_they_are() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    for expression in [
        "340282366920938463463374607431768211455::uhugeint",
        "99999999999999999999999999999999999999::hugeint",
        "18446744073709551615::ubigint",
        "123456789012345678901234567890123456.78::decimal(38,2)",
        "1.5::decimal(3,1)",
        "interval '1 month -3 days 5.000001 seconds'",
        "timestamp_s '2020-01-01 00:00:01'",
        "timestamp_ms '2020-01-01 00:00:00.123'",
        "timestamp_ns '2020-01-01 00:00:00.123456789'",
        "timestamptz '0001-01-01 00:00:00+00'",
        "time '12:34:56.789'",
        "timetz '12:34:56+02'",
        "date '5874897-12-31'",
        "'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::uuid",
        "'b'::enum('a', 'b')",
        "'0101'::bit",
        "'a\\x00'::blob",
        "'nan'::double",
        "[1, null]::bigint[]",
        "{'a': 1, 'b': [{'c': null}]}",
        "map {'k': 1.5}",
        "[1, 2]::integer[2]",
    ] {
        for value in [expression.to_string(), format!("if(false, {expression}, null)")] {
            let sql = format!("select {value} as v union all select null;");
            let read = session.exact(&sql).unwrap_or_else(|error| panic!("{value}: {error}"));
            store(&mut session, &read[0].schema(), &read).unwrap_or_else(|error| panic!("{value}: {error}"));
            let before = text(&mut session, &format!("select coalesce(({value})::varchar, 'null')"));
            assert_eq!(text(&mut session, "select coalesce(max(v::varchar), 'null') from t"), before, "{value}");
        }
    }
    for unreadable in
        ["170141183460469231731687303715884105727::hugeint", "[1::uhugeint]", "union_value(a := 1)", "{'a': '1'::bit}"]
    {
        let error = session.exact(&format!("select {unreadable} as v")).unwrap_err();
        assert!(error.message.contains("column `v` of type"), "{error}");
    }
}

#[test]
fn duckdbs_own_types_are_read() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let sql = "select sum(range) as h, 'b'::enum('a', 'b') as e, uuid() as u, {'a': [1]} as s, map {'k': 1} as m,
                      now() as z, 1.5 as d, interval 1 month as i, '01'::bit as b from range(3)";
    let read = session.read(sql).unwrap();
    assert_eq!(read[0].num_rows(), 1);
    assert_eq!(text(&mut session, "select sum(range) from range(3)"), "3");
}

//! Parquet files for tests, written by the `parquet` crate.

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use arrow::array::*;
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::*;
use std::sync::Arc;

/// A file of these columns.
pub fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    packed(columns, WriterProperties::builder().build())
}

/// The same with a codec or row groups of a size.
pub fn packed(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let field = |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

pub fn compressed(columns: Vec<(&str, ArrayRef)>, codec: Compression) -> Vec<u8> {
    packed(columns, WriterProperties::builder().set_compression(codec).build())
}

/// A file of a schema as Parquet says it, in whose row group `write` fills the columns.
pub fn raw(
    schema: &str,
    write: impl FnOnce(&mut ::parquet::file::writer::SerializedRowGroupWriter<'_, Vec<u8>>),
) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Default::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    write(&mut group);
    group.close().unwrap();
    writer.into_inner().unwrap()
}

/// A column, its type in DuckDB's words and in Postgres's, and its three values as Postgres shows them.
pub struct Case {
    pub name: &'static str,
    pub array: ArrayRef,
    pub word: &'static str,
    pub postgres: &'static str,
    pub shown: [&'static str; 3],
}

/// Columns of every type that Arrow's writer knows, each of a value, a null and another value.
pub fn every_type() -> Vec<Case> {
    let mut cases = numbers();
    cases.extend(texts());
    cases.extend(times());
    cases.extend(nested());
    cases
}

fn case(
    name: &'static str,
    array: impl Array + 'static,
    word: &'static str,
    postgres: &'static str,
    shown: [&'static str; 3],
) -> Case {
    Case { name, array: Arc::new(array), word, postgres, shown }
}

fn decimal(values: [i128; 2], precision: u8, scale: i8) -> Decimal128Array {
    let values = Decimal128Array::from(vec![Some(values[0]), None, Some(values[1])]);
    values.with_precision_and_scale(precision, scale).unwrap()
}

fn numbers() -> Vec<Case> {
    let wide = |values: [&str; 2], precision| {
        let value = |text: &str| i256::from_string(text);
        let values = Decimal256Array::from(vec![value(values[0]), None, value(values[1])]);
        values.with_precision_and_scale(precision, 2).unwrap()
    };
    let halves = Float32Array::from(vec![Some(1.5), None, Some(-2.0)]);
    let halves = cast(&halves, &DataType::Float16).unwrap().as_primitive::<Float16Type>().clone();
    vec![
        case("i8", Int8Array::from(vec![Some(-128), None, Some(127)]), "TINYINT", "smallint", ["-128", "", "127"]),
        case("i16", Int16Array::from(vec![Some(i16::MIN), None, Some(1)]), "SMALLINT", "smallint", ["-32768", "", "1"]),
        case(
            "i32",
            Int32Array::from(vec![Some(i32::MIN), None, Some(1)]),
            "INTEGER",
            "integer",
            ["-2147483648", "", "1"],
        ),
        case(
            "i64",
            Int64Array::from(vec![Some(i64::MIN), None, Some(1)]),
            "BIGINT",
            "bigint",
            ["-9223372036854775808", "", "1"],
        ),
        case("u8", UInt8Array::from(vec![Some(255), None, Some(0)]), "UTINYINT", "smallint", ["255", "", "0"]),
        case("u16", UInt16Array::from(vec![Some(65535), None, Some(0)]), "USMALLINT", "integer", ["65535", "", "0"]),
        case(
            "u32",
            UInt32Array::from(vec![Some(u32::MAX), None, Some(0)]),
            "UINTEGER",
            "bigint",
            ["4294967295", "", "0"],
        ),
        case(
            "u64",
            UInt64Array::from(vec![Some(u64::MAX), None, Some(0)]),
            "UBIGINT",
            "numeric(20,0)",
            ["18446744073709551615", "", "0"],
        ),
        case("f16", halves, "FLOAT", "real", ["1.5", "", "-2"]),
        case("f32", Float32Array::from(vec![Some(0.1), None, Some(f32::NAN)]), "FLOAT", "real", ["0.1", "", "NaN"]),
        case(
            "f64",
            Float64Array::from(vec![Some(0.1), None, Some(f64::NEG_INFINITY)]),
            "DOUBLE",
            "double precision",
            ["0.1", "", "-Infinity"],
        ),
        case("d4", decimal([1234, -1], 4, 2), "DECIMAL(4,2)", "numeric(4,2)", ["12.34", "", "-0.01"]),
        case("d12", decimal([123_456, -1], 12, 3), "DECIMAL(12,3)", "numeric(12,3)", ["123.456", "", "-0.001"]),
        case(
            "d38",
            decimal([10_i128.pow(38) - 1, 0], 38, 0),
            "DECIMAL(38,0)",
            "numeric(38,0)",
            ["99999999999999999999999999999999999999", "", "0"],
        ),
        case("d30", wide(["150", "-1"], 30), "DECIMAL(30,2)", "numeric(30,2)", ["1.50", "", "-0.01"]),
        case("d60", wide(["150", "-12345"], 60), "DOUBLE", "double precision", ["1.5", "", "-123.45"]),
        case(
            "yes",
            BooleanArray::from(vec![Some(true), None, Some(false)]),
            "BOOLEAN",
            "boolean",
            ["true", "", "false"],
        ),
        case("nothing", NullArray::new(3), "\"NULL\"", "integer", ["", "", ""]),
        case(
            "span",
            DurationMicrosecondArray::from(vec![Some(7), None, Some(-7)]),
            "BIGINT",
            "bigint",
            ["7", "", "-7"],
        ),
    ]
}

fn texts() -> Vec<Case> {
    let words = || vec![Some("é🦆"), None, Some("a\tb\\\n\"'")];
    let shown = ["é🦆", "", "a\tb\\\n\"'"];
    let dictionary: DictionaryArray<Int8Type> = words().into_iter().collect();
    let bytes = || vec![Some(&b"\x00\xff"[..]), None, Some(&b"ab"[..])];
    let hexadecimal = ["\\x00ff", "", "\\x6162"];
    let fixed = FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes().into_iter(), 2).unwrap();
    vec![
        case("text", StringArray::from(words()), "VARCHAR", "text", shown),
        case("long", LargeStringArray::from(words()), "VARCHAR", "text", shown),
        case("seen", StringViewArray::from(words()), "VARCHAR", "text", shown),
        case("word", dictionary, "VARCHAR", "text", shown),
        case("bytes", BinaryArray::from(bytes()), "BLOB", "bytea", hexadecimal),
        case("large", LargeBinaryArray::from(bytes()), "BLOB", "bytea", hexadecimal),
        case("fixed", fixed, "BLOB", "bytea", hexadecimal),
    ]
}

fn times() -> Vec<Case> {
    let (plain, zoned) = ("timestamp without time zone", "timestamp with time zone");
    let (word, with_zone) = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE");
    let time = "time without time zone";
    let shown = ["1970-01-01 00:00:01.5", "", "1969-12-31 23:59:58.5"];
    let shown_zoned = ["1970-01-01 00:00:01.5+00", "", "1969-12-31 23:59:58.5+00"];
    let of = |unit: i64| vec![Some(unit + unit / 2), None, Some(-unit - unit / 2)];
    let berlin = "Europe/Berlin";
    vec![
        case(
            "day",
            Date32Array::from(vec![Some(19_782), None, Some(-719_162)]),
            "DATE",
            "date",
            ["2024-02-29", "", "0001-01-01"],
        ),
        case(
            "seconds",
            Time32SecondArray::from(vec![Some(1), None, Some(86_399)]),
            "INTEGER",
            "integer",
            ["1", "", "86399"],
        ),
        case(
            "millis",
            Time32MillisecondArray::from(vec![Some(1), None, Some(0)]),
            "TIME",
            time,
            ["00:00:00.001", "", "00:00:00"],
        ),
        case(
            "micros",
            Time64MicrosecondArray::from(vec![Some(1), None, Some(0)]),
            "TIME",
            time,
            ["00:00:00.000001", "", "00:00:00"],
        ),
        case(
            "nanos",
            Time64NanosecondArray::from(vec![Some(1_000), None, Some(0)]),
            "TIME_NS",
            time,
            ["00:00:00.000001", "", "00:00:00"],
        ),
        case("ts_ms", TimestampMillisecondArray::from(of(1_000)), word, plain, shown),
        case("ts_us", TimestampMicrosecondArray::from(of(1_000_000)), word, plain, shown),
        case("ts_ns", TimestampNanosecondArray::from(of(1_000_000_000)), "TIMESTAMP_NS", plain, shown),
        case("tz_ms", TimestampMillisecondArray::from(of(1_000)).with_timezone("UTC"), with_zone, zoned, shown_zoned),
        case(
            "tz_us",
            TimestampMicrosecondArray::from(of(1_000_000)).with_timezone(berlin),
            with_zone,
            zoned,
            shown_zoned,
        ),
        case(
            "tz_ns",
            TimestampNanosecondArray::from(of(1_000_000_000)).with_timezone(berlin),
            "TIMESTAMPTZ_NS",
            zoned,
            shown_zoned,
        ),
    ]
}

fn nested() -> Vec<Case> {
    let items = |values: ArrayRef| {
        let item = Arc::new(Field::new("item", values.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths([2, 0, 0]);
        ListArray::new(item, offsets, values, Some(vec![true, false, true].into()))
    };
    let pair = |name: &str, kind: DataType| Arc::new(Field::new(name, kind, true));
    let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(0), None, Some(1)]));
    let times: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![Some(1_500), None, Some(0)]));
    let rows = StructArray::new(
        vec![pair("x", DataType::Date32), pair("Y z", times.data_type().clone())].into(),
        vec![dates, times],
        Some(vec![true, false, true].into()),
    );
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int8Builder::new());
    map.keys().append_value("k");
    map.values().append_value(1);
    map.append(true).unwrap();
    map.append(false).unwrap();
    map.append(true).unwrap();
    let deep = items(Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)]), None])));
    vec![
        case(
            "numbers",
            items(Arc::new(Int32Array::from(vec![Some(1), None]))),
            "INTEGER[]",
            "integer[]",
            ["{1,NULL}", "", "{}"],
        ),
        case(
            "words",
            items(Arc::new(StringArray::from(vec!["a", "b c"]))),
            "VARCHAR[]",
            "text[]",
            ["{a,\"b c\"}", "", "{}"],
        ),
        case("deep", deep, "INTEGER[][]", "jsonb", ["[[1], null]", "", "[]"]),
        case(
            "row",
            rows,
            "STRUCT(x DATE, \"Y z\" TIMESTAMP)",
            "jsonb",
            [
                "{\"x\": \"1970-01-01\", \"Y z\": \"1970-01-01T00:00:01.500\"}",
                "",
                "{\"x\": \"1970-01-02\", \"Y z\": \"1970-01-01T00:00:00\"}",
            ],
        ),
        case("map", map.finish(), "MAP(VARCHAR, TINYINT)", "jsonb", ["{\"k\": 1}", "", "{}"]),
    ]
}

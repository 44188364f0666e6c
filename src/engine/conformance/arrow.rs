//! Rows in memory into tables and back.

use super::*;
use ::arrow::array::*;
use ::arrow::compute::concat_batches;
use ::arrow::datatypes::*;
use std::sync::Arc;

/// Stores the rows as table `t`.
pub fn store(session: &mut Session, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Built, EngineError> {
    let content = Content::Arrow { schema: schema.clone(), batches };
    put(session, &named("t"), RelationKind::Table, content, row(&named("t"), "arrow"))
}

pub fn what_was_stored_is_read_back(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let ids = Int64Array::from_iter_values(0..300_000);
    let names = StringArray::from_iter((0..300_000).map(|id| (id % 3 != 0).then(|| format!("user {id}"))));
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("select", DataType::Utf8, true),
    ]));
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(ids), Arc::new(names)]).unwrap();
    let halves = [batch.slice(0, 100_000), batch.slice(100_000, 200_000)];
    assert_eq!(store(&mut session, &schema, &halves).unwrap().measures.rows(), Some(300_000));
    let read = session.read("select * from t order by id;").unwrap();
    let most = 300_000 / subject.expects().rows_of_a_batch;
    assert!(read.len() <= most, "{} batches", read.len());
    assert_eq!(concat_batches(&schema, &read).unwrap(), batch);
    let none = session.read("select * from t where id < 0").unwrap();
    assert_eq!((none.len(), none[0].num_rows(), none[0].schema()), (1, 0, schema));
}

/// Columns of three values, the second null, that come back as what they were.
fn samples(nulls_in_lists: bool) -> Vec<(&'static str, ArrayRef)> {
    let micros = || vec![Some(1_700_000_000_123_456), None, Some(-1)];
    let decimal = |values: Vec<Option<i128>>, precision, scale| {
        Decimal128Array::from(values).with_precision_and_scale(precision, scale).unwrap()
    };
    let long = 12_345_678_901_234_567_890_123_456_789_012_345_678_i128;
    let (one, none) = if nulls_in_lists { (None, None) } else { (Some(2), Some(vec![])) };
    let items = vec![Some(vec![Some(1), one]), none, Some(vec![])];
    let words = |values: &[&str]| values.iter().map(|word| Some(word.to_string())).collect::<Vec<_>>();
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value(words(&["a", "", "é,\"\\"]));
    lists.append_option((!nulls_in_lists).then(|| words(&[])));
    lists.append_value(words(&[]));
    vec![
        ("boolean", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("smallint", Arc::new(Int16Array::from(vec![Some(i16::MIN), None, Some(i16::MAX)]))),
        ("integer", Arc::new(Int32Array::from(vec![Some(i32::MIN), None, Some(i32::MAX)]))),
        ("bigint", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]))),
        ("real", Arc::new(Float32Array::from(vec![Some(1.5), None, Some(f32::INFINITY)]))),
        ("double", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(f64::MIN_POSITIVE)]))),
        ("text", Arc::new(StringArray::from(vec![Some("é🦆\n\t\\N"), None, Some("")]))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"a\x00\xff"[..]), None, Some(b"")]))),
        ("date", Arc::new(Date32Array::from(vec![Some(0), None, Some(-719_162)]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(1), None, Some(86_399_999_999)]))),
        ("timestamp", Arc::new(TimestampMicrosecondArray::from(micros()))),
        ("money", Arc::new(decimal(vec![Some(12345), None, Some(-1)], 18, 2))),
        ("long", Arc::new(decimal(vec![Some(long), None, Some(-long)], 38, 10))),
        ("small", Arc::new(decimal(vec![Some(1), None, Some(0)], 9, 9))),
        ("items", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(items))),
        ("words", Arc::new(lists.finish())),
    ]
}

pub fn every_common_type_comes_back(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    for (name, array) in samples(subject.expects().nulls_in_lists) {
        if name == "long" && subject.expects().digits.0 < 28 {
            continue;
        }
        let schema = Arc::new(Schema::new(vec![
            Field::new("n", DataType::Int32, true),
            Field::new(name, array.data_type().clone(), true),
        ]));
        let order: ArrayRef = Arc::new(Int32Array::from(vec![0, 1, 2]));
        let batch = RecordBatch::try_new(schema.clone(), vec![order, array.clone()]).unwrap();
        let built = store(&mut session, &schema, &[batch.slice(0, 1), batch.slice(1, 2)]);
        let built = built.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(built.measures.rows(), Some(3), "{name}");
        let column = dialect(subject).quote(name);
        let read = session.read(&format!("select {column} from t order by n")).unwrap();
        assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 3, "{name}");
        let whole = concat_batches(&read[0].schema(), &read).unwrap();
        // How an engine calls a list's elements is its own matter.
        let came = match array.data_type() {
            DataType::List(_) if !subject.expects().lists => of_json(whole.column(0), array.data_type()),
            kind => ::arrow::compute::cast(whole.column(0), kind).unwrap(),
        };
        assert_eq!(&came, &array, "{name}");
        let other = match array.data_type() {
            DataType::List(_) => true,
            DataType::Time64(_) => !subject.expects().times,
            DataType::Decimal128(..) => !subject.expects().exact_decimals,
            _ => kept(subject, name) != name,
        };
        let same = other || whole.column(0).data_type() == array.data_type();
        assert!(same, "{name}: {} came as {}", array.data_type(), whole.column(0).data_type());
        store(&mut session, &schema, &[]).unwrap_or_else(|error| panic!("empty {name}: {error}"));
        assert_eq!(text(&mut session, "select count(*) from t"), "0");
    }
}

/// The values that texts of JSON are.
fn of_json(texts: &ArrayRef, kind: &DataType) -> ArrayRef {
    let schema = Arc::new(Schema::new(vec![Field::new("v", kind.clone(), true)]));
    let mut decoder = ::arrow::json::ReaderBuilder::new(schema).build_decoder().unwrap();
    for text in texts.as_string::<i32>() {
        let line = format!("{{\"v\": {}}}\n", text.unwrap_or("null"));
        decoder.decode(line.as_bytes()).unwrap();
    }
    decoder.flush().unwrap().unwrap().column(0).clone()
}

pub fn what_cannot_be_stored_leaves_the_table(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let field = |name: &str| Field::new(name, DataType::Int32, true);
    let good = Arc::new(Schema::new(vec![field("a")]));
    store(&mut session, &good, &[]).unwrap();
    store(&mut session, &Arc::new(Schema::new(vec![field("a"), field("A")])), &[]).unwrap_err();
    store(&mut session, &Arc::new(Schema::empty()), &[]).unwrap_err();
    assert_eq!(common(subject, &columns(&mut session, "t")), [("a".to_string(), kept(subject, "integer"))]);
}

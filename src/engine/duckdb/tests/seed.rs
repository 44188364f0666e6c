//! Parquet files as DuckDB reads them, and as engines without a reader of their own get them.

use super::*;
use crate::engine::conformance::seed::{content, load};
use crate::engine::seed::parquet::{Parquet, testing};
use crate::engine::{SeedContent, seed};
use ::arrow::array::RecordBatch;
use ::arrow::compute::concat_batches;
use ::arrow::util::display::array_value_to_string;

#[test]
fn parquet_seeds_are_read() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let written = fixture.root().join("written.parquet");
    let file = fixture.root().join("users[1]*?.parquet");
    session.read(&format!("copy (select 1::int as id, 'a' as \"Name x\") to '{}'", written.display())).unwrap();
    std::fs::rename(written, &file).unwrap();
    load(&mut session, &file, &[("ID", "bigint")]).unwrap();
    let pair = |name: &str, sql_type: &str| (name.to_string(), sql_type.to_string());
    let own = [pair("id", "BIGINT"), pair("Name x", "VARCHAR")];
    let added = [pair("_ff_seed_id", "VARCHAR"), pair("_ff_seed_file", "VARCHAR"), pair("_ff_loaded_at", "TIMESTAMP")];
    assert_eq!(columns(&mut session, "t"), [&own[..], &added[..]].concat());
    let scans = session.estimate(&Content::Seed(content(&file))).unwrap().unwrap().scans;
    assert!(scans[0].bytes > 0 && scans[0].bytes < seed::size(&content(&file)).unwrap(), "{scans:?}");
    // Other bytes than those that were hashed.
    let other = SeedContent { digest: Some(crate::fingerprint::leaf("seed", "s", b"")), ..content(&file) };
    let error = put(&mut session, &named("t"), RelationKind::Table, Content::Seed(other), row(&named("t"), "seed"));
    assert!(error.unwrap_err().message.ends_with("changed while it was read"));
    std::fs::remove_file(&file).unwrap();
    let error = load(&mut session, &file, &[]).unwrap_err();
    assert!(error.message.contains("can't be read"), "{error}");
}

/// Columns of a type that only DuckDB has a word for; those of times with an offset aren't read from it here.
const COLUMNS: &str = "
    uuid() as id, interval '14 months 3 days 1.5 seconds' as span, 170141183460469231731687303715884105727::hugeint as huge,
    'a'::enum('a', 'b') as kind, '{\"a\": [1]}'::json as doc, timestamptz '2024-02-29 10:00:00+02' as zoned,
    time '10:00:00.5' as day_time, timestamp_ns '2024-02-29 10:00:00.000001' as nanos, '\\xAB'::blob as bytes,
    '101'::bit as bits, 1.5::decimal(4, 1) as d4, 1.5::decimal(30, 10) as d30, map {'a': 1, 'b': null} as pairs,
    [{'x': 1, 'y z': [date '2024-01-01']}, null] as deep, {'a': uuid(), 'B': {'c': interval '1 month'}} as rows,
    [[1.5::decimal(4, 1)]] as lists, null as nothing, [null] as nothings, true as yes, 'x' as text, 1::utinyint as tiny";

fn both(session: &mut Session, file: &Path) {
    let content = content(file);
    let parquet = Parquet::open(&content).unwrap();
    assert_eq!(Some(parquet.outline()), session.outline(&content).unwrap(), "{}", file.display());
    let batches: Vec<RecordBatch> = parquet.batches().map(Result::unwrap).collect();
    let ours = concat_batches(&parquet.schema, &batches).unwrap();
    let theirs = session.read(&format!("select * from '{}'", file.display())).unwrap();
    let theirs = concat_batches(&theirs[0].schema(), &theirs).unwrap();
    assert_eq!(ours.num_rows(), theirs.num_rows());
    for (at, field) in theirs.schema().fields().iter().enumerate() {
        let name = field.name();
        let (one, other) = (ours.column(at), theirs.column(at));
        if !field.data_type().is_nested() {
            assert_eq!(one, other, "{name}");
            continue;
        }
        // Names and nullability of what is nested are each reader's own.
        for row in 0..ours.num_rows() {
            let shown = |array| array_value_to_string(array, row).unwrap();
            assert_eq!(shown(one), shown(other), "{name}");
        }
    }
}

#[test]
fn both_readers_of_parquet_agree_on_names_types_and_values() {
    let fixture = Fixture::demo();
    let mut session = fixture.session();
    let file = fixture.root().join("s.parquet");
    for options in
        ["", ", compression zstd", ", compression gzip", ", parquet_version v2", ", compression uncompressed"]
    {
        let sql = format!("copy (select {COLUMNS} from range(3000)) to '{}' (format parquet{options})", file.display());
        session.read(&sql).unwrap();
        both(&mut session, &file);
    }
    let columns = testing::every_type().into_iter().map(|case| (case.name, case.array)).collect();
    std::fs::write(&file, testing::file(columns)).unwrap();
    both(&mut session, &file);
    let one = |name| (name, std::sync::Arc::new(::arrow::array::Int32Array::from(vec![1])) as ::arrow::array::ArrayRef);
    std::fs::write(&file, testing::file(vec![one("a"), one("A"), one("a_1"), one("A_1")])).unwrap();
    both(&mut session, &file);
}

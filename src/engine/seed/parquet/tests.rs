//! What is read of Parquet files, and what is told of those that can't be.

use super::testing::{Case, compressed, every_type, file, packed, raw};
use super::*;
use crate::world::{MemoryWorld, World};
use ::parquet::basic::{BrotliLevel, GzipLevel};
use ::parquet::data_type::*;
use ::parquet::file::properties::WriterProperties;
use arrow::array::*;
use arrow::util::display::array_value_to_string;
use std::path::Path;

const PATH: &str = "seeds/s.parquet";

fn world(bytes: &[u8]) -> MemoryWorld {
    let world = MemoryWorld::new();
    world.put("/p/seeds/s.parquet", bytes);
    world
}

fn content(world: &dyn World) -> SeedContent<'_> {
    SeedContent {
        world,
        file: Path::new("/p/seeds/s.parquet"),
        path: PATH,
        digest: None,
        parquet: true,
        delimiter: None,
        types: &[],
        text_columns: &[],
        loaded_at_column: None,
    }
}

/// Names and types of the columns, the number of rows, and the rows as text.
type Found = (Vec<String>, u64, Vec<Vec<String>>);

fn read(bytes: &[u8]) -> Result<Found, EngineError> {
    let world = world(bytes);
    let content = content(&world);
    let seed = Parquet::open(&content)?;
    let outline = seed.outline();
    let columns = outline.columns.into_iter().map(|(name, word)| format!("{name} {}", word.unwrap())).collect();
    let mut rows = Vec::new();
    for batch in seed.batches() {
        let batch = batch?;
        assert_eq!(batch.schema(), seed.schema);
        let text = |row| batch.columns().iter().map(|column| array_value_to_string(column, row).unwrap()).collect();
        rows.extend((0..batch.num_rows()).map(text));
    }
    Ok((columns, outline.rows, rows))
}

fn numbers(count: i32) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(0..count))
}

#[test]
fn every_type_has_the_word_that_duckdb_has_for_it() {
    let cases = every_type();
    let columns = cases.iter().map(|case| (case.name, case.array.clone())).collect();
    let world = world(&file(columns));
    let content = content(&world);
    let found = Parquet::open(&content).unwrap().outline();
    let word = |case: Case| (case.name.to_string(), Some(case.word.to_string()));
    assert_eq!(found, Outline { columns: cases.into_iter().map(word).collect(), rows: 3 });
}

#[test]
fn row_groups_are_read_one_after_the_other() {
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1_000)).build();
    let bytes = packed(vec![("n", numbers(25_500))], properties);
    let world = world(&bytes);
    let content = content(&world);
    let seed = Parquet::open(&content).unwrap();
    assert_eq!(seed.outline().rows, 25_500);
    let sizes: Vec<usize> = seed.batches().map(|batch| batch.unwrap().num_rows()).collect();
    assert_eq!((sizes.len(), sizes[0], sizes[25]), (26, 1_000, 500));
    // One large group comes in parts too.
    let (_, _, rows) = read(&file(vec![("n", numbers(20_000))])).unwrap();
    assert!(rows.iter().enumerate().all(|(at, row)| row[0] == at.to_string()));
}

#[test]
fn a_file_without_rows_has_columns() {
    let (columns, rows, found) = read(&file(vec![("n", numbers(0))])).unwrap();
    assert_eq!((columns, rows, found.len()), (vec!["n INTEGER".to_string()], 0, 0));
}

#[test]
fn every_codec_is_unpacked() {
    let columns = || {
        let texts = (0..20_000).map(|n| (n % 7 != 0).then(|| format!("text {}", n % 300)));
        vec![("n", numbers(20_000)), ("t", Arc::new(StringArray::from_iter(texts)) as ArrayRef)]
    };
    let plain = read(&file(columns())).unwrap();
    for codec in [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
        Compression::LZ4,
    ] {
        assert_eq!(read(&compressed(columns(), codec)).unwrap(), plain, "{codec}");
    }
}

/// Written by DuckDB: two row groups with dictionaries, nulls and a list, in pages of both versions.
#[test]
fn zstandard_is_unpacked() {
    for bytes in [&include_bytes!("zstd1.parquet")[..], include_bytes!("zstd2.parquet")] {
        let (columns, rows, found) = read(bytes).unwrap();
        assert_eq!(columns, ["n BIGINT", "t VARCHAR", "l INTEGER[]"]);
        assert_eq!((rows, found.len()), (4_000, 4_000));
        for (at, row) in found.iter().enumerate() {
            let text = if at % 5 == 0 { String::new() } else { format!("text {}", at % 50) };
            assert_eq!(*row, [at.to_string(), text, format!("[{}, {at}]", at % 3)]);
        }
    }
}

#[test]
fn names_that_differ_in_case_alone_are_told_apart() {
    let one = || numbers(1);
    let (columns, ..) = read(&file(vec![("a", one()), ("A", one()), ("a_1", one()), ("é \"x\"", one())])).unwrap();
    assert_eq!(columns, ["a INTEGER", "A_1 INTEGER", "a_1_1 INTEGER", "é \"x\" INTEGER"]);
}

#[test]
fn what_only_parquet_has_is_read() {
    let schema = "message m {
        optional int96 impala; required fixed_len_byte_array(16) id (UUID); required fixed_len_byte_array(12) span (INTERVAL);
        required binary kind (ENUM); required binary json (JSON); required int64 old (TIMESTAMP_MICROS);
        required int64 zoned (TIME(NANOS,true)); required fixed_len_byte_array(18) wide (DECIMAL(40,2));
        repeated int32 bare; optional group tuples (LIST) { repeated group array { required int32 x; } } }";
    let bytes = raw(schema, |group| {
        let mut column = 0;
        let mut wide = [0xff_u8; 18];
        wide[17] = 0x9c;
        let fixed = |bytes: &[u8]| FixedLenByteArray::from(ByteArray::from(bytes.to_vec()));
        let span = [[14_u8, 0, 0, 0], [3, 0, 0, 0], [0xe8, 3, 0, 0]].concat();
        while let Some(mut writer) = group.next_column().unwrap() {
            macro_rules! put {
                ($kind:ty, $value:expr, $levels:expr) => {
                    writer.typed::<$kind>().write_batch(&[$value], $levels, Some(&[0])).map(drop).unwrap()
                };
            }
            let mut day = Int96::new();
            // The first day of the year 1, which nanoseconds of 64 bits don't reach, and half a microsecond.
            day.set_data(500, 0, 1_721_426);
            match column {
                0 => put!(Int96Type, day, Some(&[1])),
                1 => put!(FixedLenByteArrayType, fixed(&[0xab; 16]), None),
                2 => put!(FixedLenByteArrayType, fixed(&span), None),
                3 => put!(ByteArrayType, ByteArray::from("small"), None),
                4 => put!(ByteArrayType, ByteArray::from("{\"a\": 1}"), None),
                5 => put!(Int64Type, 1_500_000, None),
                6 => put!(Int64Type, 1_999, None),
                7 => put!(FixedLenByteArrayType, fixed(&wide), None),
                8 => put!(Int32Type, 5, Some(&[1])),
                _ => put!(Int32Type, 6, Some(&[2])),
            }
            writer.close().unwrap();
            column += 1;
        }
    });
    let (columns, rows, found) = read(&bytes).unwrap();
    let expected = [
        "impala TIMESTAMP",
        "id UUID",
        "span INTERVAL",
        "kind VARCHAR",
        "json JSON",
        "old TIMESTAMP",
        "zoned TIME WITH TIME ZONE",
        "wide DOUBLE",
        "bare INTEGER[]",
        "tuples INTEGER[]",
    ];
    assert_eq!((columns, rows), (expected.map(String::from).to_vec(), 1));
    let expected = [
        "0001-01-01T00:00:00",
        "abababab-abab-abab-abab-abababababab",
        "14 mons 3 days 1.000000000 secs",
        "small",
        "{\"a\": 1}",
        "1970-01-01T00:00:01.500",
        "00:00:00.000001",
        "-1.0",
        "[5]",
        "[6]",
    ];
    assert_eq!(found, [expected.map(String::from)]);
}

#[test]
fn what_is_no_parquet_file_is_told() {
    let whole = file(vec![("n", numbers(100))]);
    let told = |bytes: &[u8]| {
        let error = read(bytes).unwrap_err();
        format!("{} ({})", error.message, error.hint.unwrap_or_default())
    };
    assert_eq!(told(b""), "seeds/s.parquet is empty ()");
    let other = "seeds/s.parquet is no Parquet file (a Parquet file begins with the letters PAR1; save it as one, or name \
                 it by what it is)";
    assert_eq!(told(b"x"), other);
    assert_eq!(told(b"id,name\n1,a\n2,b\n"), other);
    let cut = "seeds/s.parquet is cut off (a Parquet file ends with the letters PAR1; copy or write it anew)";
    for length in [4, 11, whole.len() / 2, whole.len() - 1] {
        assert_eq!(told(&whole[..length]), cut, "{length}");
    }
    let encrypted = "seeds/s.parquet is encrypted (write the seed without encryption)";
    assert_eq!(told(&[&whole[..whole.len() - 4], b"PARE"].concat()), encrypted);
    let mut broken = whole.clone();
    let at = broken.len() - 8;
    broken[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let words = told(&broken);
    assert!(words.starts_with("seeds/s.parquet can't be read: ") && words.contains("damaged"), "{words}");
    // The directory is whole, the pages aren't.
    let mut broken = compressed(vec![("n", numbers(100))], Compression::SNAPPY);
    broken[4..40].fill(0xff);
    let words = told(&broken);
    assert!(words.starts_with("seeds/s.parquet can't be read: ") && words.contains("damaged"), "{words}");
    let mut zstd = include_bytes!("zstd1.parquet").to_vec();
    zstd[40..80].fill(0xff);
    let words = told(&zstd);
    assert!(words.starts_with("seeds/s.parquet can't be read: ") && words.contains("damaged"), "{words}");
}

#[test]
fn a_codec_that_nothing_unpacks_is_told_by_its_name() {
    let told = {
        let world = world(&file(vec![("n", numbers(1))]));
        let content = content(&world);
        let seed = Parquet::open(&content).unwrap();
        let group = seed.metadata.row_group(0);
        let column = group.column(0).clone().into_builder().set_compression(Compression::LZO).build().unwrap();
        let group = group.clone().into_builder().set_column_metadata(vec![column]).build().unwrap();
        let metadata = ParquetMetaData::new(seed.metadata.file_metadata().clone(), vec![group]);
        packed_by(&content, &metadata)
    };
    assert_eq!(told.message, "seeds/s.parquet: column `n` is compressed with LZO");
    assert_eq!(told.hint.unwrap(), "write it with Snappy, Zstandard, gzip, Brotli or LZ4");
}

fn packed_by(content: &SeedContent<'_>, metadata: &ParquetMetaData) -> EngineError {
    super::packed(content, metadata).unwrap_err()
}

#[test]
fn a_value_that_is_no_text_is_told_with_its_column() {
    let schema = "message m { required binary kind (ENUM); }";
    let bytes = raw(schema, |group| {
        let mut writer = group.next_column().unwrap().unwrap();
        writer.typed::<ByteArrayType>().write_batch(&[ByteArray::from(vec![0xff])], None, None).unwrap();
        writer.close().unwrap();
    });
    let error = read(&bytes).unwrap_err();
    assert!(error.message.starts_with("seeds/s.parquet: column `kind`: "), "{error}");
}

#[test]
fn a_value_beyond_its_declared_type_is_told_with_its_row() {
    let told = |array: ArrayRef, declared: &str| {
        let world = world(&packed(
            vec![("v", array)],
            WriterProperties::builder().set_max_row_group_row_count(Some(2)).build(),
        ));
        let types = [("V".to_string(), declared.to_string())];
        let content = SeedContent { types: &types, ..content(&world) };
        let read = Parquet::open(&content).and_then(|seed| seed.batches().try_for_each(|batch| batch.map(drop)));
        read.err().map(|error| error.message)
    };
    let whole = |last| -> ArrayRef { Arc::new(Int64Array::from(vec![Some(1), None, Some(last)])) };
    let texts = || -> ArrayRef { Arc::new(StringArray::from(vec!["é", "", "abc"])) };
    let reals = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0, 2.0, 2.5])) };
    let beyond = |value: &str, declared: &str| {
        Some(format!("seeds/s.parquet: row 3, column \"v\": \"{value}\" is no value of type {declared}"))
    };
    assert_eq!(told(whole(40_000), "smallint"), beyond("40000", "smallint"));
    assert_eq!(told(whole(40_000), "integer"), None);
    assert_eq!(told(texts(), "varchar(2)"), beyond("abc", "varchar(2)"));
    assert_eq!(told(reals(), "integer"), beyond("2.5", "integer"));
    assert_eq!(told(reals(), "decimal(3,1)"), None);
}

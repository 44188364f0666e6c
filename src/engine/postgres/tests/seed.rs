//! Parquet seeds.

use super::*;
use crate::engine::conformance::seed::load;
use crate::engine::conformance::{columns, texts};
use crate::engine::seed::parquet::testing::{every_type, file, packed, raw};
use ::arrow::array::*;
use ::parquet::data_type::{ByteArray, FixedLenByteArray, FixedLenByteArrayType};
use ::parquet::file::properties::WriterProperties;
use std::sync::Arc;

impl Database {
    /// Loads a file of these bytes as table `t`.
    fn seed(&self, session: &mut Session, bytes: &[u8], types: &[(&str, &str)]) -> Result<(), EngineError> {
        let file = self.folder.path().join("s.parquet");
        std::fs::write(&file, bytes).unwrap();
        let built = load(session, &file, types)?;
        assert_eq!(built.measures.bytes_scanned(), Some(bytes.len() as u64));
        Ok(())
    }
}

/// Names and types of the file's own columns.
fn own(session: &mut Session) -> Vec<(String, String)> {
    columns(session, "t").into_iter().filter(|(name, _)| !name.starts_with("_ff_")).collect()
}

#[test]
fn every_type_of_a_parquet_file_has_a_place() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let cases = every_type();
    let bytes = file(cases.iter().map(|case| (case.name, case.array.clone())).collect());
    database.seed(&mut session, &bytes, &[]).unwrap();
    let expected: Vec<_> = cases.iter().map(|case| (case.name.to_string(), case.postgres.to_string())).collect();
    assert_eq!(own(&mut session), expected);
    for case in cases {
        let found = texts(&mut session, &format!("select coalesce({}::text, '') from t", case.name));
        assert_eq!(found.concat(), case.shown, "{}", case.name);
    }
}

#[test]
fn what_only_parquet_has_is_stored() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let schema = "message m { required fixed_len_byte_array(16) id (UUID);
                  required fixed_len_byte_array(12) span (INTERVAL);
                  required group nest { required fixed_len_byte_array(16) id (UUID); } }";
    let bytes = raw(schema, |group| {
        let span = [[14_u8, 0, 0, 0], [3, 0, 0, 0], [0xe8, 3, 0, 0]].concat();
        for value in [vec![0xab; 16], span, vec![0xcd; 16]] {
            let mut writer = group.next_column().unwrap().unwrap();
            let value = FixedLenByteArray::from(ByteArray::from(value));
            writer.typed::<FixedLenByteArrayType>().write_batch(&[value], None, None).unwrap();
            writer.close().unwrap();
        }
    });
    database.seed(&mut session, &bytes, &[]).unwrap();
    let types: Vec<String> = own(&mut session).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(types, ["text", "interval", "jsonb"]);
    let expected = [
        "abababab-abab-abab-abab-abababababab",
        "1 year 2 mons 3 days 00:00:01",
        "{\"id\": \"cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd\"}",
    ];
    assert_eq!(texts(&mut session, "select id, span::text, nest::text from t"), [expected]);
}

#[test]
fn parquet_seeds_are_loaded_a_batch_after_the_other() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..50_000));
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7_000)).build();
    let bytes = packed(vec![("Id", numbers.clone()), ("iD", numbers.clone()), ("Full name", numbers)], properties);
    database.seed(&mut session, &bytes, &[("ID", "bigint")]).unwrap();
    let pair = |name: &str, kind: &str| (name.to_string(), kind.to_string());
    assert_eq!(
        own(&mut session),
        [pair("id", "bigint"), pair("id_1", "integer"), pair("Full name", "integer")],
        "as DuckDB tells them apart"
    );
    let sql = "select count(*), count(distinct id), sum(id), min(_ff_seed_file) from t";
    assert_eq!(texts(&mut session, sql), [["50000", "50000", "1249975000", "seeds/it's.csv"]]);
    let none: ArrayRef = Arc::new(Int32Array::from_iter_values(0..0));
    database.seed(&mut session, &file(vec![("id", none)]), &[]).unwrap();
    assert_eq!(text(&mut session, "select count(*) from t"), "0");
}

#[test]
fn a_parquet_file_that_cannot_be_stored_leaves_the_table() {
    let Some(database) = Database::new() else { return };
    let mut session = database.session();
    let whole = file(vec![("id", Arc::new(Int32Array::from(vec![7])) as ArrayRef)]);
    database.seed(&mut session, &whole, &[]).unwrap();
    let times = TimestampNanosecondArray::from_iter_values((0..20_000).map(|at| if at < 19_999 { 1_000 } else { 1 }));
    let nul: ArrayRef = Arc::new(StringArray::from(vec!["a\0b"]));
    for (bytes, types, told) in [
        (b"id\n1\n".to_vec(), &[][..], "seeds/it's.csv is no Parquet file"),
        (whole[..whole.len() - 1].to_vec(), &[], "seeds/it's.csv is cut off"),
        (file(vec![("at", Arc::new(times))]), &[], "seeds/it's.csv: column `at` can't be stored: "),
        (file(vec![("t", nul)]), &[], "seeds/it's.csv: invalid byte sequence for encoding \"UTF8\": 0x00"),
        (whole.clone(), &[("idd", "integer")], "seeds/it's.csv has no column `idd`, for which a type is declared"),
        (whole.clone(), &[("id", "integerr")], "seeds/it's.csv: type \"integerr\" does not exist"),
    ] {
        let error = database.seed(&mut session, &bytes, types).unwrap_err();
        assert!(error.message.starts_with(told), "{error}, where {told} is expected");
        assert_eq!(text(&mut session, "select id from t"), "7");
    }
}

//! Files that change under the reader, and what is told of one that isn't loaded.

use super::*;
use crate::fingerprint::leaf;
use crate::world::{MemoryWorld, World};
use std::path::Path;

const PATH: &str = "seeds/s.csv";

fn content(world: &dyn World) -> SeedContent<'_> {
    SeedContent {
        world,
        file: Path::new("/p/seeds/s.csv"),
        path: PATH,
        digest: Some(leaf("seed", PATH, b"id,name\n1,a\n2,b\n")),
        parquet: false,
        delimiter: None,
        types: &[],
        text_columns: &[],
        loaded_at_column: None,
    }
}

#[test]
fn a_file_that_changes_before_or_between_readings_is_an_error() {
    let world = MemoryWorld::new().file("/p/seeds/s.csv", "id,name\n1,a\n2,b\n");
    let content = content(&world);
    let seed = Seed::read(&content).unwrap();
    // What is held is what was hashed, whatever becomes of the file.
    world.put("/p/seeds/s.csv", b"id,name\n1,z\n2,z\n");
    let rows: Vec<StringRecord> = seed.records().unwrap().records().map(Result::unwrap).collect();
    assert_eq!(rows[0], vec!["1", "a"]);
    let error = Seed::read(&content).err().unwrap();
    assert_eq!(error.message, "seeds/s.csv changed while it was read");
    let read = unchanged(&content, || Ok(())).unwrap_err();
    assert_eq!(read.message, error.message);
    world.put("/p/seeds/s.csv", b"id,name\n1,a\n2,b\n");
    let read = unchanged(&content, || {
        world.put("/p/seeds/s.csv", b"id,name\n1,z\n2,z\n");
        Ok(())
    });
    assert_eq!(read.unwrap_err().message, error.message);
}

#[test]
fn an_outline_has_the_types_that_are_loaded() {
    let world = MemoryWorld::new().file("/p/seeds/s.csv", "id,name\n1,a\n2,b\n");
    let types = [("NAME".to_string(), "varchar".to_string())];
    let found = outline(&SeedContent { types: &types, ..content(&world) }).unwrap();
    assert_eq!(found.rows, 2);
    assert_eq!(found.columns, [("id".to_string(), Some("bigint".to_string())), ("name".to_string(), None)]);
}

#[test]
fn a_decimal_type_without_digits_takes_nothing_from_the_values() {
    let world = MemoryWorld::new().file("/p/seeds/s.csv", "id,name\n1.25,+.0625\n2,1e3\n");
    let types = [("ID".to_string(), "numeric".to_string()), ("name".to_string(), "decimal".to_string())];
    let content = SeedContent { types: &types, digest: None, ..content(&world) };
    let seed = Seed::read(&content).unwrap();
    let told: Vec<_> = seed.columns.iter().map(|column| (column.sql_type.as_str(), column.declared)).collect();
    assert_eq!(told, [("decimal(18,2)", true), ("decimal(18,4)", true)]);
    // A Parquet file's values have digits of their own.
    let parquet = SeedContent { parquet: true, path: "seeds/s.parquet", ..content };
    let error = declared(&parquet, &["id".into(), "name".into()]).unwrap_err();
    assert_eq!(error.message, "seeds/s.parquet: the type `numeric` of column `ID` says no digits");
    assert_eq!(error.hint.unwrap(), "say how many, as `numeric(18, 2)` does, or leave the type out");
}

/// What is made of a file: its columns with their types and all rows, or what is said of it.
fn made(content: &SeedContent<'_>, most: u64) -> Result<(Vec<String>, Vec<StringRecord>), String> {
    let seed = Seed::read_holding(content, most).map_err(|error| format!("{} {:?}", error.message, error.hint))?;
    assert_eq!(seed.bytes.is_held(), most > 0);
    let columns = seed.columns.iter().map(|column| format!("{} {}", column.name, column.sql_type)).collect();
    let rows: Result<Vec<_>, _> = seed.records().unwrap().into_records().collect();
    // What a value that doesn't fit is told with.
    let last = rows.as_ref().map_or(0, |rows| rows.len().saturating_sub(1));
    let unfit = seed.unfit(last as u64, 0);
    rows.map(|rows| (columns, rows))
        .map_err(|error| format!("{} {} {:?}", seed.broken(error), unfit.message, unfit.hint))
}

#[test]
fn a_file_too_large_to_be_held_is_read_as_a_small_one_is() {
    let long = format!("id,text\n{}", (0..50_000).map(|id| format!("{id},\"row\n{id}\"\n")).collect::<String>());
    let late = format!("n\n{}x\n", "1\n".repeat(200_000));
    let uneven = format!("a,b\n{}1\n", "1,2\n".repeat(100_000));
    let open = format!("a,b\n{}1,\"x\n", "1,2\n".repeat(100_000));
    let texts: [&[u8]; 14] = [
        b"id,name\n1,a\n2,b\n",
        b"\xef\xbb\xbfid;at\r\n01;2024-01-01\r\n\r\n02;\r\n",
        b"\n\ncode\rA1\rB2",
        b"n,f\n1,1.50\n,2\n",
        b"a\n",
        b"",
        b"a,A\n1,2\n",
        b"a,\n1,2\n",
        b"a,b\nx,caf\xe9\n",
        b"\xff\xfei\0d\0",
        long.as_bytes(),
        late.as_bytes(),
        uneven.as_bytes(),
        open.as_bytes(),
    ];
    for text in texts {
        let world = MemoryWorld::new();
        world.put("/p/seeds/s.csv", text);
        let types = [("a".to_string(), "integer".to_string())];
        for types in [&[][..], &types[..]] {
            let content = SeedContent { digest: Some(leaf("seed", PATH, text)), types, ..content(&world) };
            let beginning = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
            assert_eq!(made(&content, 0), made(&content, u64::MAX), "{beginning:?}");
        }
    }
}

#[test]
fn a_file_too_large_to_be_held_that_changes_while_its_rows_are_read_is_an_error() {
    let text = |value: &str| format!("v\n{}", format!("{value}\n").repeat(200_000));
    let world = MemoryWorld::new().file("/p/seeds/s.csv", text("1"));
    let content = SeedContent { digest: Some(leaf("seed", PATH, text("1").as_bytes())), ..content(&world) };
    let seed = Seed::read_holding(&content, 0).unwrap();
    let last = |seed: &Seed<'_>| seed.records().unwrap().into_records().last().unwrap();
    assert!(last(&seed).is_ok());
    world.put("/p/seeds/s.csv", text("2").as_bytes());
    let error = seed.broken(last(&seed).unwrap_err());
    assert_eq!(error.message, "seeds/s.csv changed while it was read");
    let error = Seed::read_holding(&content, 0).err().unwrap();
    assert_eq!(error.message, "seeds/s.csv changed while it was read");
}

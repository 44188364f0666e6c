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

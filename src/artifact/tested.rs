//! The last result of each test on one database.

use super::write_changed;
use crate::test::Record;
use crate::world::World;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// By the test's name; none where nothing was recorded.
///
/// # Errors
/// What stands there can't be read.
pub fn read(world: &dyn World, path: &Path) -> io::Result<BTreeMap<String, Record>> {
    match world.read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

pub fn write(world: &dyn World, path: &Path, records: &BTreeMap<String, Record>) -> io::Result<()> {
    write_changed(world, path, &super::json(records)).map(drop)
}

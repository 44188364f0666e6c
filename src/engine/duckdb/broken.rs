//! What a file holds that DuckDB can't open: nothing at all, perhaps, so that it may go.

use crate::world::World;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// Bytes of the three headers that every database begins with.
const HEADERS: usize = 3 * 4096;
/// Where a header says what the file is.
const MAGIC: Range<usize> = 8..12;

const REMOVE: &str = "no table can be in it: remove the file, and the next run makes it anew";

/// What is in the file and what to do about it, in words; `None` where it looks like a database.
pub(super) fn what_it_holds(world: &dyn World, path: &Path) -> Option<(String, &'static str)> {
    let size = world.stamp(path).ok()?.size;
    let mut head = Vec::new();
    world.open(path).ok()?.take(HEADERS as u64).read_to_end(&mut head).ok()?;
    let is_database = head.get(MAGIC) == Some(b"DUCK".as_slice());
    let zeros = head.iter().all(|byte| *byte == 0);
    Some(match size {
        0 => ("the file is empty".into(), REMOVE),
        _ if zeros && size <= HEADERS as u64 => (format!("the file holds {size} bytes, all of them zero"), REMOVE),
        _ if zeros => (
            format!("the headers of the file are zero ({size} bytes)"),
            "put a copy in its place; or move it away, and the next run makes it anew",
        ),
        _ if is_database && head.len() < HEADERS => {
            let message =
                format!("the file was cut off when it was made: it has {size} bytes, its headers take {HEADERS}");
            (message, REMOVE)
        }
        _ if is_database => return None,
        _ => (
            format!("the file isn't a DuckDB database ({size} bytes)"),
            "name another `path` in profiles.yml; or move the file away, and the next run makes a database there",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::MemoryWorld;

    #[test]
    fn what_holds_nothing_may_go() {
        let database = |length: usize| {
            let mut bytes = vec![1; length];
            bytes[MAGIC].copy_from_slice(b"DUCK");
            bytes
        };
        for (bytes, holds, removable) in [
            (Vec::new(), "the file is empty", true),
            (vec![0; 4096], "the file holds 4096 bytes, all of them zero", true),
            (vec![0; 1 << 20], "the headers of the file are zero (1048576 bytes)", false),
            (database(8192), "the file was cut off when it was made: it has 8192 bytes, its headers take 12288", true),
            (b"id,name\n1,Ada\n".to_vec(), "the file isn't a DuckDB database (14 bytes)", false),
            (database(HEADERS), "", false),
        ] {
            let world = MemoryWorld::new().file("/p/x.duckdb", bytes);
            let found = what_it_holds(&world, Path::new("/p/x.duckdb"));
            assert_eq!(found.as_ref().map_or("", |(words, _)| words), holds);
            assert_eq!(found.is_some_and(|(_, hint)| hint == REMOVE), removable, "{holds}");
        }
    }
}

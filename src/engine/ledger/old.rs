//! Tables of earlier versions: a row by node, its relation as one SQL text (`db.main."odd name"`), and the columns that
//! were added over time at its end.

use super::table::{builds, identity, text};
use crate::digest::Digest;
use crate::engine::row::{Row, State};
use crate::name::{NodeName, RelationName};
use arrow::array::RecordBatch;

/// What every one of them has.
const FIRST: [&str; 6] = ["node_name", "relation", "fingerprint", "engine", "built_at", "run_id"];
/// What came to it, the oldest first.
const ADDED: [&str; 4] = ["upstream_builds", "project", "record", "identity"];

/// How many of those a table may have, the most first.
pub const VERSIONS: [usize; 3] = [4, 1, 0];

/// The columns of a table that has so many of the added ones.
pub fn columns(added: usize, records: bool) -> Vec<&'static str> {
    let there = ADDED.iter().take(added).filter(|column| records || **column != "record");
    FIRST.iter().chain(there).copied().collect()
}

/// What is selected of such a table: null for what it lacks, and for records where those aren't wanted.
pub fn select(added: usize, records: bool, text_type: &str) -> String {
    let there = columns(added, records);
    let one = |column: &&str| {
        if there.contains(column) { column.to_string() } else { format!("cast(null as {text_type}) as {column}") }
    };
    FIRST.iter().chain(&ADDED).map(one).collect::<Vec<_>>().join(", ")
}

/// The rows of a batch of those columns.
pub fn from_batch(batch: &RecordBatch) -> Vec<Row> {
    let row = |at: usize| {
        let text = |column: &str| text(batch, column, at);
        Some(Row {
            relation: full_name(&text("relation")?)?,
            node: NodeName::new(text("node_name")?),
            project: text("project"),
            fingerprint: Digest::parse(&text("fingerprint")?)?,
            state: State::Built,
            engine: text("engine")?,
            built_at: text("built_at")?,
            run_id: text("run_id")?,
            git_commit: None,
            upstream_builds: builds(text("upstream_builds")),
            identity: identity(text("identity")),
            record: text("record"),
        })
    };
    (0..batch.num_rows()).filter_map(row).collect()
}

/// A name of three parts, each quoted with `"` where it must be.
fn full_name(text: &str) -> Option<RelationName> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => parts.last_mut()?.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => parts.last_mut()?.push(other),
        }
    }
    match parts.as_slice() {
        [catalog, schema, name] if !quoted => Some(RelationName::new(Some(catalog), Some(schema), name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Dialect, DuckDb, Postgres};

    #[test]
    fn names_of_three_parts_are_read_back() {
        for parts in [["db", "main", "t"], ["a.b", "c\"d", "e \"\" f."], ["größe", "select", ""]] {
            let name = RelationName::new(Some(parts[0]), Some(parts[1]), parts[2]);
            assert_eq!(full_name(&Postgres.relation(&name)), Some(name.clone()));
            assert_eq!(full_name(&DuckDb.relation(&name)), Some(name));
        }
        assert_eq!(full_name("t"), None);
        assert_eq!(full_name("a.b.\"c"), None);
    }

    #[test]
    fn what_a_table_lacks_is_null() {
        assert_eq!(
            select(1, true, "text"),
            "node_name, relation, fingerprint, engine, built_at, run_id, upstream_builds, cast(null as text) as project, \
             cast(null as text) as record, cast(null as text) as identity"
        );
        assert_eq!(columns(4, false).len(), 9);
    }
}

//! What a page of the docs says that an engine is sent, held against what it is sent.

use super::{named, put_over, row};
use crate::engine::{Content, RelationKind, Session};
use ::arrow::array::{Int64Array, RecordBatch};
use std::path::Path;
use std::sync::Arc;

/// What is built, by the words of the page's rows. Nothing stands in its place.
pub const KINDS: [&str; 5] = ["a table", "a view", "a seed in CSV", "a seed in Parquet", "a Python model"];

/// Builds one of [`KINDS`].
pub fn build(session: &mut Session, folder: &Path, kind: &str) {
    let batch = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![1, 2])) as _)]).unwrap();
    let (csv, parquet) = (folder.join("s.csv"), folder.join("s.parquet"));
    std::fs::write(&csv, "id\n1\n2\n").unwrap();
    let file = std::fs::File::create(&parquet).unwrap();
    let mut writer = ::parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (relation, content) = match kind {
        "a table" => ("t", Content::Query("select 1 as a")),
        "a view" => ("v", Content::Query("select 1 as a")),
        "a seed in CSV" => ("c", Content::Seed(super::seed::content(&csv))),
        "a seed in Parquet" => ("p", Content::Seed(super::seed::content(&parquet))),
        _ => ("m", Content::Arrow { schema: batch.schema(), batches: std::slice::from_ref(&batch) }),
    };
    let as_is = if kind == "a view" { RelationKind::View } else { RelationKind::Table };
    put_over(session, &named(relation), as_is, content, row(&named(relation), kind), None).unwrap();
}

/// Fails where the row of `page` for `kind` doesn't have just what was sent, in that order. In a row `…` stands for
/// anything.
pub fn says(page: &str, kind: &str, sent: &[String]) {
    let front = format!("| {kind} | ");
    let line = page.lines().find_map(|line| line.strip_prefix(&front));
    let line = line.unwrap_or_else(|| panic!("the page has no row for {kind}; sent was {sent:#?}"));
    let told: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
    let fits = told.len() == sent.len() && told.iter().zip(sent).all(|(told, sent)| is_like(sent, told));
    assert!(fits, "{kind}: the page says {told:#?}, and sent was {sent:#?}");
}

fn is_like(text: &str, pattern: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = pattern.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

#[test]
fn a_row_is_held_to_every_word() {
    for (text, pattern, expected) in [
        ("create table a as (\nselect 1\n)", "create table … as (…)", true),
        ("create table a as (select 1)", "create … as", false),
        ("drop table a", "drop table a", true),
        ("drop table ab", "drop table a", false),
        ("insert into a values (1)", "insert into …", true),
        ("delete from a", "insert into …", false),
    ] {
        assert_eq!(is_like(text, pattern), expected, "{text}");
    }
}

//! What a statement would read, from DuckDB's plan of it: nothing is run.
//!
//! A relation counts with all its rows, whatever filters the plan has: what a filter leaves is known only once it ran.

use super::file::{FileKind, named, only};
use super::handle::DuckDbConnection;
use super::width::row_width;
use crate::dialect::{Dialect, DuckDb};
use crate::engine::{Content, EngineError, Estimate, Scan, SeedContent, seed};
use serde_json::Value;
use std::collections::BTreeSet;

/// Bytes of a column whose type the plan doesn't tell.
const COLUMN: u64 = 16;

impl DuckDbConnection {
    /// `None` for rows in memory.
    pub(super) fn estimate_scans(&self, content: &Content<'_>) -> Result<Option<Estimate>, EngineError> {
        let query = match content {
            Content::Query(query) => query.to_string(),
            Content::Seed(content) => return Ok(Some(Estimate { scans: vec![self.seed_scan(content)?] })),
            Content::Arrow { .. } => return Ok(None),
        };
        // In brackets, a second statement can't hide behind the query.
        let statement = format!("explain (format json) select * from (\n{}\n)", DuckDb.without_terminator(&query));
        let plan: String = self.connection.query_row(&statement, [], |row| row.get(1))?;
        let plan: Value = serde_json::from_str(&plan).unwrap_or_default();
        let mut nodes = Vec::new();
        collect(&plan, &mut nodes);
        let mut files = Files { session: self, query: &query, texts: None, left: Default::default() };
        let scans = nodes.into_iter().map(|node| self.scan(&node, &mut files)).collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Estimate { scans: scans.into_iter().flatten().collect() }))
    }

    /// A seed's file, which is read as a whole.
    fn seed_scan(&self, content: &SeedContent<'_>) -> Result<Scan, EngineError> {
        let bytes = if content.parquet {
            self.file_bytes(FileKind::Parquet, &[only(content.file)], &[])?
        } else {
            seed::size(content)?
        };
        Ok(Scan { name: content.path.into(), rows: None, bytes })
    }

    fn scan(&self, node: &Node, files: &mut Files<'_>) -> Result<Option<Scan>, EngineError> {
        if let Some(relation) = &node.table {
            let rows = self.rows_of(relation)?;
            let width = row_width(&*self.widths(relation, rows)?, &node.columns, &node.filters);
            return Ok(Some(Scan { name: relation.clone(), rows: Some(rows), bytes: (rows as f64 * width) as u64 }));
        }
        let Some(kind) = node.function.as_deref().and_then(FileKind::of) else { return Ok(None) };
        let guess = node.rows.unwrap_or_default() * COLUMN * node.columns.len().max(1) as u64;
        Ok(Some(match files.take(kind)? {
            Some(file) => {
                let bytes = self.file_bytes(kind, std::slice::from_ref(&file), &node.columns)?;
                Scan { name: file, rows: node.rows, bytes }
            }
            None => Scan { name: node.function.clone().unwrap_or_default(), rows: node.rows, bytes: guess },
        }))
    }
}

/// A scan of the plan.
#[derive(Debug, Default)]
struct Node {
    table: Option<String>,
    function: Option<String>,
    columns: Vec<String>,
    filters: String,
    /// Behind filters.
    rows: Option<u64>,
}

fn collect(plan: &Value, found: &mut Vec<Node>) {
    match plan {
        Value::Array(nodes) => nodes.iter().for_each(|node| collect(node, found)),
        Value::Object(_) => {
            let extra = &plan["extra_info"];
            let text = |key: &str| extra[key].as_str().map(String::from);
            let texts = |key: &str| match &extra[key] {
                Value::Array(items) => items.iter().filter_map(Value::as_str).map(String::from).collect(),
                Value::String(text) if !text.is_empty() => vec![text.clone()],
                _ => Vec::new(),
            };
            let (table, function) = (text("Table"), text("Function").map(|name| name.to_uppercase()));
            if table.is_some() || function.is_some() {
                let rows = text("Estimated Cardinality").and_then(|rows| rows.parse().ok());
                let (columns, filters) = (texts("Projections"), texts("Filters").join(" "));
                found.push(Node { table, function, columns, filters, rows });
            }
            collect(&plan["children"], found);
        }
        _ => {}
    }
}

/// Files behind the plan's readers, which it doesn't name: those that the query's text names as literals, or that of a
/// view that it reads. Where there are more readers than names, the last one counts again.
struct Files<'a> {
    session: &'a DuckDbConnection,
    query: &'a str,
    /// The query and the views it reads, once they are asked for.
    texts: Option<Vec<String>>,
    /// By kind, largest last.
    left: std::collections::BTreeMap<FileKind, Vec<String>>,
}

impl Files<'_> {
    fn take(&mut self, kind: FileKind) -> Result<Option<String>, EngineError> {
        if self.texts.is_none() {
            self.texts = Some(self.session.with_views(self.query)?);
        }
        if !self.left.contains_key(&kind) {
            let names: BTreeSet<String> = self.texts.iter().flatten().flat_map(|text| named(text, kind)).collect();
            let mut sized = Vec::new();
            for name in names {
                // A text that looks like a file's name and is none.
                if let Ok(bytes) = self.session.file_bytes(kind, std::slice::from_ref(&name), &[]) {
                    sized.push((bytes, name));
                }
            }
            sized.sort();
            self.left.insert(kind, sized.into_iter().map(|(_, name)| name).collect());
        }
        let left = self.left.get_mut(&kind).expect("invariant: just put there");
        Ok(if left.len() > 1 { left.pop() } else { left.last().cloned() })
    }
}

impl DuckDbConnection {
    /// The query's text and those of all views whose names stand in it, or in such a view's text.
    fn with_views(&self, query: &str) -> Result<Vec<String>, EngineError> {
        let mut statement =
            self.connection.prepare("select lower(view_name), sql from duckdb_views() where not internal")?;
        let pair = |row: &::duckdb::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let mut views = statement.query_map([], pair)?.collect::<Result<Vec<_>, _>>()?;
        let mut texts = vec![query.to_string()];
        let mut at = 0;
        while at < texts.len() {
            let text = texts[at].to_lowercase();
            let (read, others) = views.into_iter().partition(|(name, _)| text.contains(name.as_str()));
            views = others;
            let read: Vec<(String, String)> = read;
            texts.extend(read.into_iter().map(|(_, sql)| sql));
            at += 1;
        }
        Ok(texts)
    }
}

//! What a statement would read, from the server's plan of it: nothing is run.
//!
//! A scan of a whole relation counts with all its rows, whatever its filters leave, in the width of the columns that are
//! read; a scan by an index with the rows that the plan expects of it.

use super::error::located;
use crate::dialect::{Dialect, Postgres, Statement};
use crate::engine::{EngineError, Estimate, Scan, SeedContent, seed};
use crate::name::RelationName;
use ::postgres::types::Type;
use ::postgres::{Client, SimpleQueryMessage};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a query would read. The error is that of the query, with its place.
pub(super) fn query(client: &mut Client, query: &str) -> Result<Estimate, EngineError> {
    let head = "explain (format json, verbose) select * from (\n";
    let statement = Statement::around(head, &Postgres.without_terminator(query), "\n) as q");
    let told = client.simple_query(&statement.text).map_err(|error| located(error, &statement))?;
    let plan = told.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => serde_json::from_str::<Value>(row.get(0)?).ok(),
        _ => None,
    });
    let mut found = Vec::new();
    collect(&plan.unwrap_or_default(), &mut found);
    let rows = rows(client, &found)?;
    let scan = |node: Node| {
        let count = rows.get(&node.quoted).copied().filter(|_| node.hidden).unwrap_or(node.rows);
        Scan { name: node.name, rows: Some(count), bytes: count.saturating_mul(node.width) }
    };
    Ok(Estimate { scans: found.into_iter().map(scan).collect() })
}

/// What loading a seed reads: its file.
pub(super) fn seed(content: &SeedContent<'_>) -> Result<Estimate, EngineError> {
    Ok(Estimate::of_file(content.path, seed::size(content)?))
}

/// A scan of the plan.
struct Node {
    /// `schema.relation`
    name: String,
    /// The same as SQL has it.
    quoted: String,
    /// All of the relation is read, and the plan tells of less: of what is behind filters, or of one worker's part.
    hidden: bool,
    rows: u64,
    width: u64,
}

fn collect(plan: &Value, found: &mut Vec<Node>) {
    match plan {
        Value::Array(plans) => plans.iter().for_each(|plan| collect(plan, found)),
        Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(Value::as_str).unwrap_or_default();
            let number = |key: &str| node.get(key).and_then(Value::as_u64).unwrap_or_default();
            if let Some(relation) = node.get("Relation Name").and_then(Value::as_str) {
                let name = RelationName::new(None, Some(text("Schema")), relation);
                let whole = ["Seq Scan", "Foreign Scan"].contains(&text("Node Type"));
                let parallel = node.get("Parallel Aware").and_then(Value::as_bool) == Some(true);
                found.push(Node {
                    quoted: Postgres.relation(&name),
                    name: name.to_string(),
                    hidden: whole && (parallel || node.contains_key("Filter")),
                    rows: number("Plan Rows"),
                    width: number("Plan Width"),
                });
            }
            ["Plan", "Plans"].iter().filter_map(|key| node.get(*key)).for_each(|inner| collect(inner, found));
        }
        _ => {}
    }
}

/// The rows of the relations whose scans don't tell them, as far as the server has counted them.
fn rows(client: &mut Client, found: &[Node]) -> Result<BTreeMap<String, u64>, EngineError> {
    let names: Vec<&str> = found.iter().filter(|node| node.hidden).map(|node| node.quoted.as_str()).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "select name, c.reltuples::bigint
               from unnest($1::text[]) as name join pg_class c on c.oid = to_regclass(name) where c.reltuples >= 0";
    let counted = client.query_typed(sql, &[(&names, Type::TEXT_ARRAY)])?;
    let count = |row: &::postgres::Row| Some((row.get(0), u64::try_from(row.get::<_, i64>(1)).ok()?));
    Ok(counted.iter().filter_map(count).collect())
}

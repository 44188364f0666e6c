//! What a query would read, from Spark's plan of it: nothing is run.
//!
//! The leaves of the optimized plan say how many bytes they have. A table without statistics says `8.0 EiB`, which is the
//! size of what Spark knows nothing of.

use crate::dialect::Statement;
use crate::engine::{Estimate, Scan};

/// Leaves that read nothing stored.
const MADE: &[&str] =
    &["OneRowRelation", "LocalRelation", "LocalTableScan", "Range ", "CommandResult", "EmptyRelation"];

const STATISTICS: &str = ", Statistics(sizeInBytes=";

/// Bytes of what Spark knows nothing of.
const UNKNOWN: u64 = 1 << 63;

/// The statement that plans a query, which has no terminator.
pub fn explain(query: &str) -> Statement {
    Statement::bracketed("explain cost ", query)
}

/// What the plan that [`explain`] gave says: the scans, `None` where one of them isn't known, or the error that stands in
/// the place of a plan.
pub fn explained(plan: &str) -> Result<Option<Estimate>, String> {
    const OPTIMIZED: &str = "== Optimized Logical Plan ==\n";
    let Some((head, rest)) = plan.split_once(OPTIMIZED) else { return Err(without_class(plan)) };
    let failed = |text: &str| {
        text.lines().next().is_some_and(|line| {
            line.contains("Exception: ") || line.starts_with("Error occurred during query planning")
        })
    };
    if let Some(error) = [head, rest].into_iter().find(|text| failed(text.trim_start())) {
        return Err(without_class(error));
    }
    let tree = rest.split("\n== ").next().unwrap_or(rest);
    let nodes = nodes(tree);
    let is_leaf = |at: usize| nodes.get(at + 1).is_none_or(|next| next.depth <= nodes[at].depth);
    let leaves = (0..nodes.len()).filter(|at| is_leaf(*at)).map(|at| &nodes[at].text);
    let read = leaves.filter(|text| !MADE.iter().any(|made| text.starts_with(made)));
    Ok(read.map(|text| scan(text)).collect::<Option<Vec<_>>>().map(|scans| Estimate { scans }))
}

/// An error without the class of Java's that stands in front of its own name.
fn without_class(text: &str) -> String {
    text.trim_start().split_once("Exception: ").map_or(text, |(_, words)| words).trim().into()
}

/// A line of the plan, and what follows of its text in others.
struct Node {
    depth: usize,
    text: String,
}

fn nodes(tree: &str) -> Vec<Node> {
    let mut found: Vec<Node> = Vec::new();
    let mut ended = true;
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        match found.last_mut() {
            // A text with line breaks, within a node.
            Some(node) if !ended => node.text += line,
            _ => {
                let depth = line.find(|c: char| !" :+-".contains(c)).unwrap_or(0);
                found.push(Node { depth, text: line[depth..].into() });
            }
        }
        ended = line.contains(STATISTICS);
    }
    found
}

/// A leaf as a scan; `None` where it doesn't say how much it reads.
fn scan(text: &str) -> Option<Scan> {
    let (head, statistics) = text.rsplit_once(STATISTICS)?;
    let statistics = statistics.split(')').next()?;
    let (size, rows) =
        statistics.split_once(", rowCount=").map_or((statistics, None), |(size, rows)| (size, Some(rows)));
    let rows = rows.and_then(|rows| rows.parse::<f64>().ok()).map(|rows| rows as u64);
    Some(Scan { name: name(head), rows, bytes: bytes(size)? })
}

/// `RelationV2[a#1] main.s.t main.s.t`, `Relation main.s.t[a#1] parquet`, ``HiveTableRelation [`db`.`t`, …]``.
fn name(head: &str) -> String {
    if let Some(rest) = head.strip_prefix("HiveTableRelation [") {
        return rest.split(',').next().unwrap_or(rest).replace('`', "");
    }
    if let Some(rest) = head.strip_prefix("RelationV2[") {
        let named = rest.split_once("] ").map_or(rest, |(_, named)| named);
        return named.split(' ').next().unwrap_or(named).into();
    }
    let rest = head.strip_prefix("Relation ").unwrap_or(head);
    match rest.split_once('[') {
        Some(("", columns)) => format!("files of {}", columns.rsplit(' ').next().unwrap_or_default()),
        Some((named, _)) => named.trim().into(),
        None => rest.split(' ').next().unwrap_or(rest).into(),
    }
}

/// `22.5 MiB` in bytes; `None` where it stands for what isn't known.
fn bytes(size: &str) -> Option<u64> {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let (number, unit) = size.trim().split_once(' ')?;
    let power = UNITS.iter().position(|known| *known == unit)?;
    let bytes = number.parse::<f64>().ok()? * 1024f64.powi(power as i32);
    (bytes < UNKNOWN as f64).then_some(bytes.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(plan: &str) -> Option<Vec<(String, Option<u64>, u64)>> {
        let plan = format!(
            "== Optimized Logical Plan ==\n{plan}\n\n== Physical Plan ==\nScan x, Statistics(sizeInBytes=1.0 B)\n"
        );
        let estimate = explained(&plan).unwrap()?;
        Some(estimate.scans.into_iter().map(|scan| (scan.name, scan.rows, scan.bytes)).collect())
    }

    #[test]
    fn leaves_are_what_is_read() {
        let one = |name: &str, rows, bytes| (name.to_string(), rows, bytes);
        for (plan, expected) in [
            (
                "Join Inner, (a#1L = a#2L), Statistics(sizeInBytes=15.3 MiB)\n\
                 :- Filter (a#1L > 3), Statistics(sizeInBytes=3.9 KiB)\n\
                 :  +- RelationV2[a#1L] main.s.t main.s.t, Statistics(sizeInBytes=3.9 KiB, rowCount=500)\n\
                 +- RelationV2[a#2L, b#3] main.s.u, Statistics(sizeInBytes=22.5 MiB, rowCount=1.2E+6)",
                vec![one("main.s.t", Some(500), 3994), one("main.s.u", Some(1_200_000), 23_592_960)],
            ),
            (
                "Project [a#1], Statistics(sizeInBytes=1.0 B)\n\
                 +- Relation spark_catalog.s.t[a#1,b#2] parquet, Statistics(sizeInBytes=512.0 B)",
                vec![one("spark_catalog.s.t", None, 512)],
            ),
            ("Relation [a#1] parquet, Statistics(sizeInBytes=2.0 GiB)", vec![one("files of parquet", None, 2 << 30)]),
            (
                "HiveTableRelation [`s`.`t`, org.Serde, Data Cols: [a#1]], Statistics(sizeInBytes=1.0 B)",
                vec![one("s.t", None, 1)],
            ),
            (
                "Project [1 AS a#1], Statistics(sizeInBytes=1.0 B)\n+- OneRowRelation, Statistics(sizeInBytes=1.0 B)",
                vec![],
            ),
            ("LocalRelation <empty>, [a#1], Statistics(sizeInBytes=1.0 B)", vec![]),
            (
                "Filter (b#1 = two\nlines\n), Statistics(sizeInBytes=1.0 B)\n\
                 +- RelationV2[b#1] main.s.t, Statistics(sizeInBytes=4.0 B)",
                vec![one("main.s.t", None, 4)],
            ),
        ] {
            assert_eq!(read(plan), Some(expected), "{plan}");
        }
        assert_eq!(read("Relation s.t[a#1] parquet, Statistics(sizeInBytes=8.0 EiB)"), None);
        assert_eq!(read("LogicalRDD [a#1], false"), None);
    }

    #[test]
    fn an_error_in_the_place_of_a_plan_is_one() {
        for plan in [
            "org.apache.spark.sql.AnalysisException: [UNRESOLVED] no; line 2 pos 7;\n'Project\n== Optimized Logical Plan ==\n\
             org.apache.spark.sql.AnalysisException: [UNRESOLVED] no; line 2 pos 7;\n",
            "== Optimized Logical Plan ==\norg.apache.spark.sql.AnalysisException: [UNRESOLVED] no; line 2 pos 7;\n'Project\n",
            "Error occurred during query planning: \n[UNRESOLVED] no; line 2 pos 7",
        ] {
            let error = explained(plan).unwrap_err();
            assert!(error.contains("[UNRESOLVED] no; line 2 pos 7"), "{error}");
        }
    }
}

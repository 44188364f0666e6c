//! What a query would read, from the account's plan of it: nothing is run.

use super::names::told;
use crate::dialect::Statement;
use crate::engine::{Estimate, Scan};
use serde::Deserialize;

/// What the plan calls the reading of a table.
const SCAN: &str = "TableScan";

/// The statement that plans a query, which has no terminator. In brackets it is one, and no command.
pub fn explain(query: &str) -> Statement {
    Statement::around("explain using json select * from (\n", query, "\n)")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Plan {
    global_stats: Totals,
    #[serde(default)]
    operations: Vec<Vec<Operation>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    bytes_assigned: Option<u64>,
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Operation {
    operation: String,
    objects: Vec<String>,
    bytes_assigned: Option<u64>,
}

/// What the plan says: the scans, or why it can't be read. `None` where it doesn't say how much one of them reads.
pub fn explained(plan: &str) -> Result<Option<Estimate>, String> {
    let plan: Plan = serde_json::from_str(plan).map_err(|error| error.to_string())?;
    let scans = plan.operations.into_iter().flatten().filter(|operation| operation.operation == SCAN);
    let scans = scans.map(|scan| (name(&scan.objects), scan.bytes_assigned)).collect::<Vec<_>>();
    if scans.is_empty() && plan.global_stats.bytes_assigned.is_none() {
        // What is read in another way than a table is.
        return Ok(None);
    }
    let known = scans.iter().try_fold(0_u64, |sum, (_, bytes)| Some(sum.saturating_add((*bytes)?)));
    let estimate = match (known, plan.global_stats.bytes_assigned) {
        (Some(sum), Some(all)) if sum < all => {
            // What is read beside the tables that the plan names.
            let rest = Scan { name: "other files".into(), rows: None, bytes: all - sum };
            estimate(scans.into_iter().map(|(name, bytes)| (name, bytes.unwrap_or_default())).collect(), Some(rest))
        }
        (Some(_), _) => {
            estimate(scans.into_iter().map(|(name, bytes)| (name, bytes.unwrap_or_default())).collect(), None)
        }
        // The sum alone is told.
        (None, Some(all)) => {
            let names: Vec<String> = scans.into_iter().map(|(name, _)| name).collect();
            estimate(vec![(names.join(", "), all)], None)
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(estimate))
}

fn estimate(scans: Vec<(String, u64)>, rest: Option<Scan>) -> Estimate {
    let scan = |(name, bytes)| Scan { name, rows: None, bytes };
    Estimate { scans: scans.into_iter().map(scan).chain(rest).collect() }
}

/// `DB.SCHEMA.T` as fft tells it.
fn name(objects: &[String]) -> String {
    let name = objects.first().map_or("", String::as_str);
    if name.contains('"') { name.into() } else { name.split('.').map(told).collect::<Vec<_>>().join(".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_are_what_is_read() {
        let read = |plan: &str| {
            let estimate = explained(plan).unwrap()?;
            Some(estimate.scans.into_iter().map(|scan| (scan.name, scan.bytes)).collect::<Vec<_>>())
        };
        let scan = |name: &str, bytes: u64| (name.to_string(), bytes);
        for (plan, expected) in [
            (
                r#"{"GlobalStats": {"partitionsTotal": 2, "partitionsAssigned": 2, "bytesAssigned": 3584}, "Operations": [[
                    {"id": 0, "operation": "Result", "expressions": ["A"]},
                    {"id": 2, "operation": "TableScan", "objects": ["DB.PUBLIC.T"], "parentOperators": [1], "bytesAssigned": 1536},
                    {"id": 3, "operation": "TableScan", "objects": ["DB.PUBLIC.T"], "bytesAssigned": 2048}]]}"#,
                Some(vec![scan("db.public.t", 1536), scan("db.public.t", 2048)]),
            ),
            (
                r#"{"GlobalStats": {"bytesAssigned": 9}, "Operations": [[{"operation": "TableScan", "objects": ["D.S.T"]},
                    {"operation": "TableScan", "objects": ["D.S.U"]}]]}"#,
                Some(vec![scan("d.s.t, d.s.u", 9)]),
            ),
            (
                r#"{"GlobalStats": {"bytesAssigned": 9}, "Operations": [[{"operation": "TableScan", "objects": ["D.S.\"t u\""], "bytesAssigned": 4}]]}"#,
                Some(vec![scan("D.S.\"t u\"", 4), scan("other files", 5)]),
            ),
            (r#"{"GlobalStats": {"bytesAssigned": 0}, "Operations": [[{"operation": "Result"}]]}"#, Some(vec![])),
            (r#"{"GlobalStats": {}, "Operations": [[{"operation": "TableScan", "objects": ["D.S.T"]}]]}"#, None),
        ] {
            assert_eq!(read(plan), expected, "{plan}");
        }
        assert!(explained("no plan").is_err());
    }
}

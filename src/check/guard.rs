//! The guard in front of a query: what it would read against the most that it may.

use crate::diagnostic::Diagnostic;
use crate::engine::{Engine, EngineError, Estimate, Scan};
use crate::project::{QueryLimit, shown_size};

/// Scans that are told of a query that is refused.
const SHOWN: usize = 3;

/// Why a query isn't sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub message: String,
    /// The scans that cost most, and what to do.
    pub details: Vec<String>,
}

/// A limit that can't be held is no limit: an error where the engine doesn't tell what a query would read.
pub fn holdable(engine: &Engine, limit: Option<&QueryLimit>) -> Result<(), Diagnostic> {
    let Some((limit, why)) = limit.zip(engine.traits().estimates.lacking()) else { return Ok(()) };
    let (most, origin, name) = (shown_size(limit.max_bytes), &limit.origin, engine.name());
    let message = format!("a query may read {most} at most ({origin}), which can't be held: {name} {why}");
    Err(Diagnostic::new("query-limit", message).hint("take the limit away, or run on an engine that estimates"))
}

/// Refuses a query of which the engine can't tell now what it would read.
pub fn untold(error: &EngineError, limit: &QueryLimit) -> Refusal {
    let (most, origin, problem) = (shown_size(limit.max_bytes), &limit.origin, &error.message);
    let hint = error.hint.iter().map(|hint| format!("hint: {hint}"));
    Refusal {
        message: format!(
            "not sent: what the query would scan can't be told, the limit is {most} ({origin}): {problem}"
        ),
        details: hint.collect(),
    }
}

/// Refuses a query that would read more than the limit.
pub fn refuse(estimate: &Estimate, limit: &QueryLimit) -> Option<Refusal> {
    let bytes = estimate.bytes();
    if bytes <= limit.max_bytes {
        return None;
    }
    let message = format!(
        "not sent: the query would scan {}, the limit is {} ({})",
        shown_size(bytes),
        shown_size(limit.max_bytes),
        limit.origin
    );
    let mut scans: Vec<&Scan> = estimate.scans.iter().collect();
    scans.sort_by(|left, right| (right.bytes, &left.name).cmp(&(left.bytes, &right.name)));
    let mut details: Vec<String> = scans.iter().take(SHOWN).map(|scan| words(scan)).collect();
    if scans.len() > SHOWN {
        details.push(format!("… and {} more scans", scans.len() - SHOWN));
    }
    details.push("hint: read fewer columns or rows, or raise the limit if this is what it should cost".into());
    Some(Refusal { message, details })
}

/// `db.main.orders: 10000000 rows, 76.3 MB`.
fn words(scan: &Scan) -> String {
    let rows = scan.rows.map_or(String::new(), |rows| format!("{rows} rows, "));
    format!("{}: {rows}{}", scan.name, shown_size(scan.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_costliest_scans_are_told_first() {
        let scan = |name: &str, bytes: u64| Scan { name: name.into(), rows: Some(7), bytes };
        let estimate =
            Estimate { scans: vec![scan("a", 10), scan("b", 3000), scan("c", 20), scan("d", 20), scan("e", 1)] };
        let limit = |max_bytes| QueryLimit { max_bytes, origin: "budgets.yml:3:5".into() };
        assert_eq!(refuse(&estimate, &limit(3051)), None);
        let refusal = refuse(&estimate, &limit(1024)).unwrap();
        assert_eq!(refusal.message, "not sent: the query would scan 3.0 KB, the limit is 1.0 KB (budgets.yml:3:5)");
        let expected = ["b: 7 rows, 2.9 KB", "c: 7 rows, 20 bytes", "d: 7 rows, 20 bytes", "… and 2 more scans"];
        assert_eq!(refusal.details[..4], expected);
    }
}

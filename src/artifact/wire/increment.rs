//! What extending a table did, in words: `rows with updated_at >= 2026-11-20 10:00:00 (1,204 new, 37 updated)`.

use crate::diagnostic::grouped;
use crate::plan::{Action, Column, Decision, Increment, Mode, Watermark, WhyFull};

/// All of it, in one line.
pub fn words(increment: &Increment) -> String {
    let count = |count: u64, word: &str| (count > 0).then(|| format!("{} {word}", grouped(count as usize)));
    let counts = [count(increment.rows_new, "new"), count(increment.rows_updated, "updated")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let counts = if counts.is_empty() { "none new".to_string() } else { counts.join(", ") };
    let rows = match increment.since.as_slice() {
        [] => format!("rows: {counts}"),
        since => format!("rows with {} ({counts})", since.iter().map(condition).collect::<Vec<_>>().join(" or ")),
    };
    // What became of the table's columns is among the reasons.
    let left_out = Some(&increment.columns_left_out).filter(|columns| !columns.is_empty());
    let left_out = left_out.map(|columns| format!("columns left out: {}", Column::list(columns)));
    [rows].into_iter().chain(left_out).collect::<Vec<_>>().join(" · ")
}

fn condition(since: &Watermark) -> String {
    match &since.value {
        Some(value) => format!("{} >= {value}", since.column),
        None => format!("any {}", since.column),
    }
}

/// What comes before and behind the reasons of a decision about an incremental model; nothing of any other.
pub(super) fn around(decision: &Decision) -> (&'static str, &'static str) {
    // A first build is no other than that of a table.
    let again = decision.baseline.is_some();
    match (decision.action, decision.mode, decision.why_full) {
        (Action::Build, Some(Mode::Incremental), _) => ("extended: ", ""),
        (Action::Build, Some(Mode::Full), Some(WhyFull::UpstreamCode)) if again => {
            ("rebuilt in full: ", ", in more than its data")
        }
        (Action::Build, Some(Mode::Full), Some(WhyFull::Strategy)) if again => {
            ("rebuilt in full: ", ", and its strategy is full_refresh")
        }
        (Action::Build, Some(Mode::Full), _) if again => ("rebuilt in full: ", ""),
        _ => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_told() {
        let since = |value: Option<&str>| Watermark { column: "updated_at".into(), value: value.map(String::from) };
        let column = |name: &str| Column { name: name.into(), r#type: "text".into() };
        let all = Increment {
            rows_new: 1204,
            rows_updated: 37,
            since: vec![since(Some("2026-11-20 10:00:00"))],
            columns_left_out: vec![column("a"), column("b")],
            ..Increment::default()
        };
        assert_eq!(
            words(&all),
            "rows with updated_at >= 2026-11-20 10:00:00 (1,204 new, 37 updated) · \
             columns left out: a text, b text"
        );
        assert_eq!(words(&Increment::default()), "rows: none new");
        let empty = Increment { since: vec![since(None)], rows_new: 2, ..Increment::default() };
        assert_eq!(words(&empty), "rows with any updated_at (2 new)");
    }
}

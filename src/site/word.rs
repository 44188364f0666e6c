//! Decisions as a glyph, a word and a class, and measures as people read them. The words are the terminal's; what followed
//! something else has a glyph of its own here, where boxes stand without a summary beside them.

use crate::artifact::results::{ResultRow, Totals};
use crate::artifact::wire::Word;
use crate::diagnostic::{counted, grouped};
use crate::execute::Status;
use crate::graph::{Materialization, NodeKind};
use crate::plan::{Mode, Role};
pub use crate::project::{shown_duration as duration, shown_size as bytes};

/// A decision as every page shows it: glyph, word, and a class for its border and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    pub glyph: &'static str,
    pub word: &'static str,
    pub class: &'static str,
}

impl Badge {
    /// Of a decision that only a newer fft knows.
    pub const UNKNOWN: Badge = Badge { glyph: "?", word: "UNKNOWN", class: "unselected" };

    /// Of a node that no run decided about.
    pub const NONE: Badge = Badge { glyph: "", word: "NEVER RUN", class: "unselected" };

    pub fn of(status: &Word<Status>, role: Option<&Word<Role>>) -> Badge {
        let Some(status) = status.known() else {
            return Badge::UNKNOWN;
        };
        Badge::known(status, role.and_then(Word::known))
    }

    pub fn known(status: Status, role: Option<Role>) -> Badge {
        let (glyph, word, class) = match (status, role) {
            (Status::Success, Some(Role::Cascade)) => ("↳", "CASCADE", "cascade"),
            (Status::Success, _) => ("✓", "BUILD", "build"),
            (Status::Skipped, _) => ("○", "SKIP", "skip"),
            (Status::Error, _) => ("✗", "ERROR", "error"),
            (Status::Blocked, _) => ("–", "BLOCKED", "blocked"),
            (Status::NotSelected, _) => ("·", "NOT SELECTED", "unselected"),
        };
        Badge { glyph, word, class }
    }

    pub fn of_row(row: &ResultRow) -> Badge {
        Badge::of(&row.status, row.decision.role.as_ref()).in_mode(row.decision.mode.as_ref())
    }

    /// The same of an incremental model that is built so.
    pub fn in_mode(self, mode: Option<&Word<Mode>>) -> Badge {
        let extended = mode.is_some_and(|mode| *mode == Mode::Incremental) && matches!(self.class, "build" | "cascade");
        if extended { Badge { word: "EXTEND", ..self } } else { self }
    }
}

/// What the graph says of a node's tests in words, where something is wrong: `✗ 2 tests`.
pub fn marked(mark: &str) -> Option<String> {
    let (letter, failed) = mark.split_at_checked(1)?;
    let glyph = match letter {
        "f" => "✗",
        "w" => "!",
        _ => return None,
    };
    Some(format!("{glyph} {}", count(failed.parse().ok()?, "test")))
}

/// What a node is, in a word.
pub fn kind(kind: &Word<NodeKind>) -> &str {
    match kind {
        Word::Known(NodeKind::Seed) => "seed",
        Word::Known(NodeKind::Sql) => "SQL",
        Word::Known(NodeKind::Python) => "Python",
        Word::Unknown(word) => word,
    }
}

pub fn materialized(materialized: &Word<Materialization>) -> &str {
    match materialized {
        Word::Known(known) => known.word(),
        Word::Unknown(word) => word,
    }
}

/// How many, as people read it: for templates.
pub trait Thousands {
    /// `12,345`.
    fn thousands(&self) -> String;
}

impl Thousands for usize {
    fn thousands(&self) -> String {
        grouped(*self)
    }
}

impl Thousands for u64 {
    fn thousands(&self) -> String {
        number(*self)
    }
}

/// `12,345`.
pub fn number(number: u64) -> String {
    grouped(number as usize)
}

/// What a run came to, in a word that is a class too.
pub fn state(totals: &Totals) -> &'static str {
    match totals {
        totals if totals.failed + totals.hooks_failed > 0 => "failed",
        totals if totals.built > 0 => "rebuilt",
        _ => "quiet",
    }
}

/// `1 row`, `3 rows`.
pub fn count(count: usize, word: &str) -> String {
    counted(count, word)
}

/// `2026-11-22 10:15:00 UTC` for an RFC 3339 time; anything else as it is.
pub fn time(instant: &str) -> String {
    match instant.split_once('T') {
        Some((day, clock)) if clock.ends_with('Z') && clock.len() >= 9 && clock.is_ascii() => {
            format!("{day} {} UTC", &clock[..8])
        }
        _ => instant.to_string(),
    }
}

/// `24 Nov 08:05 · c000` for a run's id; anything else as it is. The whole id belongs beside it, out of the way.
pub fn run_name(run_id: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let read = || {
        let (time, letters) = run_id.split_once('-')?;
        let digits = time.strip_suffix('Z')?.replacen('T', "", 1);
        if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = |range: std::ops::Range<usize>| digits[range].parse::<usize>().ok();
        let month = MONTHS.get(number(4..6)?.checked_sub(1)?)?;
        Some(format!("{} {month} {}:{} · {letters}", number(6..8)?, &digits[8..10], &digits[10..12]))
    };
    read().unwrap_or_else(|| run_id.to_string())
}

/// `3 d`, `5 h`, `12 min`, `40 s`, of seconds.
pub fn age(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let unit = units.iter().find(|(_, size)| seconds >= *size);
    unit.map_or("0 s".into(), |(word, size)| format!("{} {word}", seconds / size))
}

/// The first letters of a commit.
pub fn commit(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_read_well() {
        assert_eq!([number(0), number(999), number(1000), number(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([duration(61), duration(12_300), duration(125_000)], ["61 ms", "12.3 s", "2 min 5 s"]);
        assert_eq!(time("2026-11-22T10:15:00.123Z"), "2026-11-22 10:15:00 UTC");
        assert_eq!(time("Té"), "Té");
        assert_eq!(run_name("20261124T080530Z-c000"), "24 Nov 08:05 · c000");
        assert_eq!(run_name("20261324T080530Z-c000"), "20261324T080530Z-c000");
        assert_eq!(run_name("é"), "é");
        assert_eq!([count(1, "row"), count(2, "row")], ["1 row", "2 rows"]);
    }
}

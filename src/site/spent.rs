//! Where the build time of a run went, and what was not spent: the last known time of each node that was skipped.

use super::time::run::unspent;
use super::word::Badge;
use super::{Site, word};
use crate::artifact::results::ResultRow;
use serde::Serialize;

/// Width of the bar, in its own units.
pub const WIDTH: u64 = 1000;
/// The least that a part which there is takes.
const LEAST: u64 = 6;

/// Milliseconds of building by what they were spent for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spent {
    pub changed: u64,
    pub followed: u64,
    pub failed: u64,
    /// What skipped nodes took when they were last built, of those of which that is recorded.
    pub saved: u64,
}

/// A part of the bar: its class, and where it stands.
pub struct Segment {
    pub class: &'static str,
    pub x: u64,
    pub width: u64,
}

impl Spent {
    /// Of the last run.
    pub fn of(site: &Site<'_>) -> Spent {
        let results = site.input.results;
        let kept = site.input.runs.iter().find(|run| run.run_id == results.metadata.run_id);
        let saved = kept.map_or(0, |run| unspent(site, run).ms);
        let mut spent = Spent { saved, ..Spent::default() };
        results.results.iter().for_each(|row| spent.add(row));
        spent
    }

    fn add(&mut self, row: &ResultRow) {
        let took = row.duration_ms.unwrap_or_default();
        match Badge::of_row(row).class {
            "build" => self.changed += took,
            "cascade" => self.followed += took,
            "error" => self.failed += took,
            _ => {}
        }
    }

    fn total(self) -> u64 {
        self.changed + self.followed + self.failed + self.saved
    }

    /// `36 of 63 ms not spent`; empty where nothing was saved.
    pub fn words(self) -> String {
        if self.saved == 0 {
            return String::new();
        }
        let (part, whole) = (word::duration(self.saved), word::duration(self.total()));
        let unit = |text: &str| text.rsplit_once(' ').map(|(_, unit)| unit.to_string());
        let alike = unit(&part) == unit(&whole) && part.matches(' ').count() == 1 && whole.matches(' ').count() == 1;
        let part =
            if alike { part.rsplit_once(' ').map_or(part.clone(), |(number, _)| number.to_string()) } else { part };
        format!("{part} of {whole} not spent")
    }

    /// What the bar says, for who doesn't see it.
    pub fn told(self) -> String {
        let parts = [
            (self.changed, "for what changed"),
            (self.followed, "for what followed"),
            (self.failed, "for what failed"),
            (self.saved, "not spent"),
        ];
        let told = parts.iter().filter(|(time, _)| *time > 0);
        let told: Vec<String> = told.map(|(time, words)| format!("{} {words}", word::duration(*time))).collect();
        format!("Build time: {}", told.join(", "))
    }

    /// The parts of the bar that there are, from left to right, with a unit between two.
    pub fn segments(self) -> Vec<Segment> {
        let total = self.total();
        let parts =
            [("changed", self.changed), ("followed", self.followed), ("failed", self.failed), ("saved", self.saved)];
        let mut found = Vec::new();
        let mut x = 0;
        for (class, time) in parts.into_iter().filter(|(_, time)| *time > 0) {
            let width = (time * WIDTH / total.max(1)).max(LEAST).min(WIDTH.saturating_sub(x));
            found.push(Segment { class, x, width: width.saturating_sub(2).max(1) });
            x += width;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_spent_is_told_with_its_share() {
        let spent = Spent { changed: 17, followed: 10, failed: 0, saved: 36 };
        assert_eq!(spent.words(), "36 of 63 ms not spent");
        assert_eq!(Spent { changed: 9_900, ..spent }.words(), "36 ms of 9.9 s not spent");
        assert_eq!(Spent::default().words(), "");
        assert_eq!(spent.told(), "Build time: 17 ms for what changed, 10 ms for what followed, 36 ms not spent");
        let segments = spent.segments();
        assert_eq!(segments.iter().map(|one| one.class).collect::<Vec<_>>(), ["changed", "followed", "saved"]);
        assert!(segments.windows(2).all(|two| two[0].x + two[0].width < two[1].x));
        assert!(segments.iter().all(|one| one.x + one.width <= WIDTH));
    }
}

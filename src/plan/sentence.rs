//! The one wording of a reason, for terminal, artifacts and pages.
//!
//! `title: name (note, note)`. No clock, no path of this machine, nothing withheld.

use super::{Cause, Code, DataChange, Side};
use crate::fingerprint::{Change, InputKind, Kind};

/// Characters of a value that a sentence tells at most.
const SHORT: usize = 40;
/// Inputs that a sentence names at most.
const NAMED: usize = 3;

impl Cause {
    /// The reason in words.
    pub fn sentence(&self) -> String {
        let mut text = self.code.title().to_string();
        if let Some(name) = &self.name {
            text.push_str(": ");
            text.push_str(name);
        }
        let notes: Vec<String> = [self.value_words(), self.data.as_ref().map(DataChange::words), self.change_words()]
            .into_iter()
            .flatten()
            .chain(self.detail.clone())
            .collect();
        if !notes.is_empty() {
            text.push_str(&format!(" ({})", notes.join(", ")));
        }
        text
    }

    /// Short values are told: `table → view`.
    fn value_words(&self) -> Option<String> {
        let told = [Kind::Config, Kind::Var, Kind::Engine, Kind::Profile, Kind::Env, Kind::SourceData];
        if !self.kind.is_some_and(|kind| told.contains(&kind)) || (self.before.is_none() && self.after.is_none()) {
            return None;
        }
        Some(format!("{} → {}", short(self.before.as_ref())?, short(self.after.as_ref())?))
    }

    fn change_words(&self) -> Option<String> {
        if matches!(self.code, Code::DependencyAdded | Code::DependencyRemoved) || self.value_words().is_some() {
            return None;
        }
        match self.change? {
            Change::Renamed => Some("file renamed".into()),
            _ if self.cosmetic == Some(true) => Some("comments and white space only".into()),
            _ if self.kind == Some(Kind::Env) => self.env_words(),
            Change::Added => Some("new".into()),
            Change::Removed => Some("removed".into()),
            Change::Modified | Change::Reordered => self.origin_words(),
        }
    }

    /// Whether a variable is set is no secret, even where its value is.
    fn env_words(&self) -> Option<String> {
        let words = match (&self.before, &self.after) {
            (None, Some(_)) => "now set",
            (Some(_), None) => "no longer set",
            (None, None) if self.change == Some(Change::Removed) => "no longer read, unset",
            (None, None) => "now read, unset",
            (Some(before), Some(after)) if before.withheld || after.withheld => "value withheld",
            (Some(_), Some(_)) => return None,
        };
        Some(words.into())
    }

    /// What made a rendered text change, where that isn't its own template alone.
    fn origin_words(&self) -> Option<String> {
        if self.attributed_to.iter().all(|one| one.kind == InputKind::Template) {
            return None;
        }
        let one = |kind: InputKind, name: &str, path: &str| match kind {
            InputKind::Template => "the template".to_string(),
            InputKind::Macro => format!("macro {name} in {path}"),
            InputKind::Var => format!("var {name} in {path}"),
            InputKind::Env => format!("env {name} in {path}"),
        };
        let named = self.attributed_to.iter().take(NAMED).map(|found| one(found.kind, &found.name, &found.path));
        let words = named.collect::<Vec<_>>().join(" and ");
        let more = self.attributed_to.len().saturating_sub(NAMED);
        Some(if more == 0 { format!("by {words}") } else { format!("by {words} and {more} more") })
    }
}

/// A side's value where it is short and may be shown; `unset` where there is none.
fn short(side: Option<&Side>) -> Option<String> {
    let Some(side) = side else { return Some("unset".into()) };
    let fits = |value: &String| value.chars().count() <= SHORT && !value.contains('\n');
    side.value.clone().filter(|value| !side.withheld && fits(value))
}

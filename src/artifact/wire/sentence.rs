//! The one wording of a reason, made from what is written of it, for terminal, artifacts and pages.
//!
//! `title: name (note, note)`; of rules `how seeds are read changed (note)`. No clock, no path of this machine, nothing withheld.

use super::listed::listed;
use super::{Attribution, Cause, DataChange, Side, TextDiff, Word, data, setting};
use crate::fingerprint::{Change, InputKind, Kind, rules};
use crate::plan::Code;

/// Characters of a value that a sentence tells at most.
const SHORT: usize = 40;

impl Attribution {
    /// What became of the input, in words: `macro shout was modified  macros/words.sql:1`.
    pub fn sentence(&self) -> String {
        let place = match self.line {
            0 if self.path == self.name => String::new(),
            0 => format!("  {}", self.path),
            line => format!("  {}:{line}", self.path),
        };
        let values = self.values().map(|values| format!(": {values}")).unwrap_or_default();
        format!("{} {} was {}{values}{place}", self.kind.as_str(), self.name, self.change.as_str())
    }

    /// Both values of a var or a variable where they are short and may be shown: `15 → 20`.
    fn values(&self) -> Option<String> {
        let fits = |value: &&String| value.chars().count() <= SHORT && !value.contains('\n');
        let short = |value: &Option<String>| value.as_ref().filter(fits).cloned();
        Some(format!("{} → {}", short(&self.before_value)?, short(&self.after_value)?))
    }

    /// Whether it is the template of the text that is called `path`, which may say behind it which text of it.
    fn is_own(&self, path: &str) -> bool {
        self.kind == InputKind::Template && path.starts_with(&self.path)
    }

    /// The input that made a text at `path` change: `var limit: 15 → 20, in macros/limits.sql`.
    fn origin(&self, path: &str) -> String {
        if self.kind == InputKind::Template {
            return if self.is_own(path) { "the template".into() } else { self.path.clone() };
        }
        let withheld = self.kind == InputKind::Env && self.change == Change::Modified && self.after_value.is_none();
        let (what, separator) = match self.values() {
            Some(values) => (format!(": {values}"), ", in "),
            None if withheld => (": value withheld".into(), ", in "),
            None => (String::new(), " in "),
        };
        let place = if self.path == path { String::new() } else { format!("{separator}{}", self.path) };
        format!("{} {}{what}{place}", self.kind.as_str(), self.name)
    }
}

/// The reason in words. Of a code that this fft doesn't know, the code itself speaks.
pub(super) fn of(cause: &Cause) -> String {
    let mut text = title(&cause.code);
    match &cause.name {
        Some(name) if cause.is_of(Kind::Rules) => text = format!("{} changed", rules::described(name)),
        Some(name) => text.push_str(&format!(": {name}")),
        None => {}
    }
    let notes: Vec<String> = [cause.value_words(), cause.data.as_ref().map(DataChange::words), cause.change_words()]
        .into_iter()
        .flatten()
        .chain(cause.detail.clone())
        .collect();
    if !notes.is_empty() {
        text.push_str(&format!(" ({})", notes.join(", ")));
    }
    text
}

/// A code in words.
pub fn title(code: &Word<Code>) -> String {
    match code {
        Word::Known(code) => code.title().into(),
        Word::Unknown(word) => word.replace('_', " "),
    }
}

impl Cause {
    /// Whether it is about a component of this kind.
    pub fn is_of(&self, kind: Kind) -> bool {
        self.kind == Some(Word::Known(kind))
    }

    /// The cause's diff, unless the diffs of the templates or parts that it is told by say it all.
    pub fn own_diff(&self) -> Option<&TextDiff> {
        let of_text = |kind| !matches!(kind, Some(InputKind::Macro | InputKind::Var | InputKind::Env));
        let told = |found: &Attribution| of_text(found.kind.known()) && found.diff.is_some();
        let all = !self.attributed_to.is_empty() && self.attributed_to.iter().all(told);
        self.diff.as_ref().filter(|_| !all)
    }

    /// Short values are told: `table → view`; of files which came, went or changed.
    fn value_words(&self) -> Option<String> {
        let kind = self.kind.as_ref().and_then(Word::known);
        if matches!(kind, Some(Kind::SourceData | Kind::File)) {
            let value = |side: &Option<Side>| side.as_ref().and_then(|side| side.value.clone());
            match self.change.as_ref().and_then(Word::known) {
                Some(Change::Added) => return Some("watched from now on".into()),
                Some(Change::Removed) => return Some("no longer watched".into()),
                _ => {}
            }
            if let Some(words) = data::words(value(&self.before).as_deref(), value(&self.after).as_deref()) {
                return Some(words);
            }
        }
        if self.is_of(Kind::Setting) {
            // Of a side that isn't there, nothing; of one that is withheld, nothing can be said.
            let value = |side: &'_ Option<Side>| side.as_ref().map_or(Some(None), |side| side.value.clone().map(Some));
            let (before, after) = (value(&self.before)?, value(&self.after)?);
            return setting::change(self.name.as_deref()?, before.as_deref(), after.as_deref());
        }
        if self.is_of(Kind::Rules) {
            let number = |side: &Option<Side>| match side {
                Some(side) => short(Some(side)),
                None => Some(rules::FIRST.to_string()),
            };
            return Some(format!("rules {} → {}", number(&self.before)?, number(&self.after)?));
        }
        let told = [Kind::Config, Kind::Var, Kind::Engine, Kind::Profile, Kind::Env, Kind::SourceData];
        if !kind.is_some_and(|kind| told.contains(&kind)) || (self.before.is_none() && self.after.is_none()) {
            return None;
        }
        Some(format!("{} → {}", short(self.before.as_ref())?, short(self.after.as_ref())?))
    }

    fn change_words(&self) -> Option<String> {
        if matches!(self.code.known(), Some(Code::DependencyAdded | Code::DependencyRemoved))
            || self.value_words().is_some()
        {
            return None;
        }
        if self.is_of(Kind::Rules) {
            return None;
        }
        match self.change.as_ref()?.known()? {
            Change::Renamed => Some("file renamed".into()),
            _ if self.output.is_some() => Some("its rows are the same".into()),
            _ if self.kept && self.code.is_upstream() && self.cosmetic.is_none() => {
                Some("its rows are the same".into())
            }
            _ if self.unread.is_some() => Some("nothing that is read of it".into()),
            _ if self.cosmetic == Some(true) => Some("comments and white space only".into()),
            _ if self.is_of(Kind::Env) => self.env_words(),
            Change::Added => Some("new".into()),
            Change::Removed => Some("removed".into()),
            Change::Modified => self.origin_words(),
        }
    }

    /// Whether a variable is set is no secret, even where its value is.
    fn env_words(&self) -> Option<String> {
        let words = match (&self.before, &self.after) {
            (None, Some(_)) => "now set",
            (Some(_), None) => "no longer set",
            (None, None) if self.change == Some(Word::Known(Change::Removed)) => "no longer read, unset",
            (None, None) => "now read, unset",
            (Some(before), Some(after)) if before.withheld || after.withheld => "value withheld",
            (Some(_), Some(_)) => return None,
        };
        Some(words.into())
    }

    /// What made a text change, where that isn't its own template alone.
    fn origin_words(&self) -> Option<String> {
        if self.is_of(Kind::Hook) {
            return None;
        }
        if !self.is_of(Kind::Sql) {
            return self.part_words();
        }
        let own = self.name.as_deref().unwrap_or_default();
        let renamed = self.change == Some(Word::Known(Change::Renamed));
        if self.attributed_to.iter().all(|one| one.is_own(own) || renamed && one.kind == InputKind::Template) {
            return None;
        }
        let one = |found: &Attribution| found.origin(own);
        Some(format!("by {}", listed(&self.attributed_to.iter().map(one).collect::<Vec<_>>())))
    }

    /// Which parts of a Python text are different; those with another meaning, where there are any.
    fn part_words(&self) -> Option<String> {
        let meant: Vec<&Attribution> = self.attributed_to.iter().filter(|one| !one.cosmetic).collect();
        if meant.is_empty() {
            let moved = self.attributed_to.is_empty() && self.diff.is_some() && self.detail.is_none();
            return moved.then(|| "the same parts in another order".into());
        }
        let one = |found: &&Attribution| {
            let what = format!("{} {}", found.kind.as_str(), found.name);
            let place = if found.line > 0 { format!("{}:{}", found.path, found.line) } else { found.path.clone() };
            match found.change.known() {
                Some(Change::Added) => format!("new {what} in {place}"),
                Some(Change::Removed) => format!("{what} gone from {place}"),
                _ => format!("{what} in {place}"),
            }
        };
        Some(listed(&meant.iter().map(one).collect::<Vec<_>>()))
    }
}

/// A side's value where it is short and may be shown; `unset` where there is none.
pub(super) fn short(side: Option<&Side>) -> Option<String> {
    let Some(side) = side else { return Some("unset".into()) };
    let fits = |value: &String| value.chars().count() <= SHORT && !value.contains('\n');
    side.value.clone().filter(|value| !side.withheld && fits(value))
}
